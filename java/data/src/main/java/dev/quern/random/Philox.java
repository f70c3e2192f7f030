package dev.quern.random;

/**
 * Philox4x32-10, the counter-based generator of Salmon et al. (2011), keyed by (seed, epoch, sample, slot): every draw is a pure function,
 * so batches, threads and resumption cannot change it.
 *
 * <p>The key is the seed; the counter's words are sample (low, high), epoch, slot. {@link Slot} says who draws where.
 */
public final class Philox {
    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;
    private static final long LOW = 0xFFFFFFFFL;

    private Philox() {}

    /**
     * 64 random bits: the first two words of the block.
     *
     * @param epoch its low 32 bits count
     */
    public static long bits(long seed, long epoch, long sample, int slot) {
        return bits(seed, epoch, sample, slot, 0);
    }

    private static long bits(long seed, long epoch, long sample, int slot, int half) {
        return block((int) sample, (int) (sample >>> 32), (int) epoch, slot, (int) seed, (int) (seed >>> 32), half);
    }

    /** Uniform in [0, 1) with 53 bits. */
    public static double uniform(long seed, long epoch, long sample, int slot) {
        return (bits(seed, epoch, sample, slot) >>> 11) * 0x1p-53;
    }

    /** Uniform in [0, 1) with 24 bits. */
    public static float uniformFloat(long seed, long epoch, long sample, int slot) {
        return (bits(seed, epoch, sample, slot) >>> 40) * 0x1p-24f;
    }

    /** Uniform in 0 … {@code bound} − 1; no value is more than 2⁻³² likelier than another. */
    public static int uniformInt(int bound, long seed, long epoch, long sample, int slot) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound is " + bound + ", allowed: ≥ 1");
        }
        return (int) Math.multiplyHigh(bits(seed, epoch, sample, slot) >>> 1, (long) bound << 1);
    }

    /** A fair coin. */
    public static boolean coin(long seed, long epoch, long sample, int slot) {
        return bits(seed, epoch, sample, slot) < 0;
    }

    /** A standard Gumbel variable; the same bits on every machine. */
    public static double gumbel(long seed, long epoch, long sample, int slot) {
        double open = ((bits(seed, epoch, sample, slot) >>> 12) + 0.5) * 0x1p-52;
        return -StrictMath.log(-StrictMath.log(open));
    }

    /** A standard normal variable (Box and Muller 1958); the same bits on every machine. */
    public static double normal(long seed, long epoch, long sample, int slot) {
        double open = ((bits(seed, epoch, sample, slot, 0) >>> 12) + 0.5) * 0x1p-52;
        double turn = (bits(seed, epoch, sample, slot, 1) >>> 11) * 0x1p-53;
        return Math.sqrt(-2 * StrictMath.log(open)) * StrictMath.cos(2 * Math.PI * turn);
    }

    /** A random order of 0 … {@code n} − 1. */
    public static int[] permutation(long seed, long epoch, int n, int slot) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        return shuffle(order, seed, epoch, slot);
    }

    /** Shuffles {@code values} in place (Fisher–Yates) and returns them. */
    public static int[] shuffle(int[] values, long seed, long epoch, int slot) {
        return shuffle(values, seed, epoch, 0, slot);
    }

    /** The same with the draws of the samples from {@code first} on, one for each value. */
    public static int[] shuffle(int[] values, long seed, long epoch, long first, int slot) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = uniformInt(i + 1, seed, epoch, first + i, slot);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
        return values;
    }

    /** Two of the four words of one block: words 0 and 1 for {@code half} 0, words 2 and 3 for {@code half} 1; the lower word is low. */
    static long block(int c0, int c1, int c2, int c3, int key0, int key1, int half) {
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = (MULTIPLIER_0 & LOW) * (c0 & LOW);
            long product1 = (MULTIPLIER_1 & LOW) * (c2 & LOW);
            c0 = (int) (product1 >>> 32) ^ c1 ^ key0;
            c2 = (int) (product0 >>> 32) ^ c3 ^ key1;
            c1 = (int) product1;
            c3 = (int) product0;
            key0 += WEYL_0;
            key1 += WEYL_1;
        }
        return half == 0 ? (c0 & LOW) | (long) c1 << 32 : (c2 & LOW) | (long) c3 << 32;
    }
}
