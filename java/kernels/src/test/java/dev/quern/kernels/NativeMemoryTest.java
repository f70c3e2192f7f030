package dev.quern.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 10,000 calls of every kernel leave native memory as it was. */
@Tag("slow")
class NativeMemoryTest {
    /** Until the compiler is done with these calls: its own memory is native, too. */
    private static final int WARM_UP = 30_000;

    private static final int CALLS = 10_000;
    private static final long ALLOWED_GROWTH = 8L << 20;

    @Test
    void tenThousandCallsOfEveryKernelLeaveNativeMemoryFlat() throws IOException {
        try (Engine engine = Engine.open(Engine.Options.DEFAULT.withThreads(2))) {
            callAll(engine, WARM_UP);
            System.gc();
            long resident = residentBytes();
            long pointerBytes = Pointer.totalBytes();
            long pointers = Pointer.totalCount();
            long workspace = engine.workspaceBytes();
            callAll(engine, CALLS);
            assertThat(Pointer.totalCount()).as("live pointers").isEqualTo(pointers);
            assertThat(Pointer.totalBytes()).as("bytes behind live pointers").isEqualTo(pointerBytes);
            assertThat(engine.workspaceBytes()).as("workspace").isEqualTo(workspace);
            System.gc();
            assertThat(residentBytes() - resident)
                    .as("growth of resident memory")
                    .isLessThan(ALLOWED_GROWTH);
        }
    }

    private static void callAll(Engine engine, int calls) {
        float[] points = EngineTest.gaussian(1, 20 * 8);
        float[] cost = new float[6 * 5];
        for (int i = 0; i < cost.length; i++) {
            cost[i] = i % 7;
        }
        Sinkhorn sinkhorn = new Sinkhorn(0.5, 10, 0);
        byte[] images = new byte[2 * 8 * 8 * 3];
        for (int call = 0; call < calls; call++) {
            CosineConsistency.ofRows(engine, points, points, 8);
            new KnnDensity(3).density(engine, points, 8);
            sinkhorn.solve(engine, cost, 6, 5, null, null, Sinkhorn.Plan.RETURN);
            augment(engine, images);
        }
    }

    private static void augment(Engine engine, byte[] images) {
        try (NativeBuffer in = NativeBuffer.copyOf(images, 2, 8, 8, 3);
                NativeBuffer out = NativeBuffer.allocate(DType.UINT8, 2, 8, 8, 3);
                AugmentBatch batch = new AugmentBatch(2, 1)) {
            batch.op(0, 0, AugmentOp.ROTATE, 30).op(1, 0, AugmentOp.EQUALIZE, 0);
            FusedAugment.UINT8.apply(engine, in, batch, out);
        }
    }

    private static long residentBytes() throws IOException {
        String[] fields = Files.readString(Path.of("/proc/self/statm")).split(" ");
        return Long.parseLong(fields[1]) * 4096;
    }
}
