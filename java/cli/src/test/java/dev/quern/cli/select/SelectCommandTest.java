package dev.quern.cli.select;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.cli.CommandRun;
import dev.quern.cli.TinyIdx;
import dev.quern.io.NpyFile;
import dev.quern.io.SafetensorsWriter;
import dev.quern.io.Tensor;
import dev.quern.surrogate.StaticMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelectCommandTest {
    private static final int IMAGES = 60;
    private static final int TRAIN = 50;
    private static final String ALL =
            Arrays.stream(StaticMethod.values()).map(StaticMethod::label).collect(Collectors.joining(","));

    @TempDir
    Path folder;

    @Test
    void everyMethodKeepsItsShareAndSaysWhatItKept() throws IOException {
        String dataset = TinyIdx.write(folder, IMAGES);
        Path out = folder.resolve("out");
        CommandRun run =
                select(dataset, out, "--method", ALL, "--ratio", "0.3,0.5", "--noise", "0.2", "--corrupt", "0.2");
        assertThat(run.err()).isEmpty();
        for (StaticMethod method : StaticMethod.values()) {
            int[] kept =
                    NpyFile.read(out.resolve(method.label()).resolve("0.3.npy")).toInts();
            assertThat(kept).as(method.label()).hasSize(15).isSorted().doesNotHaveDuplicates();
            assertThat(kept[14]).isLessThan(TRAIN);
            List<String> lines = Files.readAllLines(out.resolve(method.label()).resolve("0.3.csv"));
            assertThat(lines).hasSize(16).first().isEqualTo("index,sample,label,class,score,known_wrong");
            assertThat(lines.get(1)).startsWith(kept[0] + ",");
        }
        assertThat(NpyFile.read(out.resolve("el2n/scores.npy")).count()).isEqualTo(TRAIN);
        assertThat(out.resolve("aum/suspects.npy")).exists();
        JsonNode summaries =
                new ObjectMapper().readTree(out.resolve("selections.json").toFile());
        assertThat(summaries).hasSize(2 * StaticMethod.values().length);
        assertThat(summaries.get(0).get("wrong_label_share").asDouble()).isBetween(0.0, 0.6);
        assertThat(summaries.get(0).get("corrupted_share").asDouble()).isBetween(0.0, 0.6);
        assertThat(summaries.get(2).at("/seconds/surrogate").asDouble()).isPositive();
        assertThat(Files.readString(out.resolve("overlap.csv"))).contains("0.5,el2n,el2n,1.0\n");
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("Kept by el2n at ratio 0.3")
                .contains("Dropped by d2")
                .contains("Held to be mislabelled by aum")
                .contains("for want of CLIP embeddings");
    }

    @Test
    void everyMethodKeepsTheShareOfEachClassWhereAskedTo() throws IOException {
        String dataset = TinyIdx.write(folder, IMAGES);
        Path out = folder.resolve("out");
        CommandRun run = select(
                dataset,
                out,
                "--method",
                ALL,
                "--ratio",
                "0.3",
                "--noise",
                "0.2",
                "--quota",
                "class",
                "--encoder-epochs",
                1);
        assertThat(run.err()).isEmpty();
        JsonNode summaries =
                new ObjectMapper().readTree(out.resolve("selections.json").toFile());
        JsonNode random = summaries.get(0).get("class_counts");
        for (JsonNode summary : summaries) {
            JsonNode counts = summary.get("class_counts");
            for (int label = 0; label < 3; label++) {
                // CCS and D2 share among what is left when the hardest are dropped.
                assertThat(counts.get(label).asInt())
                        .as(summary.get("method").asText())
                        .isBetween(
                                random.get(label).asInt() - 1, random.get(label).asInt() + 1);
            }
        }
    }

    @Test
    void embeddingsInOneFileServeClipAndShowTheMislabelled() throws IOException {
        String dataset = TinyIdx.write(folder, IMAGES);
        Path control = folder.resolve("control");
        select(dataset, control, "--method", "random", "--ratio", "1", "--noise", "0.2");
        float[] images = new float[TRAIN * 3];
        int wrong = 0;
        for (String line : Files.readAllLines(control.resolve("random/1.0.csv")).subList(1, TRAIN + 1)) {
            String[] cells = line.split(",");
            int given = Integer.parseInt(cells[2]);
            boolean isWrong = cells[5].equals("1");
            int seen = isWrong ? (given + 1) % 3 : given;
            images[Integer.parseInt(cells[0]) * 3 + seen] = 1;
            wrong += isWrong ? 1 : 0;
        }
        Path file = folder.resolve("e.safetensors");
        SafetensorsWriter.write(
                file,
                Map.of(
                        "images", Tensor.of(images, TRAIN, 3),
                        "texts", Tensor.of(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, 3)),
                Map.of(),
                SafetensorsWriter.Seal.NONE);
        Path out = folder.resolve("out");
        CommandRun run = select(
                dataset,
                out,
                "--method",
                "clip",
                "--ratio",
                "0.5",
                "--noise",
                "0.2",
                "--image-embeddings",
                file,
                "--text-embeddings",
                file);
        assertThat(run.err()).isEmpty();
        JsonNode summary = new ObjectMapper()
                .readTree(out.resolve("selections.json").toFile())
                .get(0);
        assertThat(wrong).isPositive();
        assertThat(summary.get("suspects").asInt()).isEqualTo(wrong);
        assertThat(summary.get("wrong_suspects").asInt()).isEqualTo(wrong);
        assertThat(summary.get("wrong_label_share").asDouble()).isLessThan((double) wrong / TRAIN);
        assertThat(summary.get("basis").asText()).isEqualTo("given embeddings, adapted");
        assertThat(out.resolve("surrogate")).doesNotExist();

        List<Object> published = List.of("--image-embeddings", file, "--text-embeddings", file, "--profile", "paper");
        assertThat(clip(dataset, folder.resolve("published"), published)).contains("folds=1", "loss=INFONCE_DIAG");
        List<Object> mine = new ArrayList<>(published);
        mine.addAll(List.of("--folds", 3, "--adapter-loss", "infonce-class", "--adapter-epochs", 2, "--neighbours", 4));
        assertThat(clip(dataset, folder.resolve("mine"), mine))
                .contains("folds=3", "loss=INFONCE_CLASS", "epochs=OptionalInt[2]", "neighbours=OptionalInt[4]");
    }

    /** What settings.json says of the method. */
    private static String clip(String dataset, Path out, List<Object> options) throws IOException {
        List<Object> all = new ArrayList<>(List.of("--method", "clip", "--ratio", "0.5"));
        all.addAll(options);
        assertThat(select(dataset, out, all.toArray()).err()).isEmpty();
        return new ObjectMapper()
                .readTree(out.resolve("settings.json").toFile())
                .get("clip")
                .asText();
    }

    @Test
    void aSubsetCanBeTrainedAndItsRunKnowsIt() throws IOException {
        String dataset = TinyIdx.write(folder, IMAGES);
        Path subset = folder.resolve("mine.npy");
        NpyFile.write(subset, Tensor.of(new long[] {41, 3, 17, 8}, 4));
        Path run = folder.resolve("run");
        assertThat(train(dataset, subset, run).err()).isEmpty();
        assertThat(NpyFile.read(run.resolve("indices/epoch-0000.npy")).toInts()).containsExactly(3, 8, 17, 41);
        JsonNode config = new ObjectMapper().readTree(run.resolve("config.json").toFile());
        assertThat(config.get("ratio").asDouble()).isEqualTo(0.08);
        assertThat(config.get("subset_crc32").isNumber()).isTrue();

        NpyFile.write(subset, Tensor.of(new long[] {41, 3, 17, 9}, 4));
        assertThat(train(dataset, subset, run, "--resume").err()).contains("'subset_crc32'");
        NpyFile.write(subset, Tensor.of(new int[] {3, 50}, 2));
        assertThat(train(dataset, subset, folder.resolve("far")).err())
                .isEqualTo("quern: " + subset + ": sample index is 50, allowed: 0 … 49\n");
        NpyFile.write(subset, Tensor.of(new int[] {3, 4, 3}, 3));
        assertThat(train(dataset, subset, folder.resolve("twice")).err())
                .contains("sample index is 3, allowed: each at most once");
        NpyFile.write(subset, Tensor.of(new float[] {3}, 1));
        assertThat(train(dataset, subset, folder.resolve("floats")).err()).contains("allowed: integers [m]");
    }

    @Test
    void theSurrogateIsTrainedOnceAndKeptApartFromOtherSettings() throws IOException {
        String dataset = TinyIdx.write(folder, IMAGES);
        Path out = folder.resolve("out");
        select(dataset, out, "--method", "el2n", "--ratio", "0.3");
        Path weights = out.resolve("surrogate/checkpoints");
        List<String> before = names(weights);
        CommandRun more = select(dataset, out, "--method", "aum,el2n", "--ratio", "0.5");
        assertThat(more.err()).isEmpty();
        assertThat(names(weights)).isEqualTo(before);
        assertThat(select(dataset, out, "--method", "el2n", "--ratio", "0.3", "--seed", "1")
                        .err())
                .contains("holds results with seed 0, not 1");
    }

    @Test
    void gradientsMayBeThoseByAllParameters() throws IOException {
        String dataset = TinyIdx.write(folder, IMAGES);
        Path out = folder.resolve("out");
        CommandRun run =
                select(dataset, out, "--method", "grand,moso", "--ratio", "0.3", "--gradients", "all-parameters");
        assertThat(run.err()).isEmpty();
        assertThat(Files.readString(out.resolve("selections.csv"))).contains("gradients by all parameters");
        assertThat(out.resolve("surrogate/dynamics/gradients-0001.npy")).exists();
    }

    @Test
    void badInputIsRefusedBeforeAnyTraining() throws IOException {
        String dataset = TinyIdx.write(folder, IMAGES);
        refuses(
                dataset,
                "method is 'forgeting', nearest: forgetting",
                "--method",
                "random,forgeting",
                "--ratio",
                "0.3");
        refuses(dataset, "ratio is 0.0, allowed: above 0, at most 1", "--method", "el2n", "--ratio", "0.3,0");
        refuses(dataset, "ratio is 1.5", "--method", "el2n", "--ratio", "1.5");
        refuses(dataset, "ratio is 1.0, allowed: above 0, below 1 for clip", "--method", "clip", "--ratio", "1");
        refuses(dataset, "≥ 2 for tdds", "--method", "tdds", "--ratio", "0.3", "--surrogate-epochs", "1");
        refuses(
                dataset,
                "--quota is 'classes', nearest: class",
                "--method",
                "el2n",
                "--ratio",
                "0.3",
                "--quota",
                "classes");
        refuses(dataset, "given together", "--method", "clip", "--ratio", "0.3", "--image-embeddings", "i.npy");
        refuses(dataset, "folds is 0, allowed: ≥ 1", "--method", "clip", "--ratio", "0.3", "--folds", "0");
        refuses(
                dataset,
                "nearest: infonce-diag",
                "--method",
                "clip",
                "--ratio",
                "0.3",
                "--adapter-loss",
                "infonce-dia");
        Path images = folder.resolve("i.npy");
        Path texts = folder.resolve("t.npy");
        NpyFile.write(images, Tensor.of(new float[40 * 2], 40, 2));
        NpyFile.write(texts, Tensor.of(new float[3 * 2], 3, 2));
        refuses(
                dataset,
                "i.npy: holds F32[40, 2], allowed: floats [50,D]",
                "--method",
                "el2n,clip",
                "--ratio",
                "0.3",
                "--image-embeddings",
                images,
                "--text-embeddings",
                texts);
    }

    private void refuses(String dataset, String text, Object... options) {
        Path out = folder.resolve("refused");
        CommandRun run = select(dataset, out, options);
        assertThat(run.err()).contains(text).startsWith("quern: ");
        assertThat(run.err().lines()).hasSize(1);
        assertThat(out.resolve("surrogate")).doesNotExist();
    }

    private static CommandRun select(String dataset, Path out, Object... options) {
        List<Object> arguments = new ArrayList<>(List.of("select", "--dataset", dataset, "--out", out));
        arguments.addAll(List.of("--threads", 1, "--progress", "none"));
        if (!List.of(options).contains("--surrogate-epochs")) {
            arguments.addAll(List.of("--surrogate-epochs", 2));
        }
        arguments.addAll(List.of(options));
        return CommandRun.of(arguments.toArray());
    }

    private static CommandRun train(String dataset, Path subset, Path out, Object... options) {
        List<Object> arguments =
                new ArrayList<>(List.of("train", "--dataset", dataset, "--subset", subset, "--out", out));
        arguments.addAll(List.of("--threads", 1, "--progress", "none", "--epochs", 1));
        arguments.addAll(List.of(options));
        return CommandRun.of(arguments.toArray());
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> {
                        try {
                            return file.getFileName() + " " + Files.getLastModifiedTime(file);
                        } catch (IOException failure) {
                            throw new java.io.UncheckedIOException(failure);
                        }
                    })
                    .sorted()
                    .toList();
        }
    }
}
