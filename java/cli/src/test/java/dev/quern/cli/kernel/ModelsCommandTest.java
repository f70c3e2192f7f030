package dev.quern.cli.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.cli.CommandRun;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelsCommandTest {
    /** Name, side of the input, classes, parameters, 10⁹ multiply-adds as far as published; but for ResNet-20 the networks of the method comparisons. */
    private static final String[] TABLE = {
        "resnet20 32 10 269722 0.041",
        "resnet20 32 100 275572 0.041",
        "resnet18 32 10 11173962 0.5554",
        "resnet18 32 100 11220132 0.5555",
        "resnet18 64 200 11271432 2.222",
        "resnet50 32 10 23520842 1.2978",
        "resnet50 32 100 23705252 1.2980",
        "resnet50 64 200 23910152 5.192",
        "resnet10-imagenet 224 1000 5418792 0.89",
        "resnet18-imagenet 224 1000 11689512 1.814",
        "resnet18-imagenet 64 200 11279112 0.148",
        "resnet50-imagenet 224 1000 25557032 4.089",
        "resnet50-imagenet 64 200 23917832 0.334",
        "resnet152-imagenet 224 1000 60192808 11.51",
        "wrn-28-10 32 10 36479194 5.243",
        "wrn-28-10 32 100 36536884 5.243",
        "wrn-28-10-author 32 10 36489290 5.951",
        "wrn-28-10-author 32 100 36546980 5.951",
        "shake-shake-26-2x32d 32 10 2923146 0.427",
        "shake-shake-26-2x32d 32 100 2934756 0.427",
        "shake-shake-26-2x96d 32 10 26192906 3.777",
        "shake-shake-26-2x96d 32 100 26227556 3.777",
        "shake-shake-26-2x112d 32 10 35640426 5.135",
        "shake-shake-26-2x112d 32 100 35680836 5.135",
        "vgg16-bn 32 100 14774436 0.313",
        "vgg16-bn 64 200 14825736 1.253",
        "vgg16-imagenet 224 1000 138357544 15.47",
        "vgg16-bn-imagenet 224 1000 138365992 15.47",
        "densenet121 32 100 7048548 0.888",
        "densenet121 64 200 7151048 3.554",
        "densenet121-imagenet 224 1000 7978856 2.834",
        "vit-b-16 224 1000 86567656 17.56",
        "vit-b-32 224 1000 88224232 4.41",
        "vit-l-16 224 1000 304326632 61.55",
        "swin-t 224 1000 28288354 4.49"
    };

    @Test
    void everyNetworkOfTheTablesIsListedWithItsPublishedParametersAndMultiplyAdds() throws IOException {
        List<String> lines = lines("models", "--json");
        for (int i = 0; i < Math.min(TABLE.length, lines.size()); i++) {
            lines.set(i, toTheDigitsOf(TABLE[i], lines.get(i)));
        }
        assertThat(lines).containsExactly(TABLE);
    }

    @Test
    void anotherNumberOfClassesGivesOneLineForEachNetwork() throws IOException {
        assertThat(lines("models", "--json", "--classes", "7"))
                .hasSize(21)
                .contains("resnet20 32 7 269527 40550848", "swin-t 224 7 27524737 4489804032");
    }

    @Test
    void theListHasAColumnForEachField() {
        assertThat(CommandRun.of("models").out().lines())
                .hasSize(TABLE.length + 1)
                .contains("vit-l-16               3x224x224      1000      1024  304,326,632  61,554,712,576");
    }

    @Test
    void oneClassIsRefused() {
        CommandRun run = CommandRun.of("models", "--classes", "1");
        assertThat(run.err()).isEqualTo("quern: classes is 1, allowed: ≥ 2\n");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    /** The line with its multiply-adds in 10⁹, rounded as in the row. */
    private static String toTheDigitsOf(String row, String line) {
        int digits = row.length() - row.indexOf('.') - 1;
        int last = line.lastIndexOf(' ') + 1;
        BigDecimal counted = new BigDecimal(line.substring(last)).movePointLeft(9);
        return line.substring(0, last) + counted.setScale(digits, RoundingMode.HALF_UP);
    }

    private static List<String> lines(Object... arguments) throws IOException {
        List<String> lines = new ArrayList<>();
        for (JsonNode line :
                new ObjectMapper().readTree(CommandRun.of(arguments).out())) {
            lines.add(String.join(
                    " ",
                    line.get("name").asText(),
                    line.get("input").get(1).asText(),
                    line.get("classes").asText(),
                    line.get("parameters").asText(),
                    line.get("multiply_adds").asText()));
        }
        return lines;
    }
}
