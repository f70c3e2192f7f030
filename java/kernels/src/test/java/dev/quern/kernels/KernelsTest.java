package dev.quern.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each kernel through Java against plain Java; the numbers themselves are proven in native/tests. */
class KernelsTest {
    private static Engine engine;

    @BeforeAll
    static void open() {
        engine = Engine.open();
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @Test
    void densityIsTheMeanDistanceToTheNearestRows() {
        float[] points = {0, 0, 3, 4, 0, 1, 100, 100};
        assertThat(new KnnDensity(2).density(engine, points, 2)[0]).isEqualTo((5f + 1f) / 2);
    }

    @Test
    void neighboursWithinAClassIgnoreTheOtherClasses() {
        float[] points = {0, 0, 0, 1, 0, 2, 0, 3};
        float[] density = new KnnDensity(1).density(engine, points, 2, new int[] {0, 1, 0, 1});
        assertThat(density).containsExactly(2, 2, 2, 2);
    }

    @Test
    void distancesAndIndicesComeAlong() {
        try (NativeBuffer queries = NativeBuffer.copyOf(new float[] {0, 10}, 2, 1);
                NativeBuffer reference = NativeBuffer.copyOf(new float[] {9, 1, 3}, 3, 1);
                NativeBuffer distances = NativeBuffer.allocate(DType.FLOAT32, 2, 2);
                NativeBuffer indices = NativeBuffer.allocate(DType.INT64, 2, 2)) {
            new KnnDensity(2)
                    .search(engine, queries, null, reference, null, new KnnDensity.Result(null, distances, indices));
            assertThat(distances.toFloats()).containsExactly(1, 3, 1, 7);
            assertThat(indices.toLongs()).containsExactly(1, 2, 0, 2);
        }
    }

    @Test
    void rowsThatNeededTheFallbackAreCounted() {
        int n = 400, crowded = 300, d = 8;
        float[] points = new float[n * d];
        for (int i = 0; i < n * d; i++) {
            points[i] = i < crowded * d ? 1 + i * 37 % 11 * 1e-7f : (i * 37 + i / d) % 101 - 50;
        }
        try (NativeBuffer rows = NativeBuffer.copyOf(points, n, d);
                NativeBuffer density = NativeBuffer.allocate(DType.FLOAT32, n)) {
            long fallback = new KnnDensity(3).search(engine, rows, null, new KnnDensity.Result(density, null, null));
            assertThat(fallback).isBetween((long) crowded, (long) n - 1);
        }
    }

    @Test
    void tooManyNeighboursAreRefused() {
        assertThatThrownBy(() -> new KnnDensity(4).density(engine, new float[8], 2))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("k is 4");
    }

    @Test
    void cosineTakesDirectBuffersAndRawAddresses() {
        FloatBuffer x =
                ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder()).asFloatBuffer();
        x.put(new float[] {1, 0, 3, 4}).flip();
        try (NativeBuffer wrapped = NativeBuffer.wrap(x, DType.FLOAT32, 2, 2);
                NativeBuffer table = NativeBuffer.copyOf(new float[] {0, 1, 1, 0}, 2, 2);
                NativeBuffer raw = NativeBuffer.at(table.address(), DType.FLOAT32, 2, 2);
                NativeBuffer index = NativeBuffer.copyOf(new int[] {1, 0}, 2);
                NativeBuffer out = NativeBuffer.allocate(DType.FLOAT32, 2)) {
            CosineConsistency.ofIndexedRows(engine, wrapped, raw, index, out);
            assertThat(out.toFloats()).containsExactly(1f, 0.8f);
        }
    }

