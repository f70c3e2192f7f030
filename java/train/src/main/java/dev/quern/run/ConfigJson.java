package dev.quern.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.augment.policy.Policies;
import dev.quern.baseline.SubsetFile;
import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import dev.quern.data.Splits;
import dev.quern.data.fault.Faults;
import dev.quern.data.image.Framing;
import dev.quern.io.FileBytes;
import dev.quern.setting.Fields;
import dev.quern.setting.OptimizerConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.CRC32;

/** The resolved configuration as it stands in {@code config.json} and in checkpoints: a resumed run must have the same. */
final class ConfigJson {
    private ConfigJson() {}

    /**
     * @param epochs that will be run, by {@link TrainConfig#visits()}
     * @throws IOException if the file of a policy or of weights cannot be read
     */
    static ObjectNode of(TrainConfig config, int epochs, Splits data) throws IOException {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("dataset", config.dataset());
        if (config.framing().fit() != Framing.Fit.STRETCH) {
            node.put("image_fit", Fields.word(config.framing().fit()));
        }
        node.put("method", config.method().label());
        node.put("ratio", config.method().takesRatio() ? config.ratio() : 1);
        if (config.subset().isPresent()) {
            Path file = config.subset().get();
            node.put("subset", file.toString());
            node.put("subset_crc32", crc(SubsetFile.read(file, data.train().size())));
        }
        node.put("model", config.model().label());
        if (config.weights().isPresent()) {
            node.put("weights", config.weights().get().toString());
            node.put("weights_sha256", FileBytes.sha256(config.weights().get()));
        }
        node.put("epochs", config.epochs());
        node.put("visits", Fields.word(config.visits()));
        node.put("resolved_epochs", epochs);
        node.put("seed", config.seed());
        node.put("augmentation", config.augmentation().policy());
        if (config.augmentation().profile() == Profile.RELEASED) {
            node.put("augmentation_profile", Fields.word(config.augmentation().profile()));
        }
        Optional<Path> policyFile = Policies.file(config.augmentation().policy());
        if (policyFile.isPresent()) {
            node.put("augmentation_file_sha256", FileBytes.sha256(policyFile.get()));
        }
        faults(node, config.faults());
        if (!(config.adaptive() instanceof AdaptiveConfig.None)) {
            config.adaptive().describe(node.putObject(config.adaptive().label()));
        }
        node.put("annealing", config.annealing());
        node.set("optimizer", optimizer(config.optimizer()));
        if (config.method() == Method.JOINT) {
            config.joint().describe(node.putObject("joint"));
        }
        if (config.method() == Method.IES) {
            node.put("settled", config.settled());
        }
        if (config.method() == Method.CLASS_AWARE || config.hasLongTail()) {
            ObjectNode longTail = node.putObject("long_tail");
            longTail.put("profile", Fields.word(config.longTail().profile()));
            longTail.put("per_turn", config.longTail().perTurn());
            longTail.put("open_threshold", config.longTail().openThreshold());
        }
        if (config.tracking().every() > 0) {
            config.tracking().describe(node.putObject("tracking"));
        }
        node.put("evaluate_every", config.runtime().evaluateEvery());
        node.set("data", data(data));
        return node;
    }

    private static void faults(ObjectNode node, Faults faults) {
        faults.labels().ifPresent(labels -> node.put("labels", labels.labels().toString()));
        if (faults.noise().share() > 0) {
            node.put("label_noise", faults.noise().share());
            node.put("label_noise_kind", Fields.word(faults.noise().kind()));
        }
        if (faults.corruption().share() > 0) {
            node.put("corruption", faults.corruption().share());
            node.put("corruption_mode", Fields.word(faults.corruption().mode()));
        }
    }

    private static ObjectNode optimizer(OptimizerConfig optimizer) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("batch", optimizer.batch());
        node.put("schedule", Fields.word(optimizer.schedule()));
        node.put("learning_rate", optimizer.learningRate());
        if (optimizer.trunkRate() != 1) {
            node.put("trunk_rate", optimizer.trunkRate());
        }
        node.put("weight_decay", optimizer.weightDecay());
        node.put("label_smoothing", optimizer.labelSmoothing());
        node.put("entropy_weight", optimizer.entropyWeight());
        node.put("gradient_clip", optimizer.gradientClip());
        node.put("average_decay", optimizer.averageDecay());
        return node;
    }

    private static ObjectNode data(Splits data) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("classes", data.train().classNames().size());
        node.put("height", data.train().height());
        node.put("width", data.train().width());
        node.put("train", data.train().size());
        node.put("test", data.test().size());
        node.put("train_labels_crc32", labels(data.train()));
        node.put("test_labels_crc32", labels(data.test()));
        return node;
    }

    private static long labels(ImageDataset data) {
        return crc(IntStream.range(0, data.size()).map(data::label).toArray());
    }

    private static long crc(int[] values) {
        CRC32 crc = new CRC32();
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES);
        for (int value : values) {
            crc.update(bytes.clear().putInt(value).flip());
        }
        return crc.getValue();
    }
}
