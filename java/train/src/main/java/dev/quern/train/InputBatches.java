package dev.quern.train;

import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.Augmenter;
import dev.quern.augment.Mixing;
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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Reads batches ahead and brings each into the network's input format: augmented, normalised, channels last, on the engine's device. Images of a
 * {@link DeviceDataset} are taken where they lie. Its memory is allocated once. For one consumer thread.
 */
public final class InputBatches implements AutoCloseable {
    private final Engine engine;
    private final FusedAugment kernel;
    private final ImageDataset data;
    private final BatchLoader loader;
    private final Augmenter augmenter;
    private final AugmentBatch fates;
    private final NativeBuffer input;
    private final NativeBuffer labels;
    private final int batchSize;
    private final int classes;
    private final int[] visits;
    private Pass pass;
    private Preview preview;
    private int taken;
    private Optional<Mixing> mixing = Optional.empty();
    private int[] samples = {};
    private long[] draws = {};

    /**
     * What is read in one pass.
     *
     * @param order sample indices in the order of their visits; whoever stands in it repeatedly is augmented differently each time
     * @param done visits that lie behind
     * @param views a policy for each view of a sample, at least one
     * @param epoch that the policies' draws belong to
     */
    public record Pass(int[] order, int done, List<AugmentPolicy> views, long seed, int epoch) {
        /** A pass from the beginning. */
        public Pass(int[] order, List<AugmentPolicy> views, long seed, int epoch) {
            this(order, 0, views, seed, epoch);
        }
    }

    /** Looks at a batch before its images are augmented. */
    @FunctionalInterface
    public interface Preview {
        /** Looks at nothing. */
        Preview NONE = (policy, batch) -> {};

        /** @param policy of the first view */
        void look(AugmentPolicy policy, RawBatch batch) throws IOException;
    }

    /**
     * @param views most views per sample of any pass
     * @param chain most ops per view of any pass
     */
    public InputBatches(Engine engine, FusedAugment kernel, ImageDataset data, int batchSize, int views, int chain) {
        this.engine = engine;
        this.kernel = kernel;
        this.data = data;
        this.batchSize = batchSize;
        loader = data instanceof DeviceDataset ? null : new BatchLoader(data, BatchLoader.Options.ofBatch(batchSize));
        augmenter = new Augmenter(engine, kernel, batchSize, data.height(), data.width());
        fates = new AugmentBatch(views * batchSize, chain);
        input = NativeBuffer.allocate(
                engine.device(), kernel.dtype(), (long) views * batchSize, data.height(), data.width(), 3);
        labels = NativeBuffer.allocate(DType.INT64, batchSize);
        classes = data.classNames().size();
        visits = new int[data.size()];
    }

    public void start(Pass pass) {
        start(pass, Preview.NONE);
    }

    /** @param preview of every batch of the pass */
    public void start(Pass pass, Preview preview) {
        this.pass = pass;
        this.preview = preview;
        Arrays.fill(visits, 0);
        for (int sample : Arrays.copyOf(pass.order(), pass.done())) {
            visit(sample);
        }
        taken = pass.done();
        if (loader != null) {
            loader.start(Arrays.copyOfRange(pass.order(), taken, pass.order().length));
        }
    }

    /** A sample with the number of its earlier visits, as {@link AugmentPolicy#draw} takes it. */
    private long visit(int sample) {
        return (long) visits[sample]++ << 32 | sample;
    }

    /** Prepares the next batch; the former one's tensors are then no longer valid. False after the last. */
    public boolean next() throws IOException {
        if (taken == pass.order().length) {
            return false;
        }
        samples = Arrays.copyOfRange(pass.order(), taken, Math.min(taken + batchSize, pass.order().length));
        taken += samples.length;
        draws = Arrays.stream(samples).mapToLong(this::visit).toArray();
        LongBuffer given = labels.bytes().asLongBuffer();
        for (int sample : samples) {
            given.put(data.label(sample));
        }
        RawBatch read = read();
        preview.look(pass.views().get(0), read);
        if (views() == 1) {
            Augmenter.Visit visit = new Augmenter.Visit(pass.seed(), pass.epoch(), draws);
            NativeBuffer output = input.rows(0, samples.length);
            mixing = augmenter.apply(pass.views().get(0), visit, read.images(), read.shown(), output);
        } else {
            drawViews(read);
        }
        return true;
    }

    private RawBatch read() throws IOException {
        return data instanceof DeviceDataset resident
                ? new RawBatch(samples, resident.images(), samples)
                : new RawBatch(
                        samples,
                        loader.next().images(),
                        IntStream.range(0, samples.length).toArray());
    }

    /** Several views of each image, in one native call; they are not mixed. */
    private void drawViews(RawBatch read) {
        mixing = Optional.empty();
        for (int view = 0; view < views(); view++) {
            for (int i = 0; i < samples.length; i++) {
                int row = view * samples.length + i;
                fates.image(row, read.shown()[i]);
                pass.views().get(view).draw(pass.seed(), pass.epoch(), draws[i], row, fates);
            }
        }
        kernel.apply(engine, read.images(), fates, input.rows(0, (long) views() * samples.length));
    }

    /** Images in the present batch. */
    public int size() {
        return samples.length;
    }

    /** Sample indices of the present batch. */
    public int[] samples() {
        return samples.clone();
    }

    /** Views of each sample. */
    public int views() {
        return pass.views().size();
    }

    /** The epoch of the pass. */
    public int epoch() {
        return pass.epoch();
    }

    /** A view of the samples: normalised images [size,3,H,W], channels last, in the kernel's element type. */
    public Tensor images(int view) {
        return TensorMemory.channelsLast(input.rows((long) view * samples.length, samples.length), samples.length);
    }

    /** Labels int64 [size]. */
    public Tensor labels() {
        return TensorMemory.on(engine.device(), TensorMemory.view(labels.rows(0, samples.length)));
    }

    /** What is learned of the first view: {@link #labels}, or the share of every class, float32 [size,C], where images are mixed. */
    public Tensor targets() {
        return mixing.isEmpty()
                ? labels()
                : TensorMemory.on(engine.device(), TensorMemory.copyOf(shares(mixing.get())))
                        .view(samples.length, classes);
    }

    private float[] shares(Mixing mixed) {
        LongBuffer own = labels.bytes().asLongBuffer();
        float[] shares = new float[samples.length * classes];
        for (int row = 0; row < samples.length; row++) {
            float weight = mixed.labelWeights()[row];
            shares[row * classes + (int) own.get(row)] += weight;
            shares[row * classes + (int) own.get(mixed.partners()[row])] += 1 - weight;
        }
        return shares;
    }

    @Override
    public void close() {
        if (loader != null) {
            loader.close();
        }
        augmenter.close();
        fates.close();
        input.close();
        labels.close();
    }
}