    @Test
    void aSelectionStepMovesGatesAndCountsThoseThatStayOpen() {
        try (NativeBuffer gate = NativeBuffer.copyOf(new double[] {0, 0.01}, 2);
                NativeBuffer velocity = NativeBuffer.copyOf(new double[] {0, 0.2}, 2);
                NativeBuffer merit = NativeBuffer.copyOf(new double[] {1, 2}, 2)) {
            long open = new SelectionStep(100, 1e-3, 0.9).apply(engine, gate, velocity, merit, 2);
            assertThat(open).isEqualTo(1);
            assertThat(velocity.toDoubles()).containsExactly(100 / 2 * 0.25, 0.9 * 0.2);
            assertThat(gate.toDoubles()).containsExactly(-1e-3 * 12.5, 0.01 - 1e-3 * (0.9 * 0.2));
        }
    }

    @Test
    void aMeritThatIsNotFiniteIsRefused() {
        try (NativeBuffer gate = NativeBuffer.allocate(DType.FLOAT64, 2);
                NativeBuffer velocity = NativeBuffer.allocate(DType.FLOAT64, 2);
                NativeBuffer merit = NativeBuffer.copyOf(new double[] {1, Double.NaN}, 2);
                NativeBuffer shorter = NativeBuffer.allocate(DType.FLOAT64, 1)) {
            SelectionStep step = new SelectionStep(100, 1e-3, 0.9);
            assertThatThrownBy(() -> step.apply(engine, gate, velocity, merit, 2))
                    .isInstanceOf(NotFiniteException.class)
                    .hasMessageContaining("gate[1] is nan");
            assertThatThrownBy(() -> step.apply(engine, gate, velocity, shorter, 2))
                    .isInstanceOf(InvalidArgumentException.class)
                    .hasMessageContaining("merit is FLOAT64[1], allowed: FLOAT64[2]");
        }
    }

    @Test
    void aPlanHasItsMarginals() {
        Random random = new Random(5);
        int n = 13;
        int m = 9;
        float[] cost = new float[n * m];
        for (int i = 0; i < cost.length; i++) {
            cost[i] = random.nextFloat();
        }
        Sinkhorn.Result result =
                new Sinkhorn(0.05, 2000, 1e-5).solve(engine, cost, n, m, null, null, Sinkhorn.Plan.RETURN);
        assertThat(result.converged()).containsExactly(true);
        double transport = 0;
        for (int i = 0; i < n; i++) {
            double row = 0;
            for (int j = 0; j < m; j++) {
                row += result.plan()[i * m + j];
                transport += result.plan()[i * m + j] * (double) cost[i * m + j];
            }
            assertThat(row).isCloseTo(1.0 / n, within(1e-5));
        }
        assertThat(result.cost()[0]).isCloseTo(transport, within(1e-6));
    }

