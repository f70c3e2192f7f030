package dev.quern.pipeline;

import dev.quern.data.Splits;
import dev.quern.nn.Model;
import dev.quern.train.RunFolder;
import dev.quern.train.StopSignal;
import dev.quern.train.StoppedException;
import dev.quern.train.TrainListener;
import java.io.IOException;
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

    /**
     * The weights, learned if need be.
     *
     * @param dataset specification that {@code data} was opened from
     * @param folder run folder of the learning, which goes on where it was interrupted
     * @throws StoppedException when asked to stop before the end
     */
    public Path weights(
            String dataset, Splits data, long seed, TrainConfig.RuntimeConfig runtime, Path folder, StopSignal stop)
            throws IOException {
        if (weights.isPresent()) {
            return weights.get();
        }
        TrainConfig config = TrainConfig.DEFAULT
                .withDataset(dataset)
                .withModel(model)
                .withEpochs(epochs, TrainConfig.Visits.EQUAL_EPOCHS)
                .withSeed(seed)
                .withAugmentation(Augmentation.ORIGINAL)
                .withRuntime(runtime);
        Training.run(config, data, folder, RunFolder.Start.RESUME, TrainListener.SILENT, stop);
        stop.check();
        return folder.resolve("weights.safetensors");
    }
}
