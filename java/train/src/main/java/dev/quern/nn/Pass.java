package dev.quern.nn;

import dev.quern.random.Philox;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One pass through a network. Its random numbers are a function of (seed, step, slot, place), so a resumed run draws them again.
 *
 * @param step counted over the whole run
 * @param work who wants to know what it computes
 */
public record Pass(Mode mode, long seed, long step, Work work) {
    /** Above those of quern-data and {@link Initialization}; each random layer of a network adds a number of its own. */
    private static final int FIRST_SLOT = 128;

    /** A random number for each place of a tensor. */
    private interface Draw {
        float at(int place);
    }

    /** That nobody watches. */
    public Pass(Mode mode, long seed, long step) {
        this(mode, seed, step, Work.UNSEEN);
    }

    /**
     * Counts what a tensor took to compute.
     *
     * @param y [B,...]
     * @param terms products whose sum each of its numbers is
     * @return {@code y}
     */
    public Tensor counted(Tensor y, long terms) {
        long sums = 1;
        for (int dimension = 1; dimension < y.dim(); dimension++) {
            sums *= y.size(dimension);
        }
        work.multiplyAdds(sums * terms);
        return y;
    }

    /** Uniform numbers in [0, 1), of the element type of {@code like}. */
    public Tensor uniform(int slot, Tensor like, long... shape) {
        return tensor(uniform(slot, shape), like, shape);
    }

    /** Standard normal numbers, of the element type of {@code like}. */
    public Tensor normal(int slot, Tensor like, long... shape) {
        return tensor(draws(place -> (float) Philox.normal(seed, step, place, FIRST_SLOT + slot), shape), like, shape);
    }

    /**
     * Zeroes parts of a tensor at random and scales the others up to keep its mean, in training passes only: dropout (Srivastava et al.
     * 2014), and with one draw per sample stochastic depth (Huang et al. 2016).
     *
     * @param probability in [0, 1)
     * @param shape of the draws, broadcast over {@code x}
     */
    public Tensor drop(Tensor x, double probability, int slot, long... shape) {
        if (mode == Mode.EVALUATE || probability == 0) {
            return x;
        }
        float[] factors = uniform(slot, shape);
        for (int i = 0; i < factors.length; i++) {
            factors[i] = factors[i] < probability ? 0 : (float) (1 / (1 - probability));
        }
        return x.mul(tensor(factors, x, shape));
    }

    private float[] uniform(int slot, long... shape) {
        return draws(place -> Philox.uniformFloat(seed, step, place, FIRST_SLOT + slot), shape);
    }

    private static float[] draws(Draw draw, long... shape) {
        long count = 1;
        for (long length : shape) {
            count *= length;
        }
        float[] draws = new float[Math.toIntExact(count)];
        for (int i = 0; i < draws.length; i++) {
            draws[i] = draw.at(i);
        }
        return draws;
    }

    private static Tensor tensor(float[] values, Tensor like, long... shape) {
        return torch.tensor(values).view(shape).to(like);
    }
}