    @Test
    void pointCloudsEqualTheirStoredCosts() {
        int n = 40;
        int m = 30;
        int d = 5;
        float[] x = EngineTest.gaussian(1, n * d);
        float[] y = EngineTest.gaussian(2, m * d);
        float[] cost = new float[n * m];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < m; j++) {
                double sum = 0;
                for (int c = 0; c < d; c++) {
                    double difference = (double) x[i * d + c] - y[j * d + c];
                    sum += difference * difference;
                }
                cost[i * m + j] = (float) (0.5 * sum);
            }
        }
        Sinkhorn sinkhorn = new Sinkhorn(0.5, 50, 0);
        double stored = sinkhorn.solve(engine, cost, n, m, null, null, Sinkhorn.Plan.OMIT)
                .cost()[0];
        try (NativeBuffer nativeX = NativeBuffer.copyOf(x, n, d);
                NativeBuffer nativeY = NativeBuffer.copyOf(y, m, d)) {
            double streamed = sinkhorn.solve(engine, new PointClouds(nativeX, nativeY, 0.5))
                    .cost()[0];
            assertThat(streamed).isCloseTo(stored, within(1e-4 * stored));
        }
    }

    @Test
    void theDivergenceOfACloudWithItselfVanishesAndGrowsWithTranslation() {
        float[] x = EngineTest.gaussian(3, 50 * 4);
        double last = -1;
        for (float shift : new float[] {0, 0.5f, 1, 2}) {
            float[] y = x.clone();
            for (int i = 0; i < y.length; i++) {
                y[i] += shift;
            }
            try (NativeBuffer nativeX = NativeBuffer.copyOf(x, 50, 4);
                    NativeBuffer nativeY = NativeBuffer.copyOf(y, 50, 4)) {
                double divergence = new SinkhornDivergence(0.1).between(engine, new PointClouds(nativeX, nativeY, 0.5));
                if (shift == 0) {
                    assertThat(divergence).isCloseTo(0, within(1e-5));
                } else {
                    assertThat(divergence).isGreaterThan(last);
                }
                last = divergence;
            }
        }
    }

    @Test
    void augmentationNormalisesIntoChannelPlanes() {
        byte[] pixels = {(byte) 255, 0, 51, 0, (byte) 255, 102};
        try (NativeBuffer images = NativeBuffer.copyOf(pixels, 1, 1, 2, 3);
                NativeBuffer out = NativeBuffer.allocate(DType.FLOAT32, 1, 3, 1, 2);
                AugmentBatch batch = new AugmentBatch(1, 0)) {
            batch.flip(0, true);
            FusedAugment.UINT8
                    .normalized(DType.FLOAT32, FusedAugment.Layout.NCHW, FusedAugment.Normalization.NONE)
                    .apply(engine, images, batch, out);
            assertThat(out.toFloats()).containsExactly(new float[] {0, 1, 1, 0, 0.4f, 0.2f}, within(1e-6f));
        }
    }

    @Test
    void augmentationRoundsToFloat16AndMixingAndErasingKeepTheType() {
        byte[] pixels = {(byte) 255, 0, 51};
        try (NativeBuffer images = NativeBuffer.copyOf(pixels, 1, 1, 1, 3);
                NativeBuffer half = NativeBuffer.allocate(DType.FLOAT16, 1, 1, 1, 3);
                NativeBuffer mixed = NativeBuffer.allocate(DType.FLOAT16, 1, 1, 1, 3);
                AugmentBatch batch = new AugmentBatch(1, 0)) {
            FusedAugment.UINT8
                    .normalized(DType.FLOAT16, FusedAugment.Layout.NHWC, FusedAugment.Normalization.NONE)
                    .apply(engine, images, batch, half);
            assertThat(float16(half)).containsExactly(1, 0, 0x333p-12f);
            new MixImages(1, new int[1], new float[] {2}, new int[0])
                    .apply(engine, half, FusedAugment.Layout.NHWC, mixed);
            assertThat(float16(mixed)).containsExactly(2, 0, 0x333p-11f);
            new EraseBoxes().add(0, 0, 0, 1, 1, 0.5f, 1, 1.5f).apply(engine, mixed, FusedAugment.Layout.NHWC);
            assertThat(float16(mixed)).containsExactly(0.5f, 1, 1.5f);
        }
    }

    private static float[] float16(NativeBuffer buffer) {
        float[] values = new float[(int) buffer.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = NarrowFloats.float16ToFloat(buffer.bytes().getShort(2 * i));
        }
        return values;
    }

    @Test
    void severalSamplesMayBeViewsOfOneImage() {
        byte[] pixels = {10, 20, 30, 40, 50, 60};
        try (NativeBuffer images = NativeBuffer.copyOf(pixels, 2, 1, 1, 3);
                NativeBuffer out = NativeBuffer.allocate(DType.UINT8, 3, 1, 1, 3);
                AugmentBatch batch = new AugmentBatch(3, 1)) {
            batch.image(0, 1).image(1, 0).image(2, 1).op(2, 0, AugmentOp.INVERT, 0);
            FusedAugment.UINT8.apply(engine, images, batch, out);
            byte[] expected = {40, 50, 60, 10, 20, 30, (byte) 215, (byte) 205, (byte) 195};
            assertThat(out.toBytes()).isEqualTo(expected);
            batch.image(1, 2);
            assertThatThrownBy(() -> FusedAugment.UINT8.apply(engine, images, batch, out))
                    .isInstanceOf(InvalidArgumentException.class)
                    .hasMessageContaining("image_index[1] is 2, allowed: 0 … 1");
        }
    }

    @Test
    void aFreshBatchHasNoCutoutWhateverTheKernels() {
        byte[] pixels = {10, 20, 30};
        try (NativeBuffer images = NativeBuffer.copyOf(pixels, 1, 1, 1, 3);
                NativeBuffer out = NativeBuffer.allocate(DType.UINT8, 1, 1, 1, 3);
                AugmentBatch batch = new AugmentBatch(1, 0)) {
            FusedAugment.UINT8.withCutout(16).apply(engine, images, batch, out);
            assertThat(out.toBytes()).isEqualTo(pixels);
            batch.cutout(0, 0, 0);
            FusedAugment.UINT8.withCutout(16).apply(engine, images, batch, out);
            assertThat(out.toBytes()).containsOnly(0);
        }
    }

    @Test
    void aValueOutOfRangeIsRefusedWithSampleAndSlot() {
        try (NativeBuffer images = NativeBuffer.allocate(DType.UINT8, 2, 4, 4, 3);
                NativeBuffer out = NativeBuffer.allocate(DType.UINT8, 2, 4, 4, 3);
                AugmentBatch batch = new AugmentBatch(2, 2)) {
            batch.op(1, 1, AugmentOp.POSTERIZE, 9);
            assertThatThrownBy(() -> FusedAugment.UINT8.apply(engine, images, batch, out))
                    .isInstanceOf(InvalidArgumentException.class)
                    .hasMessageContaining("values[1,1] is 9");
        }
    }

    @Test
    void wrongShapesAreRefusedBeforeAnythingRuns() {
        assertThatThrownBy(() -> NativeBuffer.copyOf(new float[3], 2, 2))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessage("data has 3 elements, shape [2, 2] needs 4");
        assertThatThrownBy(() -> NativeBuffer.allocate(DType.FLOAT32, Long.MAX_VALUE, 2))
                .hasMessageContaining("overflows");
        assertThatThrownBy(() -> CosineConsistency.ofRows(engine, new float[4], new float[6], 2))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("y_rows is 3");
    }

    @Test
    void plansAndPotentialsGoIntoGivenMemory() {
        Sinkhorn sinkhorn = new Sinkhorn(0.5, 50, 0);
        float[] values = {0, 1, 2, 1, 0, 1};
        try (NativeBuffer cost = NativeBuffer.copyOf(values, 1, 2, 3);
                NativeBuffer plan = NativeBuffer.allocate(DType.FLOAT32, 1, 2, 3);
                NativeBuffer f = NativeBuffer.allocate(DType.FLOAT32, 1, 2);
                NativeBuffer g = NativeBuffer.allocate(DType.FLOAT32, 1, 3)) {
            sinkhorn.solve(engine, cost, null, null, Sinkhorn.Outputs.ofPlan(plan));
            sinkhorn.solve(engine, cost, null, null, Sinkhorn.Outputs.ofPotentials(f, g));
            Sinkhorn.Result expected = sinkhorn.solve(engine, values, 2, 3, null, null, Sinkhorn.Plan.RETURN);
            assertThat(plan.toFloats()).containsExactly(expected.plan());
            assertThat(f.toFloats()).containsExactly(expected.f());
            assertThat(g.toFloats()).containsExactly(expected.g());
        }
    }

    @Test
    void outputsOfAnotherShapeAreRefused() {
        try (NativeBuffer cost = NativeBuffer.allocate(DType.FLOAT32, 1, 2, 3);
                NativeBuffer plan = NativeBuffer.allocate(DType.FLOAT32, 1, 3, 2)) {
            assertThatThrownBy(() ->
                            new Sinkhorn(0.5, 50, 0).solve(engine, cost, null, null, Sinkhorn.Outputs.ofPlan(plan)))
                    .isInstanceOf(InvalidArgumentException.class)
                    .hasMessageContaining("plan is FLOAT32[1, 3, 2]");
        }
    }
}
