package dev.quern.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EngineTest {
    private static final int D = 24;

    @Test
    void theNativeLibraryIsThereAndSaysWhichTiersItRefuses() {
        Quern.State state = Quern.state();
        assertThat(state.reason()).isEmpty();
        assertThat(state.available()).isTrue();
        assertThat(state.version()).isEqualTo("0.1.0");
        assertThat(state.refusedTiers()).doesNotContainKeys(Isa.AUTO, Isa.BASELINE);
        assertThat(state.refusedTiers().values()).allMatch(reason -> !reason.isBlank());
    }

    @Test
    void anEngineHasTheThreadsAndTheTierItWasAskedFor() {
        try (Engine engine = Engine.open(Engine.Options.DEFAULT.withThreads(3).withIsa(Isa.BASELINE))) {
            assertThat(engine.threads()).isEqualTo(3);
            assertThat(engine.isa()).isEqualTo(Isa.BASELINE);
        }
    }

    @Test
    void badOptionsAreRefusedByName() {
        assertThatThrownBy(() -> Engine.open(Engine.Options.DEFAULT.withThreads(5000)))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessage("threads is 5000, allowed: 0 … 1024");
    }

    @Test
    void aRefusedTierSaysWhy() {
        Quern.state()
                .refusedTiers()
                .forEach((isa, reason) -> assertThatThrownBy(() -> Engine.open(Engine.Options.DEFAULT.withIsa(isa)))
                        .isInstanceOf(UnsupportedByMachineException.class)
                        .hasMessageContaining(reason));
    }

    @Test
    void everyTierReturnsTheSameBits() {
        float[] x = gaussian(1, 400 * D);
        float[] y = gaussian(2, 400 * D);
        float[] expected = null;
        for (Isa isa : Isa.values()) {
            if (Quern.state().refusedTiers().containsKey(isa)) {
                continue;
            }
            try (Engine engine = Engine.open(Engine.Options.DEFAULT.withIsa(isa))) {
                float[] cosine = CosineConsistency.ofRows(engine, x, y, D);
                expected = expected == null ? cosine : expected;
                assertThat(cosine).as(isa.name()).isEqualTo(expected);
            }
        }
    }

    @Test
    void aClosedEngineSaysSo() {
        Engine engine = Engine.open();
        engine.close();
        engine.close();
        assertThatThrownBy(() -> CosineConsistency.ofRows(engine, new float[D], new float[D], D))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("engine is closed");
    }

    @Test
    void theFiniteCheckNamesTheFirstBadValue() {
        float[] x = gaussian(3, 2 * D);
        x[D + 5] = Float.NaN;
        try (Engine engine = Engine.open(Engine.Options.DEFAULT.withFiniteCheck(Engine.FiniteCheck.ON))) {
            assertThatThrownBy(() -> CosineConsistency.ofRows(engine, x, gaussian(4, 2 * D), D))
                    .isInstanceOf(NotFiniteException.class)
                    .hasMessageStartingWith("x[1,5] is nan");
        }
    }

    @Test
    void manyThreadsOnOneEngineGetTheResultsOfOne() throws Exception {
        float[] points = gaussian(5, 200 * D);
        try (Engine engine = Engine.open()) {
            float[] density = new KnnDensity(5).density(engine, points, D);
            float[] cosine = CosineConsistency.ofRows(engine, points, gaussian(6, 200 * D), D);
            Callable<Boolean> caller = () -> {
                for (int call = 0; call < 100; call++) {
                    assertThat(new KnnDensity(5).density(engine, points, D)).isEqualTo(density);
                    assertThat(CosineConsistency.ofRows(engine, points, gaussian(6, 200 * D), D))
                            .isEqualTo(cosine);
                }
                return true;
            };
            assertThat(runAll(8, caller)).hasSize(8);
        }
    }

    @Test
    void closingWhileOthersCallGivesTheRightAnswerOrSaysClosed() throws Exception {
        float[] x = gaussian(7, 50 * D);
        float[] expected;
        try (Engine engine = Engine.open()) {
            expected = CosineConsistency.ofRows(engine, x, x, D);
        }
        for (int race = 0; race < 500; race++) {
            Engine engine = Engine.open(Engine.Options.DEFAULT.withThreads(2));
            Thread closer = new Thread(engine::close);
            closer.start();
            try {
                assertThat(CosineConsistency.ofRows(engine, x, x, D)).isEqualTo(expected);
            } catch (IllegalStateException closed) {
                assertThat(closed).hasMessage("engine is closed");
            }
            closer.join();
        }
    }

    static List<Boolean> runAll(int threads, Callable<Boolean> caller) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Boolean>> futures = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                futures.add(pool.submit(caller));
            }
            List<Boolean> results = new ArrayList<>();
            for (Future<Boolean> future : futures) {
                results.add(future.get(60, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    static float[] gaussian(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
