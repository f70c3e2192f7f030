package dev.quern.cli.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.cli.CommandRun;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AugmentCommandTest {
    @TempDir
    Path folder;

    @Test
    void theFolderHoldsEveryImageASheetAndTheLabels() throws IOException {
        Path out = folder.resolve("sheet");
        CommandRun run =
                CommandRun.of("augment", "--dataset", "shapes", "--policy", "cutmix:p=1", "--count", "3", "--out", out);
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(names(out)).containsExactly("000000.png", "000001.png", "000002.png", "labels.csv", "sheet.png");
        BufferedImage image = ImageIO.read(out.resolve("000001.png").toFile());
        assertThat(image.getWidth()).isEqualTo(32);
        BufferedImage sheet = ImageIO.read(out.resolve("sheet.png").toFile());
        assertThat(sheet.getWidth()).isEqualTo(8 * 34 - 2);
        assertThat(sheet.getHeight()).isEqualTo(3 * 34 - 2);
        assertThat(sheet.getRGB(34 + 5, 34 + 7)).isEqualTo(image.getRGB(5, 7));
        assertThat(Files.readAllLines(out.resolve("labels.csv")))
                .hasSize(4)
                .startsWith("file,label,weight,partner_label");
    }

    @Test
    void theSameSeedGivesTheSameFilesAndAnUnchangedPolicyTheOriginals() throws IOException {
        for (String name : List.of("a", "b")) {
            CommandRun.of(
                    "augment",
                    "--dataset",
                    "shapes",
                    "--policy",
                    "augmix",
                    "--count",
                    "2",
                    "--out",
                    folder.resolve(name));
        }
        assertThat(Files.readAllBytes(folder.resolve("a/sheet.png")))
                .isEqualTo(Files.readAllBytes(folder.resolve("b/sheet.png")));
        CommandRun.of(
                "augment",
                "--dataset",
                "shapes",
                "--policy",
                "flipLR(0)",
                "--count",
                "1",
                "--out",
                folder.resolve("c"));
        BufferedImage sheet = ImageIO.read(folder.resolve("c/sheet.png").toFile());
        for (int i = 0; i < 32; i++) {
            assertThat(sheet.getRGB(5 * 34 + i, i)).isEqualTo(sheet.getRGB(i, i));
        }
    }

    @Test
    void badInputIsOneLineAndLeavesNothingBehind() throws IOException {
        Path out = folder.resolve("out");
        refuses(out, "nearest: 'augmix'", "--dataset", "shapes", "--policy", "augmx");
        refuses(out, "--count is 0", "--dataset", "shapes", "--policy", "none", "--count", "0");
        refuses(out, "nearest: 'shapes'", "--dataset", "shape", "--policy", "none");
        refuses(out, "--profile is 'x', nearest: paper", "--dataset", "shapes", "--policy", "none", "--profile", "x");
        refuses(
                out,
                "none.npy does not exist",
                "--dataset",
                "shapes",
                "--policy",
                "advmask:" + folder.resolve("none.npy"));
        assertThat(Files.list(folder)).isEmpty();
        Files.createDirectories(out);
        Files.writeString(out.resolve("mine"), "kept");
        refuses(out, "is not empty", "--dataset", "shapes", "--policy", "none");
        assertThat(names(out)).containsExactly("mine");
    }

    private static void refuses(Path out, String message, String... arguments) {
        CommandRun run =
                CommandRun.of(Stream.concat(Stream.of("augment", "--out", out.toString()), Stream.of(arguments))
                        .toArray());
        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(message).hasLineCount(1);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
