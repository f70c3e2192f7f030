package dev.quern.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.cli.QuernCommand;
import dev.quern.cli.train.TrainCommand;
import dev.quern.data.Profile;
import dev.quern.data.image.Framing;
import dev.quern.nn.model.Model;
import dev.quern.run.Method;
import dev.quern.run.TrainConfig;
import dev.quern.setting.OptimizerConfig;
import dev.quern.train.TrainerSettings.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class RecipeTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "cifar,                 resnet18,              300,  128, RELEASED,         0.1,  1,   5e-4",
        "wrn-28-10,             wrn-28-10-author,      300,  128, RELEASED_DOUBLED, 0.1,  1,   5e-4",
        "shake-shake-26-2x32d,  shake-shake-26-2x32d,  1800, 128, RELEASED,         0.01, 1,   1e-3",
        "shake-shake-26-2x96d,  shake-shake-26-2x96d,  1800, 128, RELEASED,         0.01, 1,   1e-3",
        "shake-shake-26-2x112d, shake-shake-26-2x112d, 1800, 128, RELEASED,         0.01, 1,   2e-3",
        "tiny-imagenet,         resnet18,              300,  128, RELEASED,         0.1,  1,   5e-4",
        "imagenet,              resnet50-imagenet,     270,  256, COSINE,           0.1,  1,   1e-4",
        "fine-grained,          resnet50-imagenet,     100,  64,  COSINE,           0.01, 1,   1e-4",
        "transfer,              resnet18,              50,   128, COSINE,           0.01, 1,   5e-4",
        "imagenet-lt,           resnet10-imagenet,     30,   128, THIRDS,           0.1,  1,   5e-4",
        "imagenet-lt-second,    resnet10-imagenet,     60,   128, THIRDS,           0.1,  0.1, 5e-4",
        "places-lt-second,      resnet152-imagenet,    30,   128, THIRDS,           0.01, 0,   5e-4"
    })
    void everyRecipeGivesItsSettings(
            String name,
            String model,
            int epochs,
            int batch,
            Schedule schedule,
            double rate,
            double trunkRate,
            double weightDecay)
            throws IOException {
        TrainConfig config = resolve("--recipe", name);
        assertThat(config.model()).isEqualTo(Model.of(model));
        assertThat(config.epochs()).isEqualTo(epochs);
        assertThat(config.optimizer())
                .isEqualTo(new OptimizerConfig(batch, schedule, rate, trunkRate, weightDecay, 0, 0, 0, 0));
        int side = model.endsWith("-imagenet") ? 224 : 0;
        assertThat(config.framing()).isEqualTo(side == 0 ? Framing.AS_FIRST : new Framing(side, Framing.Fit.CROP));
        boolean second = name.endsWith("-second");
        assertThat(config.method()).isEqualTo(second ? Method.CLASS_AWARE : Method.FULL);
        assertThat(config.longTail().profile()).isEqualTo(second ? Profile.RELEASED : Profile.PAPER);
    }

    @Test
    void aConfigurationFileGoesBeforeARecipeAndTheCommandLineBeforeBoth() throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), "recipe: fine-grained\nbatch: 32\nlr: 0.02\n");
        TrainConfig config = resolve("--config", file.toString(), "--lr=0.03");
        assertThat(config.optimizer().batch()).isEqualTo(32);
        assertThat(config.optimizer().learningRate()).isEqualTo(0.03);
        assertThat(config.epochs()).isEqualTo(100);
        assertThat(resolve("--config", file.toString(), "--recipe", "transfer").epochs())
                .isEqualTo(50);
    }

    @Test
    void anUnknownRecipeIsRefusedWithTheNearest() {
        assertThatThrownBy(() -> resolve("--recipe", "finegrained"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--recipe is 'finegrained', nearest: fine-grained; allowed: cifar, ");
    }

    private static TrainConfig resolve(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("train", "--dataset", "shapes", "--out", "unused"));
        all.addAll(List.of(arguments));
        CommandLine quern = QuernCommand.commandLine();
        CommandLine train = quern.getSubcommands().get("train");
        ConfigFile.apply(train, all);
        quern.parseArgs(all.toArray(String[]::new));
        return train.<TrainCommand>getCommand().resolve();
    }
}
