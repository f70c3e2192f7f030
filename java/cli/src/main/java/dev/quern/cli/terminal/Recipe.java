package dev.quern.cli.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Published settings of a training, as defaults for its options: a YAML file in this package's resources. */
public record Recipe(String name) {
    /** The option that names a recipe. */
    public static final String OPTION = "--recipe";

    private static final String[] NAMES = {
        "cifar",
        "wrn-28-10",
        "shake-shake-26-2x32d",
        "shake-shake-26-2x96d",
        "shake-shake-26-2x112d",
        "tiny-imagenet",
        "imagenet",
        "fine-grained",
        "transfer",
        "imagenet-lt",
        "imagenet-lt-second",
        "places-lt-second"
    };

    /** @throws IllegalArgumentException for an unknown name, with the nearest */
    static Recipe of(String name) {
        return new Recipe(Names.find(OPTION, name, NAMES, known -> known));
    }

    /** What a message calls it. */
    String source() {
        return "recipe " + name;
    }

    String text() throws IOException {
        try (InputStream in = Recipe.class.getResourceAsStream("recipes/" + name + ".yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
