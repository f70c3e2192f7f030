package dev.quern.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.adaptive.ada.AdaAugmentConfig;
import dev.quern.adaptive.ent.EntAugmentConfig;
import dev.quern.adaptive.mad.MadAugmentConfig;
import dev.quern.adaptive.teach.TeachAugmentConfig;
import dev.quern.data.ImageDataset;
import dev.quern.data.InMemoryDataset;
import dev.quern.data.Profile;
import dev.quern.data.Splits;
import dev.quern.data.format.ShapesDataset;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.joint.ConsistencyConfig;
import dev.quern.joint.JointConfig;
import dev.quern.kernels.Device;
import dev.quern.nn.adaptive.ActorCritic;
import dev.quern.nn.model.Model;
import dev.quern.run.TrainConfig.PrecisionChoice;
import dev.quern.run.TrainConfig.RuntimeConfig;
import dev.quern.run.TrainConfig.Visits;
import dev.quern.setting.Augmentation;
import dev.quern.setting.OptimizerConfig;
import dev.quern.study.EncoderConfig;
import dev.quern.study.Tracking;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.record.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Runs that take a second or two, and what they must agree in. */
public final class TinyRun {
    private TinyRun() {}

    public static Splits shapes(int train, int test) {
        return ShapesDataset.generate(ShapesDataset.Options.DEFAULT.withSizes(train, test));
    }

    /** Every second pixel of shapes, both ways. */
    static Splits halvedShapes(int train, int test) {
        Splits whole = shapes(train, test);
        return new Splits(halved(whole.train()), halved(whole.test()));
    }

    private static ImageDataset halved(ImageDataset whole) {
        int side = whole.height() / 2;
        byte[][] images = new byte[whole.size()][3 * side * side];
        ByteBuffer image = ByteBuffer.allocate(whole.imageBytes());
        try {
            for (int i = 0; i < images.length; i++) {
                whole.read(i, image.clear());
                for (int value = 0; value < images[i].length; value++) {
                    int pixel = value / 3;
                    int seen = 2 * (pixel / side) * whole.width() + 2 * (pixel % side);
                    images[i][value] = image.get(3 * seen + value % 3);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        int[] labels = IntStream.range(0, whole.size()).map(whole::label).toArray();
        BitSet wrong = whole.knownWrongLabels().orElse(null);
        return new InMemoryDataset(whole.name(), side, side, whole.classNames(), labels, images, wrong);
    }

    /** Three epochs over 96 shapes, seven where losses have to settle: 2–6 steps of 16 each; float32 on one thread, so that any machine can run it fast. */
    public static TrainConfig config(Method method) {
        boolean settles = method == Method.IES;
        TrainConfig selecting = method == Method.SUBSET
                ? TrainConfig.DEFAULT.withSubset(subset())
                : TrainConfig.DEFAULT.withMethod(method, method == Method.FULL ? 1 : 0.4);
        return selecting
                .withEpochs(settles ? 7 : 3, Visits.EQUAL_EPOCHS)
                .withSettled(0.5)
                .withSeed(7)
                .withAugmentation(Augmentation.TRIVIAL)
                .withAnnealing(settles ? 1 : 0.7)
                .withOptimizer(OptimizerConfig.DEFAULT
                        .withBatch(16)
                        .withAverageDecay(0.9)
                        .withGradientClip(5))
                .withJoint(JointConfig.DEFAULT
                        .withNeighbors(5)
                        .withRefreshEpochs(1)
                        .withConsistency(new ConsistencyConfig.CrossFitted(2, 1)))
                .withRuntime(new RuntimeConfig(PrecisionChoice.FP32, 1, 1, 1, Device.CPU));
    }

    /** A file of 38 samples. */
    private static Path subset() {
        try {
            Path file = Files.createTempFile("subset", ".npy");
            file.toFile().deleteOnExit();
            NpyFile.write(file, Tensor.of(IntStream.range(20, 58).toArray(), 38));
            return file;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A run whose augmentation adapts, with what the released code and the paper have it do. */
    public static TrainConfig adaptive(Adaptive adaptive) {
        return adaptive(adaptive, Method.FULL);
    }

    static TrainConfig adaptive(Adaptive adaptive, Method method) {
        return config(method).withAdaptive(adaptive.config);
    }

    /** The same run, followed every epoch through an encoder of one epoch. */
    public static TrainConfig tracked(TrainConfig config) {
        EncoderConfig encoder = new EncoderConfig(Model.of("resnet20"), Optional.empty(), 1);
        return config.withTracking(Tracking.NONE.withEvery(1).withEncoder(encoder));
    }

    /** Kinds of adaptive augmentation. */
    public enum Adaptive {
        ADA_RELEASED(AdaAugmentConfig.of(Profile.RELEASED, 16)),
        ADA_PAPER(AdaAugmentConfig.of(Profile.PAPER, 8)
                .withReward(AdaAugmentConfig.Reward.NORMALIZED)
                .withAgent(ActorCritic.Size.SLIDE)),
        ENT(EntAugmentConfig.of(Profile.RELEASED, 16).withTrivialEpochs(1)),
        MAD(MadAugmentConfig.of(Profile.PAPER, 8).withEvery(2).withRamp(1).withHeldOut(0.2)),
        TEACH(TeachAugmentConfig.of(8).withEvery(2).withReplay(1, 4));

        private final AdaptiveConfig config;

        Adaptive(AdaptiveConfig config) {
            this.config = config;
        }
    }

    public static TrainResult run(
            TrainConfig config, Path folder, RunFolder.Start start, TrainListener listener, StopSignal stop)
            throws IOException {
        return Training.run(config, halvedShapes(96, 40), folder, start, listener, stop);
    }

    /** SHA-256 over the final weights, the metrics without their seconds, and the indices of every epoch. */
    static String fingerprint(Path folder) throws IOException {
        MessageDigest digest = sha256();
        digest.update(Files.readAllBytes(folder.resolve("weights.safetensors")));
        ObjectMapper mapper = new ObjectMapper();
        for (String line : Files.readAllLines(folder.resolve("metrics.jsonl"))) {
            ObjectNode metrics = (ObjectNode) mapper.readTree(line);
            metrics.remove("seconds");
            digest.update(metrics.toString().getBytes(StandardCharsets.UTF_8));
        }
        try (Stream<Path> files = Files.list(folder.resolve("indices"))) {
            List<Path> indices = files.sorted().toList();
            for (Path file : indices) {
                digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(file));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
