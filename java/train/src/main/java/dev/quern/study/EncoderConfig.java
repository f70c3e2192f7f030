package dev.quern.study;

import dev.quern.nn.model.Model;
import dev.quern.setting.Fields;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The frozen network that similarity and diversity look through.
 *
 * @param weights safetensors of the model for the classes of the data; where there are none it learns from the unaugmented training images
 * @param epochs of that, 1 … 100,000
 */
public record EncoderConfig(Model model, Optional<Path> weights, int epochs) {
    public static final EncoderConfig DEFAULT = new EncoderConfig(Model.of("resnet20"), Optional.empty(), 8);

    public EncoderConfig {
        Fields.require("encoder epochs", epochs, epochs >= 1 && epochs <= 100_000, "1 … 100000");
    }
}
