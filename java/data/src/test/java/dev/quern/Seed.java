package dev.quern;

import java.util.concurrent.ThreadLocalRandom;

/** The seed of a random test: {@code -Dseed=} or a fresh one, printed so that a failure can be replayed. */
public final class Seed {
    private Seed() {}

    public static long of(String test) {
        String given = System.getProperty("seed");
        long seed = given == null ? ThreadLocalRandom.current().nextLong() : Long.parseLong(given);
        System.out.println(test + ": replay with -Dseed=" + seed);
        return seed;
    }
}
