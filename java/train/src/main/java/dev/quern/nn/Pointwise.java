package dev.quern.nn;

import dev.quern.kernels.Processor;

/** How convolutions with kernels of one pixel run on the CPU. Both ways sum the same products in float32, in another order. */
public enum Pointwise {
    /** By LibTorch's convolution, that is by oneDNN: the faster way in float32. */
    CONVOLUTION,
    /**
     * By a matrix product over pixels. LibTorch 2.10 carries oneDNN 3.7, which takes caches that a processor hides for one byte and then divides
     * by zero in many of these convolutions. In bfloat16 it is as fast as a convolution, in float32 half as fast.
     */
    LINEAR;

    /** The system property that chooses: {@code auto}, {@code convolution} or {@code linear}. */
    public static final String SETTING = "quern.pointwise";

    /**
     * The way of this process: as {@link #SETTING} says, or by {@code auto}, the default, {@link #LINEAR} where the processor hides its caches.
     *
     * @throws IllegalArgumentException if the setting is none of the three
     */
    public static Pointwise chosen() {
        String setting = System.getProperty(SETTING, "auto");
        return switch (setting) {
            case "auto" -> Machine.WAY;
            case "convolution" -> CONVOLUTION;
            case "linear" -> LINEAR;
            default ->
                throw new IllegalArgumentException(
                        SETTING + " is '" + setting + "', allowed: auto, convolution, linear");
        };
    }

    private static final class Machine {
        private static final Pointwise WAY = Processor.current().hidesCaches() ? LINEAR : CONVOLUTION;
    }
}
