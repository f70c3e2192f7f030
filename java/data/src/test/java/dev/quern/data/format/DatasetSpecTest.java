package dev.quern.data.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.data.DatasetOptions;
import dev.quern.data.image.Framing;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetSpecTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "shapes",
                "cifar10:a/b",
                "cifar100:x",
                "tiny-imagenet:d",
                "folder:d,e",
                "idx:i.gz,l.gz",
                "manifest:m:n.csv",
                "flowers102:d",
                "pets:d",
                "aircraft:d",
                "cars:d,e",
                "long-tail:root,train.txt,test.txt",
                "long-tail:root,train.txt,test.txt,open.txt"
            })
    void everyKindIsParsedAndPrintedBack(String text) {
        assertThat(DatasetSpec.parse(text)).hasToString(text);
    }

    @Test
    void idxTakesTwoPaths() {
        assertThat(DatasetSpec.parse("idx:i,l").paths()).containsExactly(Path.of("i"), Path.of("l"));
    }

    @ParameterizedTest
    @CsvSource({"cifar:d,cifar10", "shape,shapes", "cifar-100:d,cifar100", "tinyimagenet:d,tiny-imagenet", "csv:f,idx"})
    void theNearestKindIsNamed(String text, String nearest) {
        assertThatThrownBy(() -> DatasetSpec.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nearest: '" + nearest + "'")
                .hasMessageContaining("tiny-imagenet:DIR");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cifar10",
                "cifar10:",
                "shapes:x",
                "idx:i",
                "idx:i,",
                "idx:a,b,c",
                "manifest:",
                "folder:\0",
                "long-tail:a,b",
                "long-tail:a,b,c,d,e"
            })
    void missingOrSuperfluousPathsAreRefused(String text) {
        assertThatThrownBy(() -> DatasetSpec.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("data set is '");
    }

    @ParameterizedTest
    @ValueSource(strings = {"shapes", "cifar10:d", "cifar100:d", "idx:i,l"})
    void imagesOfOneSizeTakeNoOther(String text) {
        DatasetOptions options = DatasetOptions.DEFAULT.withFraming(new Framing(64, Framing.Fit.CROP));
        assertThatThrownBy(() -> DatasetSpec.parse(text).open(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("image size is 64, allowed for")
                .hasMessageContaining(": 0, its images have one size");
    }

    @Test
    void optionsAreChecked() {
        assertThatThrownBy(() -> DatasetOptions.DEFAULT.withTestShare(1)).hasMessageContaining("testShare is 1.0");
        assertThatThrownBy(() -> DatasetOptions.DEFAULT.withTestShare(Double.NaN))
                .hasMessageContaining("testShare");
        assertThatThrownBy(() -> new Framing(-1, Framing.Fit.CROP)).hasMessage("image size is -1, allowed: 0 … 16384");
        assertThatThrownBy(() -> new Framing(16385, Framing.Fit.CROP)).hasMessageContaining("image size is 16385");
    }
}
