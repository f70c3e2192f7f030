package dev.quern.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The way to the CUDA kernels, on devices of 16 MiB that the native tests' harness simulates, against the engine of the CPU. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SimulatedDeviceTest {
    private static final Device DEVICE = Device.cuda(0);
    private static final int IMAGE = 32 * 32 * 3;

    private static Engine cpu;
    private static Engine cuda;

    @BeforeAll
    static void open() {
        Assumptions.assumeTrue(
                Cuda.state().available(),
                () -> "skipped: no simulated device, " + Cuda.state().reason());
        cpu = Engine.open();
        cuda = Engine.open(DEVICE);
    }

    @AfterAll
    static void close() {
        if (cuda != null) {
            cuda.close();
            cpu.close();
        }
    }

    @Test
    void devicesSayThatTheyAreSimulated() {
        assertThat(Cuda.state().devices())
                .containsExactly(
                        "simulated on the CPU, compute 9.0, 16 MiB", "simulated on the CPU, compute 9.0, 16 MiB");
        assertThat(cuda.device()).isEqualTo(DEVICE);
        assertThat(Device.of("cuda:0")).isEqualTo(DEVICE);
        assertThat(Device.of("cpu")).isEqualTo(Device.CPU).isEqualTo(cpu.device());
    }

    @Test
    void aDeviceThatIsNotThereIsRefusedByName() {
        assertThatThrownBy(() -> Engine.open(Device.cuda(2)))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessage("device is cuda:2, allowed: cpu, cuda:0 … cuda:1");
        assertThatThrownBy(() -> Device.of("gpu"))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessage("device is 'gpu', allowed: cpu, cuda:0, cuda:1, …");
    }

    @Test
    void cosinesAgree() {
        float[] x = EngineTest.gaussian(1, 50 * 24);
        float[] table = EngineTest.gaussian(2, 7 * 24);
        int[] index = new Random(3).ints(50, 0, 7).toArray();
        assertThat(CosineConsistency.ofIndexedRows(cuda, x, table, index, 24))
                .containsExactly(CosineConsistency.ofIndexedRows(cpu, x, table, index, 24), within(6e-7f));
    }

    @Test
    void neighboursAreTheSameAmongAllWithinClassesAndAmongAReference() {
        float[] points = EngineTest.gaussian(4, 120 * 16);
        float[] others = EngineTest.gaussian(5, 70 * 16);
        int[] labels = new Random(6).ints(120, 0, 3).toArray();
        try (NativeBuffer rows = NativeBuffer.copyOf(points, 120, 16);
                NativeBuffer reference = NativeBuffer.copyOf(others, 70, 16);
                NativeBuffer classes = NativeBuffer.copyOf(labels, 120)) {
            for (NativeBuffer within : new NativeBuffer[] {null, classes}) {
                expectTheSameNeighbours(rows, within, null);
            }
            expectTheSameNeighbours(rows, null, reference);
        }
    }

    private static void expectTheSameNeighbours(NativeBuffer rows, NativeBuffer labels, NativeBuffer other) {
        assertThat(neighbours(cuda, rows, labels, other))
                .usingRecursiveComparison()
                .isEqualTo(neighbours(cpu, rows, labels, other));
    }

    private static List<Object> neighbours(Engine engine, NativeBuffer rows, NativeBuffer labels, NativeBuffer other) {
        try (NativeBuffer density = NativeBuffer.allocate(DType.FLOAT32, 120);
                NativeBuffer distances = NativeBuffer.allocate(DType.FLOAT32, 120, 5);
                NativeBuffer indices = NativeBuffer.allocate(DType.INT64, 120, 5)) {
            new KnnDensity(5)
                    .search(engine, rows, labels, other, null, new KnnDensity.Result(density, distances, indices));
            return List.of(density.toFloats(), distances.toFloats(), indices.toLongs());
        }
    }

    @Test
    void transportAgrees() {
        Random random = new Random(7);
        float[] cost = new float[20 * 30];
        for (int i = 0; i < cost.length; i++) {
            cost[i] = random.nextFloat();
        }
        float[] a = new float[20];
        Arrays.fill(a, 0.05f);
        Sinkhorn sinkhorn = new Sinkhorn(0.05, 60, 1e-5);
        Sinkhorn.Result expected = sinkhorn.solve(cpu, cost, 20, 30, a, null, Sinkhorn.Plan.RETURN);
        Sinkhorn.Result result = sinkhorn.solve(cuda, cost, 20, 30, a, null, Sinkhorn.Plan.RETURN);
        assertThat(result.cost()[0]).isCloseTo(expected.cost()[0], within(1e-6));
        assertThat(result.plan()).containsExactly(expected.plan(), within(1e-6f));
        assertThat(result.iterations()).isEqualTo(expected.iterations());
        assertThat(result.converged()).isEqualTo(expected.converged());
    }

    @Test
    void labelledPointCloudsAgreeWhereverTheyLie() {
        try (NativeBuffer x = NativeBuffer.copyOf(EngineTest.gaussian(9, 40 * 6), 40, 6);
                NativeBuffer y = NativeBuffer.copyOf(EngineTest.gaussian(10, 30 * 6), 30, 6);
                NativeBuffer onDevice = NativeBuffer.allocate(DEVICE, DType.FLOAT32, 40, 6);
                NativeBuffer table = NativeBuffer.copyOf(new float[] {0, 1, 2, 0}, 2, 2);
                NativeBuffer xLabels =
                        NativeBuffer.copyOf(new Random(11).ints(40, 0, 2).toArray(), 40);
                NativeBuffer yLabels =
                        NativeBuffer.copyOf(new Random(12).ints(30, 0, 2).toArray(), 30)) {
            cuda.copy(x, onDevice);
            PointClouds clouds = new PointClouds(x, y, 0.5, table, xLabels, yLabels);
            for (NativeBuffer points : List.of(x, onDevice)) {
                PointClouds given = new PointClouds(points, y, 0.5, table, xLabels, yLabels);
                Sinkhorn sinkhorn = new Sinkhorn(1, 20, 0);
                Sinkhorn.Result expected = sinkhorn.solve(cpu, clouds);
                Sinkhorn.Result result = sinkhorn.solve(cuda, given);
                assertThat(result.cost()[0]).isCloseTo(expected.cost()[0], within(2e-6 * expected.cost()[0]));
                assertThat(result.f()).containsExactly(expected.f(), within(1e-4f));
                SinkhornDivergence divergence = new SinkhornDivergence(0.5);
                SinkhornDivergence.Result apart = solveInTwo(cpu, divergence, clouds);
                SinkhornDivergence.Result same = solveInTwo(cuda, divergence, given);
                assertThat(same.value()).containsExactly(apart.value(), within(1e-5));
                assertThat(same.f()).containsExactly(apart.f(), within(1e-4f));
                assertThat(same.g()).containsExactly(apart.g(), within(1e-4f));
                assertThat(same.steps()).isEqualTo(apart.steps());
            }
        }
    }

    /** Two problems of different sizes. */
    private static SinkhornDivergence.Result solveInTwo(Engine engine, SinkhornDivergence divergence, PointClouds all) {
        return divergence.solve(engine, all, new long[] {33, 7}, new long[] {4, 26}, Double.NaN);
    }

    @Test
    void augmentedImagesAreTheSameBitForBitWhereverTheyLie() {
        byte[] pixels = pixels(16);
        FusedAugment kernel = FusedAugment.UINT8.withCutout(8).withPadding(FusedAugment.Padding.REFLECT);
        try (NativeBuffer host = NativeBuffer.copyOf(pixels, 16, 32, 32, 3);
                NativeBuffer expected = NativeBuffer.allocate(DType.UINT8, 16, 32, 32, 3);
                NativeBuffer staged = NativeBuffer.allocate(DType.UINT8, 16, 32, 32, 3);
                NativeBuffer images = NativeBuffer.allocate(DEVICE, DType.UINT8, 16, 32, 32, 3);
                NativeBuffer output = NativeBuffer.allocate(DEVICE, DType.UINT8, 16, 32, 32, 3);
                AugmentBatch batch = everyOp(16)) {
            kernel.apply(cpu, host, batch, expected);
            kernel.apply(cuda, host, batch, staged);
            assertThat(staged.toBytes()).isEqualTo(expected.toBytes());
            cuda.copy(host, images);
            kernel.apply(cuda, images, batch, output);
            cuda.synchronize();
            cuda.copy(output, staged);
            assertThat(staged.toBytes()).isEqualTo(expected.toBytes());
        }
    }

    private static byte[] pixels(int images) {
        byte[] pixels = new byte[images * IMAGE];
        new Random(8).nextBytes(pixels);
        return pixels;
    }

    private static AugmentBatch everyOp(int samples) {
        AugmentOp[] ops = AugmentOp.values();
        AugmentBatch batch = new AugmentBatch(samples, 1);
        for (int i = 0; i < samples; i++) {
            batch.op(i, 0, ops[i % ops.length], 3).crop(i, i % 9 - 4, 4 - i % 7).flip(i, i % 2 == 1);
            batch.cutout(i, i, 31 - i);
        }
        return batch;
    }

    @Test
    void badArgumentsAreRefusedInTheWordsOfTheCpu() {
        List<Consumer<Engine>> calls = List.of(
                engine -> new KnnDensity(4).density(engine, new float[8], 2),
                engine -> new KnnDensity(2).density(engine, new float[8], 2, new int[] {0, 0, 1, 1}),
                engine -> new KnnDensity(1).density(engine, new float[8], 2, new int[] {0, 0, 1, -1}),
                engine -> CosineConsistency.ofRows(engine, new float[4], new float[6], 2),
                engine -> CosineConsistency.ofIndexedRows(engine, new float[4], new float[6], new int[] {0, 3}, 2),
                engine -> solve(engine, new Sinkhorn(0.5, 10, 1e-9), 1),
                engine -> solve(engine, new Sinkhorn(0.5, 10, 0), Float.NaN),
                engine -> solve(engine, new Sinkhorn(1e-8, 10, 0), 1),
                engine -> diverge(engine, Float.NaN),
                engine -> diverge(engine, 1e7f),
                engine -> posterize(engine, 9));
        for (Consumer<Engine> call : calls) {
            Throwable expected = catchThrowable(() -> call.accept(cpu));
            assertThat(expected).isInstanceOf(InvalidArgumentException.class);
            assertThatThrownBy(() -> call.accept(cuda))
                    .isInstanceOf(InvalidArgumentException.class)
                    .hasMessage(expected.getMessage());
        }
    }

    private static void solve(Engine engine, Sinkhorn sinkhorn, float cost) {
        sinkhorn.solve(engine, new float[] {0, cost}, 1, 2, null, null, Sinkhorn.Plan.OMIT);
    }

    private static void diverge(Engine engine, float coordinate) {
        try (NativeBuffer points = NativeBuffer.copyOf(new float[] {0, coordinate}, 2, 1)) {
            new SinkhornDivergence(0.5).between(engine, new PointClouds(points, points, 0.5));
        }
    }

    private static void posterize(Engine engine, int bits) {
        try (NativeBuffer images = NativeBuffer.allocate(DType.UINT8, 2, 4, 4, 3);
                NativeBuffer out = NativeBuffer.allocate(DType.UINT8, 2, 4, 4, 3);
                AugmentBatch batch = new AugmentBatch(2, 1)) {
            FusedAugment.UINT8.apply(engine, images, batch.op(1, 0, AugmentOp.POSTERIZE, bits), out);
        }
    }

    @Test
    void anArrayOnTheDeviceIsNotReadFromJava() {
        try (NativeBuffer array = NativeBuffer.allocate(DEVICE, DType.FLOAT32, 4);
                NativeBuffer part = array.rows(1, 2);
                NativeBuffer host = NativeBuffer.copyOf(new float[] {1, 2}, 2)) {
            assertThatThrownBy(array::toFloats)
                    .isInstanceOf(InvalidArgumentException.class)
                    .hasMessage("array lies on cuda:0, allowed: host memory (Engine.copy brings it there)");
            assertThatThrownBy(() -> cuda.copy(host, array))
                    .isInstanceOf(InvalidArgumentException.class)
                    .hasMessageStartingWith("to is FLOAT32[4] on cuda:0, allowed: the 8 bytes of ");
            cuda.copy(host, part);
            try (NativeBuffer back = NativeBuffer.allocate(DType.FLOAT32, 4)) {
                cuda.copy(array, back);
                assertThat(back.toFloats()).containsExactly(0, 1, 2, 0);
            }
        }
    }

    @Test
    void aBatchThatDoesNotFitComesInPartsWithTheSameResult() {
        int size = 1500;
        FusedAugment kernel = FusedAugment.UINT8.normalized(
                DType.FLOAT32, FusedAugment.Layout.NCHW, FusedAugment.Normalization.CIFAR10);
        try (NativeBuffer images = NativeBuffer.copyOf(pixels(size), size, 32, 32, 3);
                NativeBuffer expected = NativeBuffer.allocate(DType.FLOAT32, size, 3, 32, 32);
                NativeBuffer output = NativeBuffer.allocate(DType.FLOAT32, size, 3, 32, 32);
                AugmentBatch batch = new AugmentBatch(size, 0)) {
            kernel.apply(cpu, images, batch, expected);
            kernel.apply(cuda, images, batch, output);
            assertThat(output.bytes()).isEqualTo(expected.bytes());
        }
    }

    @Test
    void memoryThatRunsOutIsSaidAndTheNextCallIsAsEver() {
        float[] points = new float[3000 * 2000];
        assertThatThrownBy(() -> new KnnDensity(1).density(cuda, points, 2000))
                .isInstanceOf(NativeOutOfMemoryException.class)
                .hasMessageStartingWith("memory of CUDA device 0 ran out: ");
        assertThatThrownBy(() -> NativeBuffer.allocate(DEVICE, DType.UINT8, 17 << 20))
                .isInstanceOf(NativeOutOfMemoryException.class);
        neighboursAreTheSameAmongAllWithinClassesAndAmongAReference();
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void aFaultIsToldAtTheNextSynchronisationWithTheOperationAndTheDeviceIsLost() {
        try (NativeBuffer few = NativeBuffer.allocate(DEVICE, DType.FLOAT32, 4, 8);
                NativeBuffer out = NativeBuffer.allocate(DEVICE, DType.FLOAT32, 400)) {
            NativeBuffer beyond = NativeBuffer.at(few.address(), DEVICE, DType.FLOAT32, 400, 8);
            CosineConsistency.ofRows(cuda, beyond, beyond, out);
            assertThatThrownBy(cuda::synchronize)
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageStartingWith("CUDA device 0 is lost to this process: cosine consistency: ");
            assertThatThrownBy(() -> CosineConsistency.ofRows(cuda, new float[8], new float[8], 8))
                    .isInstanceOf(DeviceLostException.class);
            assertThat(CosineConsistency.ofRows(cpu, new float[8], new float[8], 8))
                    .containsExactly(0);
        }
    }
}
