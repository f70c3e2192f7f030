package dev.quern.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.cli.CommandRun;
import dev.quern.cli.TinyIdx;
import dev.quern.cli.terminal.KeptSettings;
import dev.quern.cli.terminal.ProgressDisplay;
import dev.quern.nn.model.Model;
import dev.quern.run.TrainConfig;
import dev.quern.train.StopSignal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareCommandTest {
    @TempDir
    Path folder;

    private String dataset;

    @BeforeEach
    void write() throws IOException {
        dataset = TinyIdx.write(folder, 60);
    }

    @Test
    @Tag("slow")
    void everyTrainingIsInTheTableTheChartAndOnceOnDisk() throws IOException {
        Path config = config("out", "[0, 1]", "[full, random, aum, random-dynamic]");
        assertThat(compare(config).err()).isEmpty();
        Path out = folder.resolve("out");
        List<String> lines = Files.readAllLines(out.resolve("results.csv"));
        assertThat(lines).hasSize(1 + 2 * 2 * 4);
        assertThat(lines.get(0)).startsWith("fault,model,method,ratio,seed,final_accuracy");
        JsonNode results =
                new ObjectMapper().readTree(out.resolve("results.json").toFile());
        assertThat(results.get("over_seeds")).hasSize(2 * 4);
        JsonNode aum = Stream.iterate(0, i -> i + 1)
                .map(i -> results.get("over_seeds").get(i))
                .filter(mean -> mean.get("method").asText().equals("aum")
                        && mean.get("fault").asText().equals("noisy"))
                .findFirst()
                .orElseThrow();
        assertThat(aum.get("seeds").asInt()).isEqualTo(2);
        assertThat(aum.get("accuracy_std").isNumber()).isTrue();
        assertThat(aum.get("wrong_label_share").asDouble()).isBetween(0.0, 1.0);
        assertThat(aum.get("selection_seconds").asDouble()).isPositive();
        String report = Files.readString(out.resolve("report.html"));
        assertThat(report)
                .contains("16 of 16 trainings are finished")
                .contains("Accuracy, mean ± standard deviation, noisy, resnet20.")
                .contains("Wrong labels among what is trained on, noisy")
                .contains("keeps too, clean, ratio 0.4, seed 0");

        Path kept = out.resolve("runs/clean/resnet20/aum-0.4/seed-0/result.json");
        var before = Files.getLastModifiedTime(kept);
        assertThat(compare(config("out", "[0, 1]", "[full, random, aum, random-dynamic, el2n]"))
                        .err())
                .isEmpty();
        assertThat(Files.getLastModifiedTime(kept)).isEqualTo(before);
        assertThat(Files.readAllLines(out.resolve("results.csv"))).hasSize(1 + 2 * 2 * 5);
    }

    @Test
    @Tag("slow")
    void anInterruptedComparisonEndsWithTheSameAccuracies() throws IOException {
        compare(config("whole", "[0]", "[random, aum]"));
        Path config = config("cut", "[0]", "[random, aum]");
        Comparison comparison = Comparison.of(ComparisonConfig.read(config));
        Files.createDirectories(folder.resolve("cut"));
        StopSignal stop = new StopSignal();
        comparison.selections().get(0).run(ProgressDisplay.Style.NONE, stop);
        stop.request();
        comparison.runs().get(1).run(ProgressDisplay.Style.NONE, stop);
        assertThat(comparison.runs().get(1).done()).isFalse();
        assertThat(folder.resolve("cut/" + comparison.runs().get(1).name() + "/checkpoints"))
                .isNotEmptyDirectory();
        assertThat(compare(config).err()).isEmpty();
        assertThat(accuracies("cut")).hasSize(4).isEqualTo(accuracies("whole"));
    }

    @Test
    void aRecipeGivesDefaultsToTrainings() throws IOException {
        String text = "dataset: shapes\nout: x\nmethods: [full]\nratios: [0.5]\ntrain: {recipe: cifar, batch: 64}\n";
        TrainConfig config =
                Comparison.of(ComparisonConfig.read(write(text))).runs().get(0).config();
        assertThat(config.epochs()).isEqualTo(300);
        assertThat(config.optimizer().batch()).isEqualTo(64);
        assertThat(config.model()).isEqualTo(Model.RESNET20);
    }

    @Test
    void faultsUnderOneNameStayTheSame() throws IOException {
        Path out = folder.resolve("out");
        Files.createDirectories(out);
        KeptSettings.require(out, Map.of("fault noisy", Map.of("label-noise", "0.3"), "fault clean", Map.of()));
        refuses("holds results with fault noisy {\"label-noise\":\"0.3\"}", config("out", "[0]", "[full]"));
        KeptSettings.require(out, Map.of("fault other", Map.of()));
        assertThat(Files.readString(out.resolve("settings.json")))
                .contains("fault noisy", "fault clean", "fault other");
    }

    @Test
    void badInputIsRefusedBeforeAnyTraining() throws IOException {
        refuses("method is 'herdin', nearest: herding", config("out", "[0]", "[full, herdin]"));
        refuses("methods is missing, allowed: a list", write("dataset: shapes\nout: x\nratios: [0.3]\n"));
        refuses("unknown key 'method', nearest: methods", write("dataset: shapes\nmethod: [full]\n"));
        String rest = "dataset: shapes\nout: " + folder.resolve("out") + "\nmethods: [full, el2n, clip]\n";
        refuses("ratio is 0.0", write(rest + "ratios: [0]\n"));
        refuses("below 1 for clip", write(rest + "ratios: [0.5, 1]\n"));
        refuses("train options: Unknown option: '--epoch=3'", write(rest + "ratios: [0.5]\ntrain: {epoch: 3}\n"));
        refuses("--recipe is 'cifat', nearest: cifar", write(rest + "ratios: [0.5]\ntrain: {recipe: cifat}\n"));
        refuses("label noise is 2.0", write(rest + "ratios: [0.5]\nfaults: {bad: {label-noise: 2}}\n"));
        refuses("model is 'resnet19'", write(rest + "ratios: [0.5]\nmodels: [resnet19]\n"));
        assertThat(folder.resolve("out")).doesNotExist();
    }

    private void refuses(String text, Path config) {
        CommandRun run = compare(config);
        assertThat(run.err()).contains(text).startsWith("quern: ");
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.exitCode()).isEqualTo(2);
    }

    private Path config(String out, String seeds, String methods) throws IOException {
        return write("dataset: " + dataset + "\nout: " + folder.resolve(out) + "\nmethods: " + methods
                + "\nratios: [0.4]\nseeds: "
                + seeds + "\nfaults: {clean: {}, noisy: {label-noise: 0.2}}\n"
                + "train: {epochs: 2, batch: 16, precision: fp32, checkpoint-steps: 1}\n"
                + "select: {surrogate-epochs: 1, precision: fp32}\n");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("comparison.yaml"), text);
    }

    private static CommandRun compare(Path config) {
        return CommandRun.of("compare", "--config", config, "--progress", "none");
    }

    /** The first columns of the table: everything but shares and seconds. */
    private List<String> accuracies(String out) throws IOException {
        return Files.readAllLines(folder.resolve(out).resolve("results.csv")).stream()
                .skip(1)
                .map(line -> String.join(",", List.of(line.split(",")).subList(0, 7)))
                .toList();
    }
}
