package dev.quern.cli.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.cli.CommandRun;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelCommandTest {
    @TempDir
    Path folder;

    @Test
    void sinkhornWritesPotentialsAndPlanAndPrintsALinePerProblem() throws IOException {
        Path cost = save("C.npy", Tensor.of(new double[] {0, 1, 1, 0, 0, 2, 2, 0}, 2, 2, 2));
        CommandRun run = CommandRun.of(
                "kernel", "sinkhorn", "--cost", cost, "--epsilon", 0.5, "--plan", "--out", folder.resolve("out"));
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        String[] lines = run.out().trim().split("\n");
        assertThat(lines).hasSize(2);
        JsonNode first = new ObjectMapper().readTree(lines[0]);
        double diagonal = 0.5 / (1 + Math.exp(-2));
        assertThat(first.get("cost").asDouble()).isCloseTo(1 - 2 * diagonal, within(1e-6));
        assertThat(first.get("converged").asBoolean()).isTrue();
        Tensor plan = NpyFile.read(folder.resolve("out/plan.npy"));
        assertThat(plan.shape()).containsExactly(2, 2, 2);
        assertThat(plan.toFloats()[0]).isCloseTo((float) diagonal, within(1e-6f));
        assertThat(NpyFile.read(folder.resolve("out/f.npy")).shape()).containsExactly(2, 2);
    }

    @Test
    void oneProblemHasOneDimensionLess() throws IOException {
        Path cost = save("C.npy", Tensor.of(new float[] {0, 1, 1, 0, 1, 1}, 2, 3));
        Path a = save("a.npy", Tensor.of(new float[] {0.25f, 0.75f}, 2));
        CommandRun run = CommandRun.of(
                "kernel", "sinkhorn", "--cost", cost, "--a", a, "--epsilon", 1, "--out", folder.resolve("out"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(NpyFile.read(folder.resolve("out/g.npy")).shape()).containsExactly(3);
        assertThat(folder.resolve("out/plan.npy")).doesNotExist();
    }

    @Test
    void knnWritesDensityDistancesAndIndices() throws IOException {
        Path queries = save("Q.npy", Tensor.of(new float[] {0, 0, 3, 4, 0, 1}, 3, 2));
        CommandRun run = CommandRun.of("kernel", "knn", "--queries", queries, "-k", 1, "--out", folder.resolve("out"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualToIgnoringNewLines("{\"rows\":3,\"fallback_rows\":0,\"fallback_share\":0.0}");
        assertThat(NpyFile.read(folder.resolve("out/density.npy")).toFloats())
                .containsExactly(1, (float) Math.sqrt(18), 1);
        assertThat(NpyFile.read(folder.resolve("out/indices.npy")).toLongs()).containsExactly(2, 2, 0);
    }

    @Test
    void cosineComparesRowsWithTheIndexedTable() throws IOException {
        Path x = save("X.npy", Tensor.of(new float[] {1, 0, 3, 4}, 2, 2));
        Path y = save("Y.npy", Tensor.of(new float[] {0, 1, 1, 0}, 2, 2));
        Path index = save("I.npy", Tensor.of(new long[] {1, 0}, 2));
        CommandRun run =
                CommandRun.of("kernel", "cosine", "--x", x, "--y", y, "--index", index, "--out", folder.resolve("out"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(NpyFile.read(folder.resolve("out/consistency.npy")).toFloats())
                .containsExactly(1f, 0.8f);
    }

    @Test
    void augmentTakesOneValueOrOnePerImage() throws IOException {
        Path images = save("I.npy", Tensor.of(new byte[] {10, 20, (byte) 200, 10, 20, (byte) 200}, 2, 1, 1, 3));
        Path values = save("V.npy", Tensor.of(new double[] {256, 0}, 2));
        CommandRun run = CommandRun.of(
                "kernel",
                "augment",
                "--images",
                images,
                "--op",
                "solarize",
                "--value",
                values,
                "--out",
                folder.resolve("out"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(NpyFile.read(folder.resolve("out/images.npy")).toBytes()).containsExactly(10, 20, 200, 245, 235, 55);
    }

    @Test
    void badInputIsOneLineNamingTheThingAndLeavesNothingBehind() throws IOException {
        Path cost = save("C.npy", Tensor.of(new float[] {0, Float.NaN, 1, 0}, 2, 2));
        Path queries = save("Q.npy", Tensor.of(new float[] {0, 0, 3, 4}, 2, 2));
        Path cut = folder.resolve("cut.npy");
        Files.write(
                cut,
                Stream.of(Files.readAllBytes(queries))
                        .map(bytes -> java.util.Arrays.copyOf(bytes, bytes.length - 3))
                        .findFirst()
                        .orElseThrow());
        Path text = Files.writeString(folder.resolve("text.npy"), "not an array");
        Path out = folder.resolve("out");
        refuses("cost[0,0,1] is nan", "kernel", "sinkhorn", "--cost", cost, "--epsilon", 1, "--out", out);
        refuses("epsilon is 0", "kernel", "sinkhorn", "--cost", queries, "--epsilon", 0, "--out", out);
        refuses("k is 2, allowed: 1 … 1", "kernel", "knn", "--queries", queries, "-k", 2, "--out", out);
        refuses("data", "kernel", "knn", "--queries", cut, "-k", 1, "--out", out);
        refuses("magic", "kernel", "knn", "--queries", text, "-k", 1, "--out", out);
        refuses(
                "missing.npy does not exist",
                "kernel",
                "knn",
                "--queries",
                folder.resolve("missing.npy"),
                "-k",
                1,
                "--out",
                out);
        refuses("nearest: shear_x", "kernel", "augment", "--images", queries, "--op", "shearx", "--out", out);
        refuses("Missing required option: '-k=K'", "kernel", "knn", "--queries", queries, "--out", out);
        refuses(
                "Unknown options: '--lables'",
                "kernel",
                "knn",
                "--queries",
                queries,
                "--lables",
                queries,
                "-k",
                1,
                "--out",
                out);
        assertThat(out).doesNotExist();
    }

    @Test
    void anUnwritableOutputIsOneLineAndExitCodeOne() throws IOException {
        Path queries = save("Q.npy", Tensor.of(new float[] {0, 0, 3, 4}, 2, 2));
        Path file = Files.writeString(folder.resolve("file"), "");
        CommandRun run = CommandRun.of("kernel", "knn", "--queries", queries, "-k", 1, "--out", file);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("quern: ").contains("file").hasLineCount(1);
    }

    private void refuses(String text, Object... arguments) {
        CommandRun run = CommandRun.of(arguments);
        assertThat(run.err()).contains(text).startsWith("quern: ");
        assertThat(run.err().lines().filter(line -> line.startsWith("quern: "))).hasSize(1);
        assertThat(run.exitCode()).isEqualTo(2);
    }

    private Path save(String name, Tensor tensor) throws IOException {
        Path file = folder.resolve(name);
        NpyFile.write(file, tensor);
        return file;
    }
}
