package dev.quern.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.adaptive.ada.AdaAugmentConfig;
import dev.quern.adaptive.ent.EntAugmentConfig;
import dev.quern.data.Profile;
import dev.quern.data.Splits;
import dev.quern.data.format.ShapesDataset;
import dev.quern.nn.model.Model;
import dev.quern.run.TrainConfig;
import dev.quern.run.Training;
import dev.quern.setting.Augmentation;
import dev.quern.setting.OptimizerConfig;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.Phase;
import dev.quern.train.record.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Seconds of a training step with adaptive augmentation beside one with TrivialAugment: batches of 128 procedural images of 32×32, whole runs in
 * turns. Arguments: a network, steps per epoch, epochs (the first is not counted), rounds. Prints JSON.
 */
final class AdaptiveOverhead {
    private static final int BATCH = 128;

    private AdaptiveOverhead() {}

    public static void main(String[] arguments) throws IOException {
        Model model = Model.of(arguments[0]);
        int steps = Integer.parseInt(arguments[1]);
        int epochs = Integer.parseInt(arguments[2]);
        int rounds = Integer.parseInt(arguments[3]);
        Splits data = ShapesDataset.generate(ShapesDataset.Options.DEFAULT.withSizes(BATCH * steps, 10));
        TrainConfig base = TrainConfig.DEFAULT
                .withModel(model)
                .withEpochs(epochs, TrainConfig.Visits.EQUAL_EPOCHS)
                .withOptimizer(OptimizerConfig.RELEASED);
        Map<String, TrainConfig> configs = new LinkedHashMap<>();
        configs.put("trivialaugment", base.withAugmentation(Augmentation.TRIVIAL));
        configs.put("adaaugment", base.withAdaptive(AdaAugmentConfig.of(Profile.RELEASED, 16)));
        configs.put("entaugment", base.withAdaptive(EntAugmentConfig.of(Profile.RELEASED, 16)));
        Map<String, List<EpochMetrics>> epochsOf = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, TrainConfig> entry : configs.entrySet()) {
                epochsOf.computeIfAbsent(entry.getKey(), name -> new ArrayList<>())
                        .addAll(run(entry.getValue(), data));
            }
        }
        System.out.println(json(model, steps, base, epochsOf).toPrettyString());
    }

    /** The epochs after the first. */
    private static List<EpochMetrics> run(TrainConfig config, Splits data) throws IOException {
        List<EpochMetrics> epochs = new ArrayList<>();
        TrainListener listener = new TrainListener() {
            @Override
            public void epoch(EpochMetrics metrics) {
                epochs.add(metrics);
            }
        };
        Path folder = Files.createTempDirectory("quern-overhead");
        try {
            Training.run(config, data, folder, RunFolder.Start.NEW, listener, new StopSignal());
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        return epochs.subList(1, epochs.size());
    }

    private static ObjectNode json(
            Model model, int steps, TrainConfig config, Map<String, List<EpochMetrics>> epochsOf) {
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("date", LocalDate.now().toString()).put("model", model.label()).put("batch", BATCH);
        node.put("threads", config.runtime().threads());
        double[] plain = stepSeconds(epochsOf.get("trivialaugment"), steps, Phase.TRAIN, Phase.AUGMENT);
        epochsOf.forEach((name, epochs) -> {
            double[] all = stepSeconds(epochs, steps, Phase.TRAIN, Phase.AUGMENT);
            double[] augment = stepSeconds(epochs, steps, Phase.AUGMENT);
            ObjectNode row = node.putObject(name);
            row.put("step_seconds", median(all)).put("over_trivialaugment", median(all) / median(plain));
            row.put("augment_share", median(augment) / median(all));
            ArrayNode each = row.putArray("step_seconds_by_epoch");
            for (double seconds : all) {
                each.add(seconds);
            }
        });
        return node;
    }

    private static double[] stepSeconds(List<EpochMetrics> epochs, int steps, Phase... phases) {
        return epochs.stream()
                .mapToDouble(epoch -> Arrays.stream(phases)
                                .mapToDouble(phase -> epoch.seconds().seconds(phase))
                                .sum()
                        / steps)
                .toArray();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
