package dev.quern.nn;

/**
 * Where a weight starts.
 *
 * @param scale the value of CONSTANT, the standard deviation of NORMAL around 0, the bound of UNIFORM in ±scale
 */
public record InitialValue(Distribution distribution, double scale) {
    /** Biases start so. */
    public static final InitialValue ZERO = constant(0);

    static final InitialValue ONE = constant(1);

    enum Distribution {
        CONSTANT,
        NORMAL,
        UNIFORM
    }

    static InitialValue constant(double value) {
        return new InitialValue(Distribution.CONSTANT, value);
    }

    /** Around 0. */
    public static InitialValue normal(double deviation) {
        return new InitialValue(Distribution.NORMAL, deviation);
    }

    /** Keeps the variance of a rectified signal (He et al. 2015). */
    public static InitialValue kaimingNormal(long fan) {
        return normal(Math.sqrt(2.0 / fan));
    }

    /** Keeps the variance between forward and backward pass (Glorot and Bengio 2010). */
    public static InitialValue xavierUniform(long fanIn, long fanOut) {
        return new InitialValue(Distribution.UNIFORM, Math.sqrt(6.0 / (fanIn + fanOut)));
    }

    /** PyTorch's start of linear layers: uniform in ±1/√fan-in. */
    public static InitialValue uniform(long fanIn) {
        return new InitialValue(Distribution.UNIFORM, 1 / Math.sqrt(fanIn));
    }
}
