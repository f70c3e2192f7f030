package dev.quern.nn.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.io.MalformedFileException;
import dev.quern.io.SafetensorsFile;
import dev.quern.nn.SharedData;
import dev.quern.nn.clip.ClipTokenizer.TooLong;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CLIP's published vocabulary; expected tokens are those of its released tokenizer. */
class ClipTokenizerTest {
    private static final long START = 49_406;
    private static final long END = 49_407;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "A photo of a apple, 320 1125 539 320 3055",
        "A photo of a apple., 320 1125 539 320 3055 269",
        "A photo of a aquarium fish, 320 1125 539 320 16814 2759",
        "A photo of a sweet pepper, 320 1125 539 320 2418 8253",
        "A photo of a willow tree, 320 1125 539 320 15665 2677",
        "a photo of a dog., 320 1125 539 320 1929 269",
        "a photo of a tench, 320 1125 539 320 1149 634",
        "  A   PHOTO of a Apple , 320 1125 539 320 3055"
    })
    void tokensAreThoseOfClip(String text, String ids) throws IOException {
        long[] expected = new long[77];
        expected[0] = START;
        long[] inner = Arrays.stream(ids.split(" ")).mapToLong(Long::parseLong).toArray();
        System.arraycopy(inner, 0, expected, 1, inner.length);
        expected[inner.length + 1] = END;
        try (ClipTokenizer tokenizer = open(77)) {
            assertThat(tokenizer.encode(List.of(text), TooLong.REFUSE)).containsExactly(expected);
        }
    }

    @Test
    void textsOfAListStandInRows() throws IOException {
        try (ClipTokenizer tokenizer = open(77);
                SafetensorsFile file =
                        SafetensorsFile.open(SharedData.path("golden/clip/tiny-clip-expected.safetensors"))) {
            List<String> texts = List.of(
                    "A photo of a apple",
                    "A photo of a aquarium fish",
                    "a photo of a dog.",
                    "A photo of a sweet pepper");
            assertThat(tokenizer.encode(texts, TooLong.REFUSE))
                    .containsExactly(file.read("input_ids").toLongs());
        }
    }

    @Test
    void aTextThatIsTooLongIsRefusedUnlessTruncationIsAskedFor() throws IOException {
        try (ClipTokenizer tokenizer = open(6)) {
            List<String> texts = List.of("a dog", "a photo of a dog");
            assertThatThrownBy(() -> tokenizer.encode(texts, TooLong.REFUSE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("text 'a photo of a dog' has 7 tokens, allowed: at most 6, start and end included");
            assertThat(tokenizer.encode(texts, TooLong.TRUNCATE))
                    .containsExactly(START, 320, 1929, END, 0, 0, START, 320, 1125, 539, 320, END);
        }
    }

    @Test
    void aFileThatIsNoTokenizerIsRefusedByName() throws IOException {
        Path file = Files.writeString(folder.resolve("broken.json"), "{\"version\": 1}");
        assertThatThrownBy(() -> ClipTokenizer.open(file, 77))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("broken.json")
                .hasMessageContaining("is not a tokenizer");
    }

    private ClipTokenizer open(int context) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        try (InputStream packed = Files.newInputStream(SharedData.path("golden/clip/tokenizer.json.gz"));
                InputStream text = new GZIPInputStream(packed)) {
            Files.copy(text, file);
        }
        return ClipTokenizer.open(file, context);
    }
}
