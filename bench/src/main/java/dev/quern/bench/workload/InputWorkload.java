package dev.quern.bench.workload;

import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.policy.Policies;
import dev.quern.augment.policy.Published;
import dev.quern.bench.peer.PeerProcess;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import dev.quern.data.format.DatasetSpec;
import dev.quern.data.format.ShapesDataset;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.Isa;
import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.train.InputBatches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A shuffled pass over a data set into the network's input: decode, TrivialAugment, crop, flip, normalise, batches of 128 in float32. What is
 * checked is that every image arrives once, by its label; the pixels have their own tests.
 */
final class InputWorkload implements Workload {
    private static final int BATCH = 128;
    private static final String PHOTOGRAPHS = "data/tiny-imagenet-small/tiny-imagenet-200";

    private final ImageDataset data;
    private final Path folder;
    private final AugmentPolicy policy;
    private final FusedAugment.Normalization normalization = FusedAugment.Normalization.CIFAR10;
    private float[] arrived = {};
    private InputBatches batches;
    private int passes;

    /** @param folder of the image files; null if the images are in memory */
    private InputWorkload(ImageDataset data, Path folder) throws IOException {
        this.data = data;
        policy = Policies.parse("trivialaugment", Published.of(Profile.PAPER, data.height(), data.width(), 1));
        this.folder = folder;
    }

    /** Whether the photographs are there. */
    static boolean hasPhotographs() {
        return Files.isDirectory(photographs());
    }

    private static Path photographs() {
        return Path.of(System.getProperty("quern.root", "."), "../shared", PHOTOGRAPHS);
    }

    static InputWorkload inMemory() {
        ShapesDataset.Options options = ShapesDataset.Options.DEFAULT.withSizes(5000, 10);
        try {
            return new InputWorkload(ShapesDataset.generate(options).train(), null);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The photographs beside the project, each decoded whenever it is visited. */
    static InputWorkload jpegFiles() {
        Path root = photographs();
        DatasetOptions options = DatasetOptions.DEFAULT.withDecoding(DatasetOptions.Decoding.AT_EVERY_VISIT);
        try {
            ImageDataset data = new DatasetSpec(DatasetSpec.Kind.TINY_IMAGENET, List.of(root))
                    .open(options)
                    .train();
            return new InputWorkload(data, root.resolve("train"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Override
    public void run(Engine engine) {
        if (batches == null) {
            FusedAugment kernel = FusedAugment.UINT8
                    .withPadding(FusedAugment.Padding.REFLECT)
                    .normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, normalization);
            batches = new InputBatches(engine, kernel, data, BATCH, 1, policy.chain());
        }
        int[] order = Philox.shuffle(IntStream.range(0, data.size()).toArray(), 1, passes, Slot.SHUFFLE);
        batches.start(new InputBatches.Pass(order, List.of(policy), 1, passes++));
        arrived = new float[data.classNames().size()];
        try {
            for (int first = 0; batches.next(); first += batches.size()) {
                for (int row = 0; row < batches.size(); row++) {
                    arrived[data.label(order[first + row])]++;
                }
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Images by class. */
    @Override
    public float[] output() {
        return arrived;
    }

    @Override
    public double error(float[] output) {
        double worst = 0;
        for (int label = 0; label < output.length; label++) {
            int wanted = label;
            long held = IntStream.range(0, data.size())
                    .filter(i -> data.label(i) == wanted)
                    .count();
            worst = Math.max(worst, Math.abs(output[label] - held));
        }
        return worst;
    }

    @Override
    public double tolerance() {
        return 0;
    }

    @Override
    public Limit limit(Ceilings ceilings) {
        long values = (long) data.size() * data.imageBytes();
        return ceilings.traffic(Ceilings.Traffic.COPY, values + Float.BYTES * values);
    }

    @Override
    public void save(Path target) throws IOException {
        if (folder != null) {
            byte[] path = folder.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8);
            NpyFile.write(target.resolve("folder.npy"), Tensor.of(path, path.length));
        } else {
            ByteBuffer images = ByteBuffer.allocate(data.size() * data.imageBytes());
            for (int i = 0; i < data.size(); i++) {
                data.read(i, images);
            }
            NpyFile.write(
                    target.resolve("images.npy"),
                    Tensor.of(images.array(), data.size(), data.height(), data.width(), 3));
            int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
            NpyFile.write(target.resolve("labels.npy"), Tensor.of(labels, labels.length));
        }
        NpyFile.write(target.resolve("mean.npy"), Tensor.of(normalization.mean(), 3));
        NpyFile.write(target.resolve("std.npy"), Tensor.of(normalization.std(), 3));
    }

    @Override
    public List<PeerProcess.Kind> peers() {
        return List.of(PeerProcess.Kind.PYTHON);
    }

    @Override
    public List<Isa> tiers() {
        return List.of(Isa.AUTO);
    }

    @Override
    public void close() {
        if (batches != null) {
            batches.close();
        }
    }
}
