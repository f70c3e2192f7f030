package dev.quern.cli.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.augment.StepPolicy;
import dev.quern.cli.page.AugmentedImages;
import dev.quern.cli.page.ContactSheet;
import dev.quern.cli.terminal.Failures;
import dev.quern.cli.terminal.Interruption;
import dev.quern.cli.terminal.KeptSettings;
import dev.quern.cli.terminal.Names;
import dev.quern.cli.terminal.ProgressDisplay;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.data.SubsetDataset;
import dev.quern.data.format.DatasetSpec;
import dev.quern.io.AtomicFile;
import dev.quern.kernels.Engine;
import dev.quern.nn.model.Model;
import dev.quern.run.EncoderTraining;
import dev.quern.run.TrainConfig;
import dev.quern.setting.Augmentation;
import dev.quern.study.AugmentationStudy;
import dev.quern.study.AugmentationStudy.Measured;
import dev.quern.study.Embedding;
import dev.quern.study.EncoderConfig;
import dev.quern.train.StoppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Studies similarity, diversity and affinity of policies. */
@Command(
        name = "analyze",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Similarity and diversity of augmentations (Yang et al. 2024), and their affinity (Gontijo-Lopes et al. 2020).",
            "Writes analysis.jsonl as it goes, then analysis.csv, analysis.json and report.html.",
            "Run again with the same settings, it goes on where it stopped."
        },
        footer = {
            "",
            "Example: quern analyze --dataset cifar10:cifar-10-batches-bin --augment 'basic(),rotate(30,1.0,variable)' --out study"
        })
public final class AnalyzeCommand implements Callable<Integer> {
    @Option(names = "--dataset", required = true, paramLabel = "SPEC", description = "as for 'quern train'")
    private String dataset;

    @Option(names = "--augment", paramLabel = "EXPR,...", description = "policies, as for 'quern augment'")
    private String augment;

    @Option(names = "--sweep", paramLabel = "NAME", description = "study: the expressions of the study")
    private String sweep;

