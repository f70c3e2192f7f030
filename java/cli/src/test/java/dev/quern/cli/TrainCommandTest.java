package dev.quern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    @TempDir
    Path folder;

    @Test
    void badInputIsOneLineNamingTheThing() throws IOException {
        Path cifar = Files.createDirectories(folder.resolve("cifar"));
        Files.write(cifar.resolve("data_batch_1.bin"), new byte[3073 + 5]);
        Files.write(cifar.resolve("test_batch.bin"), new byte[3073]);
        Path labels = Files.createDirectories(folder.resolve("labels"));
        byte[] record = new byte[3073];
        record[0] = 10;
        Files.write(labels.resolve("data_batch_1.bin"), record);
        Files.write(labels.resolve("test_batch.bin"), new byte[3073]);
        refuses("nearest: 'shapes'", "--dataset", "shape");
        refuses("data_batch_1.bin", "--dataset", "cifar10:" + cifar);
        refuses("10", "--dataset", "cifar10:" + labels);
        refuses("--ratio is missing", "--dataset", "shapes", "--method", "random");
        refuses("--subset is missing", "--dataset", "shapes", "--method", "subset");
        refuses("allowed without --method and --ratio", "--dataset", "shapes", "--subset", "s.npy", "--ratio", "0.3");
        refuses(
                "lost.npy does not exist",
                "--dataset",
                "shapes",
                "--subset",
                folder.resolve("lost.npy").toString());
        refuses("ratio is 1.5", "--dataset", "shapes", "--method", "random", "--ratio", "1.5");
        refuses("method is 'jiont'", "--dataset", "shapes", "--method", "jiont");
        refuses(
                "allowed: full, random, subset, random-dynamic, rs2, epsilon-greedy, ucb, infobatch, seta, ies, joint, adaaugment, entaugment, madaug",
                "--dataset",
                "shapes",
                "--method",
                "ada");
        refuses("--profile is 'relased', nearest: released", "--dataset", "shapes", "--profile", "relased");
        refuses(
                "--quirks is 'lagged', nearest: lagged-credit",
                "--dataset",
                "shapes",
                "--method",
                "adaaugment",
                "--quirks",
                "lagged");
        refuses("cutout is -1", "--dataset", "shapes", "--method", "entaugment", "--cutout", "-1");
        refuses("model is 'resnet19'", "--dataset", "shapes", "--model", "resnet19");
        refuses("allowed for vit-b-16: 224×224", "--dataset", "shapes", "--model", "vit-b-16");
        refuses("image size is 64, allowed for shapes: 0", "--dataset", "shapes", "--image-size", "64");
        refuses("--image-fit is 'crp', nearest: crop", "--dataset", "shapes", "--image-fit", "crp");
        refuses("lost.safetensors does not exist", "--dataset", "shapes", "--weights", "lost.safetensors");
        refuses("epochs is 0", "--dataset", "shapes", "--epochs", "0");
        refuses("nearest: 'trivialaugment'", "--dataset", "shapes", "--augment", "trivailaugment");
        refuses("m is 40, allowed: 0 … 30", "--dataset", "shapes", "--augment", "randaugment:m=40");
        refuses("lost.csv", "--dataset", "shapes", "--augment", "dada:" + folder.resolve("lost.csv"));
        refuses("label noise is 2.0", "--dataset", "shapes", "--label-noise", "2");
        refuses("corruption is -1.0, allowed: 0 … 1", "--dataset", "shapes", "--corrupt", "-1");
        refuses("--corrupt-mode is 'old', nearest: ", "--dataset", "shapes", "--corrupt-mode", "old");
        refuses("--labels-index", "--dataset", "shapes", "--labels-index", "x.txt");
        refuses(
                "lost.txt",
                "--dataset",
                "shapes",
                "--labels",
                folder.resolve("lost.txt").toString());
        refuses("settled is -1.0", "--dataset", "shapes", "--method", "ies", "--settled", "-1");
        refuses("--text-embeddings", "--dataset", "shapes", "--image-embeddings", "x.npy");
    }

    @Test
    void anAdaptiveRunReportsItsMagnitudes() throws IOException {
        Path run = folder.resolve("run");
        String dataset = TinyIdx.write(folder, 24);
        CommandRun result = CommandRun.of(
                "train",
                "--dataset",
                dataset,
                "--method",
                "adaaugment",
                "--profile",
                "released",
                "--epochs",
                "2",
                "--batch",
                "8",
                "--threads",
                "1",
                "--progress",
                "none",
                "--out",
                run);
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("full+adaaugment");
        assertThat(Files.readString(run.resolve("config.json")))
                .contains("lagged-credit")
                .contains("\"released\"");
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl")))
                .hasSize(2)
                .allMatch(line -> line.contains("histogram"));
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("Mean magnitude")
                .contains("mean reward")
                .contains("what adaaugment makes of each")
                .contains("Every op at magnitudes from 0 to 1")
                .containsPattern("data:image/png;base64,[A-Za-z0-9+/=]{1000}");
        assertThat(run.resolve("events.out.tfevents.quern")).isNotEmptyFile();
    }

    @Test
    void aRunFolderThatIsAFileIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        CommandRun run = CommandRun.of("train", "--dataset", "shapes", "--out", file);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("quern: ").contains("which is a file");
        assertThat(Files.size(file)).isZero();
    }

    @Test
    void helpShowsExamples() {
        assertThat(CommandRun.of("train", "--help").out()).contains("quern train --dataset shapes --method joint");
        assertThat(CommandRun.of("--help").out()).contains("demo").contains("Exit codes");
    }

    private void refuses(String text, String... options) {
        Object[] arguments = new Object[options.length + 3];
        arguments[0] = "train";
        System.arraycopy(options, 0, arguments, 1, options.length);
        arguments[options.length + 1] = "--out";
        arguments[options.length + 2] = folder.resolve("run-" + text.hashCode());
        CommandRun run = CommandRun.of(arguments);
        assertThat(run.err()).contains(text).startsWith("quern: ");
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.exitCode()).isEqualTo(2);
    }
}
