package dev.quern.run;

import dev.quern.data.Splits;
import dev.quern.setting.Augmentation;
import dev.quern.study.EncoderConfig;
import dev.quern.train.StopSignal;
import dev.quern.train.StoppedException;
import dev.quern.train.TrainListener;
import dev.quern.train.record.RunFolder;
import java.io.IOException;
import java.nio.file.Path;

/** Learns the frozen network that similarity and diversity look through. */
public final class EncoderTraining {
    private EncoderTraining() {}

    /**
     * The weights of a frozen network, learned if need be.
     *
     * @param dataset specification that {@code data} was opened from
     * @param folder run folder of the learning, which goes on where it was interrupted
     * @throws StoppedException when asked to stop before the end
     */
    public static Path weights(
            EncoderConfig encoder,
            String dataset,
            Splits data,
            long seed,
            TrainConfig.RuntimeConfig runtime,
            Path folder,
            StopSignal stop)
            throws IOException {
        if (encoder.weights().isPresent()) {
            return encoder.weights().get();
        }
        TrainConfig config = TrainConfig.DEFAULT
                .withDataset(dataset)
                .withModel(encoder.model())
                .withEpochs(encoder.epochs(), TrainConfig.Visits.EQUAL_EPOCHS)
                .withSeed(seed)
                .withAugmentation(Augmentation.ORIGINAL)
                .withRuntime(runtime);
        Training.run(config, data, folder, RunFolder.Start.RESUME, TrainListener.SILENT, stop);
        stop.check();
        return folder.resolve("weights.safetensors");
    }
}
