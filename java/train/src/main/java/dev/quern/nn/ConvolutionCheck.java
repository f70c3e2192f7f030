package dev.quern.nn;

import dev.quern.kernels.Processor;
import dev.quern.kernels.UnsupportedByMachineException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Holds LibTorch's convolutions, values and gradients, against themselves in float64, which oneDNN has no part in. On processors that hide
 * their caches oneDNN is known to err; {@link TorchThreads#set} checks a few shapes there before anything is computed.
 */
public final class ConvolutionCheck {
    /** Those that go wrong where caches are hidden: in channels-first order, and the last unless it runs as a matrix product. */
    private static final List<Shape> FEW = List.of(
            new Shape(3, 8, 3, 1, 8),
            new Shape(8, 24, 3, 1, 8),
            new Shape(16, 8, 3, 2, 14),
            new Shape(24, 48, 3, 2, 7),
            new Shape(256, 512, 1, 2, 8));

    private static final int BATCH = 4;
    private static final List<String> RESULTS = List.of("values", "gradients of the input", "gradients of the weights");

    private ConvolutionCheck() {}

    /**
     * A convolution of square images, padded to keep their size at stride 1 unless stride and kernel are equal, as where patches are mapped.
     *
     * @param side of the images in pixels
     */
    public record Shape(long in, long out, long kernel, long stride, long side) {
        private long padding() {
            return stride == kernel ? 0 : kernel / 2;
        }

        /** For one image. */
        public long multiplyAdds() {
            return in * out * kernel * kernel * sideAfter() * sideAfter();
        }

        private long sideAfter() {
            return (side + 2 * padding() - kernel) / stride + 1;
        }

        @Override
        public String toString() {
            return kernel + "×" + kernel + " from " + in + " to " + out + " channels, stride " + stride + ", " + side
                    + "×" + side + " pixels";
        }
    }

    /**
     * Refuses a processor on which LibTorch errs.
     *
     * @throws UnsupportedByMachineException naming what is wrong
     */
    static void require() {
        error().ifPresent(wrong -> {
            throw new UnsupportedByMachineException("LibTorch errs on this processor ("
                    + Processor.current().name() + "), so nothing is trained here: " + wrong);
        });
    }

    /** What is wrong with the first of a few convolutions, in the precisions that training takes on this processor; empty if nothing is. */
    public static Optional<String> error() {
        return Stream.of(Precision.FP32, CpuFeatures.fastestPrecision())
                .distinct()
                .flatMap(precision -> FEW.stream().map(shape -> error(shape, BATCH, precision)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** What is wrong with a convolution; empty if nothing is. */
    public static Optional<String> error(Shape shape, long batch, Precision precision) {
        return error(shape, batch, precision, precision == Precision.BF16 ? 2e-2 : 1e-4);
    }

    /** @param allowed largest error by the largest number */
    static Optional<String> error(Shape shape, long batch, Precision precision, double allowed) {
        try (PointerScope scope = new PointerScope()) {
            ScalarType type = precision == Precision.BF16 ? ScalarType.BFloat16 : ScalarType.Float;
            Tensor x = numbers(1, type, batch, shape.in, shape.side, shape.side);
            Tensor weight = numbers(2, type, shape.out, shape.in, shape.kernel, shape.kernel);
            Tensor direction = numbers(3, type, batch, shape.out, shape.sideAfter(), shape.sideAfter());
            List<Tensor> expected = valuesAndGradients(
                    shape, x.to(ScalarType.Double), weight.to(ScalarType.Double), direction.to(ScalarType.Double));
            poison(expected);
            List<Tensor> found = valuesAndGradients(shape, x, weight, direction);
            for (int i = 0; i < RESULTS.size(); i++) {
                double distance = distance(found.get(i), expected.get(i));
                if (!(distance <= allowed)) {
                    return Optional.of(String.format(
                            "%s of a convolution in %s, %s, batch %d, are off by %.2g of the largest, allowed: %s",
                            RESULTS.get(i),
                            precision.name().toLowerCase(Locale.ROOT),
                            shape,
                            batch,
                            distance,
                            allowed == 0 ? "0" : String.format("%.0e", allowed)));
                }
            }
            return Optional.empty();
        }
    }

    private static List<Tensor> valuesAndGradients(Shape shape, Tensor x, Tensor weight, Tensor direction) {
        Tensor input = x.detach().requires_grad_(true);
        Tensor kernel = weight.detach().requires_grad_(true);
        Tensor y = Convolution.convolve(input, kernel, new TensorOptional(), shape.stride, shape.padding());
        y.backward(direction, new BoolOptional(), false, new TensorArrayRefOptional());
        return List.of(y.detach(), input.grad(), kernel.grad());
    }

    /** Leaves NaN in freed memory of the sizes that follow, so that whoever reads what nobody wrote is found out. */
    private static void poison(List<Tensor> sizes) {
        for (ScalarType type : List.of(ScalarType.Float, ScalarType.BFloat16)) {
            sizes.stream()
                    .map(like -> torch.full(like.shape(), new Scalar(Float.NaN)).to(type))
                    .toList()
                    .forEach(Tensor::close);
        }
    }

    /** Numbers in [−½, ½) that look random, without a generator's state. */
    private static Tensor numbers(long seed, ScalarType type, long... shape) {
        long count = LongStream.of(shape).reduce(1, Math::multiplyExact);
        Tensor places = torch.arange(new Scalar(count)).to(ScalarType.Double).add(new Scalar(count * seed));
        Tensor scattered = places.mul(new Scalar(12.9898)).sin().mul(new Scalar(43758.5453));
        return scattered.sub(scattered.floor()).sub(new Scalar(0.5)).to(type).view(shape);
    }

    /** The largest difference by the largest expected number; NaN if there is one. */
    private static double distance(Tensor found, Tensor expected) {
        return found.to(ScalarType.Double).sub(expected).abs().max().item_double()
                / expected.abs().max().item_double();
    }
}
