package dev.quern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelsCommandTest {
    /** Name, side of the input, classes, parameters; but for ResNet-20 the networks of the method comparisons. */
    private static final String[] TABLE = {
        "resnet20 32 10 269722",
        "resnet20 32 100 275572",
        "resnet18 32 10 11173962",
        "resnet18 32 100 11220132",
        "resnet18 64 200 11271432",
        "resnet50 32 10 23520842",
        "resnet50 32 100 23705252",
        "resnet50 64 200 23910152",
        "resnet10-imagenet 224 1000 5418792",
        "resnet18-imagenet 224 1000 11689512",
        "resnet18-imagenet 64 200 11279112",
        "resnet50-imagenet 224 1000 25557032",
        "resnet50-imagenet 64 200 23917832",
        "resnet152-imagenet 224 1000 60192808",
        "wrn-28-10 32 10 36479194",
        "wrn-28-10 32 100 36536884",
        "wrn-28-10-author 32 10 36489290",
        "wrn-28-10-author 32 100 36546980",
        "shake-shake-26-2x32d 32 10 2923146",
        "shake-shake-26-2x32d 32 100 2934756",
        "shake-shake-26-2x96d 32 10 26192906",
        "shake-shake-26-2x96d 32 100 26227556",
        "shake-shake-26-2x112d 32 10 35640426",
        "shake-shake-26-2x112d 32 100 35680836",
        "vgg16-bn 32 100 14774436",
        "vgg16-bn 64 200 14825736",
        "vgg16-imagenet 224 1000 138357544",
        "vgg16-bn-imagenet 224 1000 138365992",
        "densenet121 32 100 7048548",
        "densenet121 64 200 7151048",
        "densenet121-imagenet 224 1000 7978856",
        "vit-b-16 224 1000 86567656",
        "vit-b-32 224 1000 88224232",
        "vit-l-16 224 1000 304326632",
        "swin-t 224 1000 28288354"
    };

    @Test
    void everyNetworkOfTheTablesIsListedWithItsPublishedParameterCount() throws IOException {
        assertThat(lines("models", "--json")).containsExactly(TABLE);
    }

    @Test
    void anotherNumberOfClassesGivesOneLineForEachNetwork() throws IOException {
        assertThat(lines("models", "--json", "--classes", "7"))
                .hasSize(21)
                .contains("resnet20 32 7 269527", "swin-t 224 7 27524737");
    }

    @Test
    void theListHasAColumnForEachField() {
        assertThat(CommandRun.of("models").out().lines())
                .hasSize(TABLE.length + 1)
                .contains("vit-l-16               3x224x224      1000      1024  304,326,632");
    }

    @Test
    void oneClassIsRefused() {
        CommandRun run = CommandRun.of("models", "--classes", "1");
        assertThat(run.err()).isEqualTo("quern: classes is 1, allowed: ≥ 2\n");
        assertThat(run.exitCode()).isEqualTo(2);
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
                    line.get("parameters").asText()));
        }
        return lines;
    }
}