    @Option(
            names = "--images",
            paramLabel = "N",
            defaultValue = "5000",
            description = "most training images looked at (default: ${DEFAULT-VALUE})")
    private int images;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = "resnet20",
            description = "of the features (default: ${DEFAULT-VALUE})")
    private String model;

    @Option(
            names = "--weights",
            paramLabel = "FILE",
            description = "safetensors of the model (default: it is trained on the data set first)")
    private Path weights;

    @Option(
            names = "--encoder-epochs",
            paramLabel = "E",
            defaultValue = "8",
            description = "of that training (default: ${DEFAULT-VALUE})")
    private int encoderEpochs;

    @Option(
            names = "--layer",
            paramLabel = "L",
            defaultValue = "penultimate",
            description = "penultimate or logits (default: ${DEFAULT-VALUE})")
    private Embedding.Layer layer;

    @Mixin
    private OtddOptions options;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "(default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--threads", paramLabel = "T", defaultValue = "2", description = "(default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(
            names = "--runs",
            paramLabel = "DIR",
            description = "folder of run folders of 'quern train', whose accuracies the report shows")
    private Path runs;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder of the results")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        List<String> policies = policies();
        DatasetSpec data = DatasetSpec.parse(dataset);
        if (images < 2) {
            throw new IllegalArgumentException("--images is " + images + ", allowed: ≥ 2");
        }
        AugmentationStudy.Setting setting =
                new AugmentationStudy.Setting(dataset, options.profile(), layer, options.resolve(seed), seed);
        Map<String, Double> accuracies = runs == null ? Map.of() : RunAccuracies.read(runs);
        Splits splits = limited(data.open(DatasetOptions.DEFAULT));
        Files.createDirectories(out);
        keep(setting);
        try (Interruption interruption = new Interruption()) {
            Path encoder = EncoderTraining.weights(
                    new EncoderConfig(Model.of(model), Optional.ofNullable(weights), encoderEpochs),
                    dataset,
                    splits,
                    seed,
                    TrainConfig.RuntimeConfig.DEFAULT.withThreads(threads),
                    out.resolve("encoder"),
                    interruption.stop());
            Map<String, JsonNode> done = read();
            try (AugmentationStudy study =
                    AugmentationStudy.open(setting, splits, Model.of(model), encoder, threads, interruption.stop())) {
                if (!measured(study, policies, done, interruption)) {
                    return Failures.INTERRUPTED;
                }
            }
            done.keySet().retainAll(policies);
            List<JsonNode> lines = policies.stream().distinct().map(done::get).toList();
            new AnalysisReport(dataset, lines, classes(splits.train()), accuracies)
                    .write(out, examples(splits.train(), policies));
        } catch (StoppedException stopped) {
            return Failures.INTERRUPTED;
        }
        spec.commandLine().getOut().println("report: " + out.resolve("report.html"));
        spec.commandLine().getOut().flush();
        return 0;
    }

    /** Whether it came to the end. */
    private boolean measured(
            AugmentationStudy study, List<String> policies, Map<String, JsonNode> done, Interruption interruption)
            throws IOException {
        List<String> left =
                policies.stream().filter(policy -> !done.containsKey(policy)).toList();
        long start = System.nanoTime();
        for (int i = 0; i < left.size(); i++) {
            if (interruption.stop().requested()) {
                return false;
            }
            done.put(left.get(i), new ObjectMapper().valueToTree(line(study.measure(left.get(i)))));
            write(done);
            double each = 1e-9 * (System.nanoTime() - start) / (i + 1);
            spec.commandLine()
                    .getErr()
                    .println("quern: " + done.size() + "/" + policies.size() + " " + left.get(i) + ", "
                            + ProgressDisplay.duration(each * (left.size() - i - 1)) + " left");
            spec.commandLine().getErr().flush();
        }
        return true;
    }

    /** Measures under other settings are not mixed with those of this call. */
    private void keep(AugmentationStudy.Setting setting) throws IOException {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("dataset", dataset);
        settings.put("images", images);
        settings.put("model", model);
        settings.put("weights", weights == null ? "" : weights.toAbsolutePath().toString());
        settings.put("encoder_epochs", encoderEpochs);
        settings.put("layer", Names.word(layer));
        settings.put("profile", Names.word(setting.profile()));
        settings.put("epsilon", setting.otdd().epsilon());
        settings.put("label_distance", Names.word(setting.otdd().labelDistance()));
        settings.put(
                "quirks",
                setting.otdd().quirks().stream().map(Names::word).sorted().toList());
        settings.put("samples", setting.otdd().samples());
        settings.put("class_samples", setting.otdd().classSamples());
        settings.put("seed", seed);
        KeptSettings.require(out, settings);
    }

    /** Names of the classes of two and more images. */
    private static List<String> classes(ImageDataset data) {
        int[] sizes = new int[data.classNames().size()];
        for (int i = 0; i < data.size(); i++) {
            sizes[data.label(i)]++;
        }
        return IntStream.range(0, sizes.length)
                .filter(label -> sizes[label] >= 2)
                .mapToObj(data.classNames()::get)
                .toList();
    }

    private String examples(ImageDataset data, List<String> policies) throws IOException {
        int shown = Math.min(8, data.size());
        List<byte[]> cells = new ArrayList<>(AugmentedImages.originals(data, shown));
        try (Engine engine = Engine.open()) {
            for (String policy : policies) {
                StepPolicy drawn = new Augmentation(policy, options.profile()).of(dataset, data, 1);
                cells.addAll(AugmentedImages.of(engine, AugmentedImages.kernel(data), data, drawn, seed, shown, 0)
                        .get(0)
                        .pixels());
            }
        }
        return ContactSheet.address(cells, data.height(), data.width(), shown);
    }

    private List<String> policies() throws IOException {
        if ((augment == null) == (sweep == null)) {
            throw new IllegalArgumentException("--augment and --sweep: exactly one of them is needed");
        }
        if (sweep != null && !sweep.equals("study")) {
            throw new IllegalArgumentException("--sweep is '" + sweep + "', allowed: study");
        }
        List<String> policies = sweep != null ? StudySweep.expressions() : StudySweep.split(augment);
        for (String policy : policies) {
            new Augmentation(policy, options.profile()).check();
        }
        return policies;
    }

    private Splits limited(Splits splits) {
        int size = splits.train().size();
        if (size <= images) {
            return splits;
        }
        int[] spread = IntStream.range(0, images)
                .map(i -> (int) ((long) i * size / images))
                .toArray();
        return new Splits(new SubsetDataset(splits.train().name(), splits.train(), spread), splits.test());
    }

    private static Map<String, Object> line(Measured measured) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("augment", measured.policy());
        line.put("similarity", measured.otdd().similarity());
        line.put("diversity", measured.diversity().value());
        line.put("affinity", measured.affinity());
        line.put("diversity_stable", measured.diversity().stable());
        line.put("diversity_normalized", measured.diversity().normalized());
        line.put("diversity_released", measured.diversity().released());
        line.put("label_distances", measured.otdd().labelDistances());
        return line;
    }

    private Map<String, JsonNode> read() throws IOException {
        Map<String, JsonNode> done = new LinkedHashMap<>();
        Path file = out.resolve("analysis.jsonl");
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                try {
                    JsonNode node = new ObjectMapper().readTree(line);
                    done.put(node.get("augment").asText(), node);
                } catch (JsonProcessingException | NullPointerException broken) {
                    throw new IOException(file + ": is not a file of this command, allowed: another --out", broken);
                }
            }
        }
        return done;
    }

    private void write(Map<String, JsonNode> done) throws IOException {
        AtomicFile.writeText(
                out.resolve("analysis.jsonl"),
                done.values().stream().map(JsonNode::toString).collect(Collectors.joining("\n", "", "\n")));
    }
}
