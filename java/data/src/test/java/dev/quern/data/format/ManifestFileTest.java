package dev.quern.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.quern.Refusals;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.TestImages;
import dev.quern.data.image.BrokenImages;
import dev.quern.data.image.Framing;
import dev.quern.data.image.ImageShape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class ManifestFileTest {
    @TempDir
    Path folder;

    private Path manifest;

    @BeforeEach
    void threeImages() throws IOException {
        manifest = folder.resolve("manifest.csv");
        TestImages.write(folder.resolve("img/red.png"), 4, 4, 0xFF0000);
        TestImages.write(folder.resolve("img/a, \"b\".png"), 4, 4, 0x00FF00);
        TestImages.write(folder.resolve("img/wide.png"), 4, 9, 0x0000FF);
    }

    @Test
    void quotedFieldsAndNamesAreRead() throws IOException {
        ImageDataset set = open("\uFEFFpath,label\r\nimg/red.png,\"zebra\"\r\n\r\n\"img/a, \"\"b\"\".png\",ant\r\n");
        assertThat(set.classNames()).containsExactly("ant", "zebra");
        assertThat(set.label(0)).isEqualTo(1);
        assertThat(set.label(1)).isZero();
        assertThat(TestImages.read(set, 1)).startsWith(0, -1, 0);
        assertThat(set.sampleName(1)).endsWith("img/a, \"b\".png");
    }

    @Test
    void integerLabelsKeepTheirValues() throws IOException {
        ImageDataset set = open("path,label\nimg/red.png,10\nimg/wide.png,2");
        assertThat(set.classNames()).hasSize(11).endsWith("9", "10");
        assertThat(set.label(0)).isEqualTo(10);
        assertThat(set.label(1)).isEqualTo(2);
    }

    @Test
    void imagesTakeTheSizeOfTheFirstOrTheOneAskedFor() throws IOException {
        ImageDataset first = open("path,label\nimg/red.png,0\nimg/wide.png,1\n");
        assertThat(IntStream.of(first.height(), first.width())).containsExactly(4, 4);
        assertThat(TestImages.read(first, 1)).hasSize(48).endsWith(0, 0, -1);
        ImageDataset asked =
                ManifestFile.open(manifest, DatasetOptions.DEFAULT.withFraming(new Framing(6, Framing.Fit.STRETCH)));
        assertThat(IntStream.of(asked.height(), asked.width())).containsExactly(6, 6);
    }

    @Test
    void absolutePathsAreRead() throws IOException {
        assertThat(open("path,label\n" + folder.resolve("img/red.png") + ",0\n").size())
                .isEqualTo(1);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
            empty file            | ''                                                | header is missing
            no header             | 'img/red.png,1'                                   | header is [img/red.png, 1], allowed: path,label
            swapped header        | 'label,path;1,img/red.png'                        | header is [label, path]
            no images             | 'path,label'                                      | number of images is 0
            one field             | 'path,label;img/red.png,1;img/red.png'            | line 3 is [img/red.png]
            three fields          | 'path,label;img/red.png,1,2'                      | line 2 is
            empty label           | 'path,label;img/red.png,'                         | line 2 is
            empty path            | 'path,label;;,3'                                  | line 3 is
            open quote            | 'path,label;img/red.png,1;"img/red.png,1;a,1'     | quote in line 3 is open
            text behind a quote   | 'path,label;"img/red.png"x,1'                     | line 2 is
            label too large       | 'path,label;img/red.png,100000'                   | largest label is 100000, allowed: 0 … 99999
            """)
    void malformedManifestsAreRefused(String what, String text, String words) throws IOException {
        byte[] content = text.replace(';', '\n').getBytes(StandardCharsets.UTF_8);
        Refusals.assertRefused(manifest, content, () -> ManifestFile.open(manifest, DatasetOptions.DEFAULT), words);
    }

    @Test
    void nulInAPathLongLinesAndOtherEncodingsAreRefused() throws IOException {
        Refusals.assertRefused(
                manifest,
                "path,label\na\0b,1\n".getBytes(),
                () -> ManifestFile.open(manifest, DatasetOptions.DEFAULT),
                "path in line 2");
        Refusals.assertRefused(
                manifest,
                ("path,label\n" + "a".repeat(70_000) + ",1\n").getBytes(),
                () -> ManifestFile.open(manifest, DatasetOptions.DEFAULT),
                "length of line 2");
        Refusals.assertRefused(
                manifest,
                "path,label\n".getBytes(StandardCharsets.UTF_16),
                () -> ManifestFile.open(manifest, DatasetOptions.DEFAULT),
                "UTF-8");
    }

    @Test
    void brokenImagesAreRefusedByNameOrSkipped() throws IOException {
        Files.writeString(folder.resolve("img/broken.png"), "no image");
        String text = "path,label\nimg/broken.png,0\nimg/red.png,1\nimg/lost.png,2\n";
        assertThatThrownBy(() -> open(text)).hasMessageContaining("broken.png: format is unknown");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        ((Logger) LoggerFactory.getLogger(ImageFiles.class)).addAppender(log);
        ImageDataset set = ManifestFile.open(manifest, DatasetOptions.DEFAULT.withBrokenImages(BrokenImages.SKIP));
        assertThat(log.list.toString()).contains("broken.png", "lost.png", "skipped 2 broken images");
        assertThat(set.size()).isEqualTo(1);
        assertThat(set.label(0)).isEqualTo(1);
        assertThat(set.classNames()).hasSize(3);
    }

    @Test
    void aSetWithoutAnyReadableImageIsRefused() throws IOException {
        Files.writeString(manifest, "path,label\nnone.png,0\n");
        assertThatThrownBy(
                        () -> ManifestFile.open(manifest, DatasetOptions.DEFAULT.withBrokenImages(BrokenImages.SKIP)))
                .hasMessage("manifest manifest.csv holds no readable image");
    }

    @Test
    void largeSetsAreDecodedWhenTheyAreRead() throws IOException {
        List<ImageFiles.Entry> entries = List.of(new ImageFiles.Entry(folder.resolve("img/wide.png"), 0));
        ImageDataset onDemand =
                new ImageFileDataset("files", entries, List.of("a"), new ImageShape(3, 3, Framing.Fit.STRETCH), null);
        assertThat(TestImages.read(onDemand, 0)).hasSize(27).startsWith(0, 0, -1);
        Files.delete(folder.resolve("img/wide.png"));
        assertThatThrownBy(() -> TestImages.read(onDemand, 0)).hasMessageEndingWith("wide.png does not exist");
    }

    private ImageDataset open(String text) throws IOException {
        Files.writeString(manifest, text);
        return ManifestFile.open(manifest, DatasetOptions.DEFAULT);
    }
}
