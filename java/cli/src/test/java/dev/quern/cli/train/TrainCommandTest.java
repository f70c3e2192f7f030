package dev.quern.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.cli.CommandRun;
import dev.quern.cli.TinyIdx;
import dev.quern.kernels.Cuda;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
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
                "allowed: full, random, subset, random-dynamic, rs2, epsilon-greedy, ucb, infobatch, seta, ies, class-aware, joint, adaaugment, entaugment, madaug, teachaugment",
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
        refuses("per turn is 0", "--dataset", "shapes", "--per-turn", "0");
        refuses("open threshold is 2.0", "--dataset", "shapes", "--open-threshold", "2");
        refuses("trunkRate is -1.0", "--dataset", "shapes", "--trunk-rate", "-1");
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
        refuses("device is 'gpu', allowed: cpu, cuda:0", "--dataset", "shapes", "--device", "gpu");
    }

    @Test
    void aDeviceThatIsNotThereSaysWhy() {
        Assumptions.assumeFalse(Cuda.state().available(), "skipped: there is a CUDA device");
        Path run = folder.resolve("run");
        CommandRun refused =
                CommandRun.of("train", "--dataset", "shapes", "--device", "cuda:0", "--out", run, "--progress", "none");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).startsWith("quern: cuda:0 is not available: no ");
        assertThat(run).doesNotExist();
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
    void madAugRunsWithItsShareHeldOut() throws IOException {
        Path run = folder.resolve("run");
        String dataset = TinyIdx.write(folder, 24);
        CommandRun result = CommandRun.of(
                "train",
                "--dataset",
                dataset,
                "--augment",
                "madaug",
                "--held-out",
                "0.25",
                "--epochs",
                "1",
                "--batch",
                "8",
                "--threads",
                "1",
                "--progress",
                "none",
                "--out",
                run);
        assertThat(result.err()).isEmpty();
        // A sixth of 24 is for testing, a quarter of the rest is held out.
        assertThat(Files.readString(run.resolve("config.json")))
                .contains("\"held_out\" : 0.25")
                .contains("\"train\" : 15");
        assertThat(Files.readString(run.resolve("report.html"))).contains("what madaug makes of each");
    }

    @Test
    void teachAugmentRunsWithItsPublishedSettings() throws IOException {
        Path run = folder.resolve("run");
        CommandRun result = CommandRun.of(
                "train",
                "--dataset",
                TinyIdx.write(folder, 24),
                "--method",
                "teachaugment",
                "--epochs",
                "1",
                "--batch",
                "8",
                "--threads",
                "1",
                "--progress",
                "none",
                "--out",
                run);
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("full+teachaugment");
        assertThat(Files.readString(run.resolve("config.json")))
                .contains("\"teachaugment\"", "\"geometry\" : 0.5", "\"color\" : 0.8", "\"dropout\" : 0.8")
                .contains("\"temperature\" : 0.05", "\"every\" : 5", "\"teacher_decay\" : 0.999")
                .contains(
                        "\"smoothing\" : 0.2",
                        "\"regularization\" : 10.0",
                        "\"replay_every\" : 10",
                        "\"replay_most\" : 64")
                .contains("\"replay_decay\" : 0.9", "\"cutout\" : 16");
    }

    @Test
    void aRunOnALongTailReportsItsShots() throws IOException {
        Path root = Files.createDirectories(folder.resolve("images"));
        StringBuilder train = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            writeImage(root.resolve(i + ".png"), 0x050301 * i);
            train.append(i).append(".png ").append(i < 21 ? 0 : i < 23 ? 1 : 2).append('\n');
        }
        Path list = Files.writeString(folder.resolve("train.txt"), train);
        Path open = Files.writeString(folder.resolve("open.txt"), "3.png -1\n");
        Path run = folder.resolve("run");
        CommandRun result = CommandRun.of(
                "train",
                "--dataset",
                "long-tail:" + root + "," + list + "," + list + "," + open,
                "--image-size",
                "16",
                "--method",
                "class-aware",
                "--per-turn",
                "2",
                "--profile",
                "released",
                "--epochs",
                "1",
                "--batch",
                "8",
                "--threads",
                "1",
                "--progress",
                "none",
                "--out",
                run);
        assertThat(result.err()).isEmpty();
        assertThat(Files.readString(run.resolve("config.json"))).contains("\"per_turn\" : 2");
        assertThat(Files.readString(run.resolve("result.json"))).contains("\"few\"", "\"medium\"", "\"open_f\"");
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("Accuracy by how many training images a class has")
                .contains("open-set F");
    }

    private static void writeImage(Path file, int rgb) throws IOException {
        BufferedImage image = new BufferedImage(20, 18, BufferedImage.TYPE_INT_RGB);
        for (int at = 0; at < 20 * 18; at++) {
            image.setRGB(at % 20, at / 20, rgb + at);
        }
        ImageIO.write(image, "png", file.toFile());
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
