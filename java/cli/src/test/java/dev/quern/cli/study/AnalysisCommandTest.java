package dev.quern.cli.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.cli.CommandRun;
import dev.quern.data.Profile;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.setting.Augmentation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnalysisCommandTest {
    @TempDir
    Path folder;

    private Path x;
    private Path y;
    private Path augmented;

    @BeforeEach
    void saveTheGoldenToy() throws IOException {
        double[] values = new double[36];
        double[] changed = new double[36];
        long[] labels = new long[12];
        double[][] map = {{1.1, 0.5}, {0.9, -0.25}, {1, 0.1}};
        for (int i = 0; i < 12; i++) {
            labels[i] = i % 2;
            double[] point = {7 * i % 11 * 0.5 + i % 2 * 6, 5 * i % 13 * 0.4, 3 * i % 7 * 0.3 - i % 2 * 2};
            for (int k = 0; k < 3; k++) {
                values[3 * i + k] = point[k];
                changed[3 * i + k] = point[k] * map[k][0] + map[k][1];
            }
        }
        x = save("x.npy", Tensor.of(values, 12, 3));
        y = save("y.npy", Tensor.of(labels, 12));
        augmented = save("xa.npy", Tensor.of(changed, 12, 3));
    }

    private Path save(String name, Tensor tensor) throws IOException {
        Path file = folder.resolve(name);
        NpyFile.write(file, tensor);
        return file;
    }

    @Test
    void otddPrintsTheGoldenDistanceAndWritesPotentials() throws IOException {
        CommandRun run = CommandRun.of(
                "otdd",
                "--x1",
                x,
                "--y1",
                y,
                "--x2",
                augmented,
                "--y2",
                y,
                "--profile",
                "released",
                "--arithmetic",
                "float64",
                "--json",
                "--out",
                folder.resolve("out"));

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode result = new ObjectMapper().readTree(run.out());
        assertThat(result.get("distance").asDouble()).isCloseTo(1.1895593142799994, within(1e-6));
        assertThat(result.get("label_distances")).hasSize(4);
        assertThat(result.get("steps").asInt()).isEqualTo(8);
        assertThat(run.err()).contains("MiB beyond the features");
        double sum = 0;
        for (String side : new String[] {"f.npy", "g.npy"}) {
            for (float potential :
                    NpyFile.read(folder.resolve("out").resolve(side)).toFloats()) {
                sum += potential / 12;
            }
        }
        assertThat(sum).isCloseTo(1.1895593142799994, within(1e-5));
    }

    @Test
    void otddOfASetAndItselfIsZero() {
        CommandRun run = CommandRun.of("otdd", "--x1", x, "--y1", y, "--x2", x, "--y2", y);

        assertThat(run.out()).startsWith("distance 0.00000 (similarity ").contains("12 × 12 points of 3 values");
    }

    @Test
    void diversityPrintsBothVariants() throws IOException {
        CommandRun run = CommandRun.of("diversity", "--x", x, "--y", y, "--augmented", augmented, "--json");
        CommandRun table = CommandRun.of("diversity", "--x", x, "--y", y, "--augmented", augmented);

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode result = new ObjectMapper().readTree(run.out());
        assertThat(result.get("released").get(8).asDouble()).isCloseTo((5.695932 + 5.242203) / 2, within(1e-6));
        assertThat(result.get("diversity").asDouble())
                .isEqualTo(result.get("normalized").get(8).asDouble());
        assertThat(result.get("diversity_stable").asBoolean()).isTrue();
        assertThat(table.out().lines()).hasSize(11);
    }

    @Test
    void badFilesAndOptionsAreRefusedInALine() throws IOException {
        Path short_ = save("short.npy", Tensor.of(new long[5], 5));
        Path line = save("line.npy", Tensor.of(new float[12], 12));
        Path nan = save("nan.npy", Tensor.of(new float[] {1, Float.NaN}, 2, 1));
        Path two = save("two.npy", Tensor.of(new int[2], 2));

        refused(
                "has 5 labels, allowed: 12, one a row of --x1",
                "otdd",
                "--x1",
                x,
                "--y1",
                short_,
                "--x2",
                x,
                "--y2",
                y);
        refused("allowed: 2 dimensions", "otdd", "--x1", line, "--y1", y, "--x2", x, "--y2", y);
        refused("--x1[1,0] is NaN, allowed: finite", "otdd", "--x1", nan, "--y1", two, "--x2", x, "--y2", y);
        refused("nearest: bures", "otdd", "--x1", x, "--y1", y, "--x2", x, "--y2", y, "--label-distance", "buras");
        refused("epsilon is -1.0", "otdd", "--x1", x, "--y1", y, "--x2", x, "--y2", y, "--epsilon", -1);
        refused(
                "augmented has vectors of 1, allowed: 3",
                "diversity",
                "--x",
                x,
                "--y",
                y,
                "--augmented",
                save("narrow.npy", Tensor.of(new float[12], 12, 1)));
        refused("none.npy does not exist", "diversity", "--x", folder.resolve("none.npy"), "--y", y, "--augmented", x);
    }

    @Test
    @Tag("slow")
    void analyzeMeasuresPoliciesAndGoesOnWhereItStopped() throws IOException {
        Object[] command = {"analyze", "--dataset", "shapes", "--images", 200, "--encoder-epochs", 1, "--out", folder};
        CommandRun first = CommandRun.of(with(command, "--augment", "none,rotate(20,1.0,fixed)"));
        assertThat(first.exitCode()).as(first.err()).isZero();
        CommandRun second = CommandRun.of(with(command, "--augment", "none,rotate(20,1.0,fixed),rotate(90,1.0,fixed)"));
        assertThat(second.exitCode()).as(second.err()).isZero();

        assertThat(first.err()).contains("2/2 rotate(20,1.0,fixed)");
        assertThat(second.err()).contains("3/3 rotate(90,1.0,fixed)").doesNotContain("2/3");
        assertThat(folder.resolve("analysis.jsonl").toFile()).exists();
        assertThat(Files.readAllLines(folder.resolve("analysis.csv"))).hasSize(4);
        assertThat(folder.resolve("report.html")).content().contains("<circle").contains("rotate(90,1.0,fixed)");
        assertThat(folder.resolve("report.html")).content().contains("<rect").contains("data:image/png");
        assertThat(folder.resolve("analysis.json")).content().startsWith("[{").contains("label_distances");
        refused("holds results with seed 0, not 1", with(command, "--augment", "none", "--seed", 1));
        refused("is not a folder", with(command, "--augment", "none", "--runs", folder.resolve("absent")));
        refused("allowed: study", with(command, "--sweep", "all"));
        refused("exactly one of them is needed", command);
    }

    private static Object[] with(Object[] command, Object... more) {
        return Stream.concat(Stream.of(command), Stream.of(more)).toArray();
    }

    @Test
    void theStudyHasAtLeastSixtyExpressionsThatParse() {
        assertThat(StudySweep.expressions()).hasSizeGreaterThanOrEqualTo(60).doesNotHaveDuplicates();
        for (String expression : StudySweep.expressions()) {
            assertThatCode(() -> new Augmentation(expression, Profile.PAPER).check())
                    .doesNotThrowAnyException();
        }
    }

    private static void refused(String words, Object... arguments) {
        CommandRun run = CommandRun.of(arguments);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("quern: ").contains(words);
        assertThat(run.out()).isEmpty();
    }
}
