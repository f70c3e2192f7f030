package dev.quern.train;

import dev.quern.augment.AugmentPolicy;
import dev.quern.data.Batch;
import dev.quern.data.BatchLoader;
import dev.quern.data.ImageDataset;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.NativeBuffer;
import dev.quern.nn.TensorMemory;
import java.io.IOException;
import java.nio.LongBuffer;
import org.bytedeco.pytorch.Tensor;

/**
 * Reads batches ahead and brings each into the network's input format: augmented, normalised, channels last. Its memory is allocated once.
 * For one consumer thread.
 */
public final class InputBatches implements AutoCloseable {
    private final Engine engine;
    private final FusedAugment kernel;
    private final BatchLoader loader;
    private final AugmentBatch fates;
    private final NativeBuffer input;
    private final NativeBuffer labels;
    private Pass pass;
    private int size;

    /**
     * What is read in one pass.
     *
     * @param order sample indices in the order of their visits
     * @param epoch that the policy's draws belong to
     */
    public record Pass(int[] order, AugmentPolicy policy, long seed, int epoch) {}

    /** @param chain most ops per sample of any pass */
    public InputBatches(Engine engine, FusedAugment kernel, ImageDataset data, int batchSize, int chain) {
        this.engine = engine;
        this.kernel = kernel;
        loader = new BatchLoader(data, BatchLoader.Options.ofBatch(batchSize));
        fates = new AugmentBatch(batchSize, chain);
        input = NativeBuffer.allocate(kernel.dtype(), batchSize, data.height(), data.width(), 3);
        labels = NativeBuffer.allocate(DType.INT64, batchSize);
    }

    public void start(Pass pass) {
        this.pass = pass;
        loader.start(pass.order());
    }

    /** Prepares the next batch; the former one's tensors are then no longer valid. False after the last. */
    public boolean next() throws IOException {
        if (!loader.hasNext()) {
            return false;
        }
        Batch batch = loader.next();
        size = batch.size();
        LongBuffer classes = labels.bytes().asLongBuffer();
        for (int row = 0; row < size; row++) {
            classes.put(row, batch.labels()[row]);
            pass.policy().draw(pass.seed(), pass.epoch(), batch.indices()[row], row, fates);
        }
        kernel.apply(engine, batch.images(), fates, first(input, size));
        return true;
    }

    /** Images in the present batch. */
    public int size() {
        return size;
    }

    /** Normalised images [size,3,H,W], channels last, in the kernel's element type. */
    public Tensor images() {
        return TensorMemory.channelsLast(input, size);
    }

    /** Labels int64 [size]. */
    public Tensor labels() {
        return TensorMemory.view(first(labels, size));
    }

    private static NativeBuffer first(NativeBuffer buffer, int rows) {
        long[] shape = buffer.shape();
        shape[0] = rows;
        return NativeBuffer.at(buffer.address(), buffer.dtype(), shape);
    }

    @Override
    public void close() {
        loader.close();
        fates.close();
        input.close();
        labels.close();
    }
}
