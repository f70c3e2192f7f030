package dev.quern.cli.train;

import dev.quern.nn.model.Model;
import dev.quern.study.EncoderConfig;
import dev.quern.study.Tracking;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What is measured of the images that the network is fed. */
final class TrackingOptions {
    @Option(
            names = "--track-similarity",
            paramLabel = "R",
            defaultValue = "0",
            description = "epochs between measurements; 0: none (default: ${DEFAULT-VALUE})")
    private int every;

    @Option(
            names = "--track-model",
            paramLabel = "NAME",
            defaultValue = "resnet20",
            description = "frozen network of the features (default: ${DEFAULT-VALUE})")
    private String model;

    @Option(
            names = "--track-weights",
            paramLabel = "FILE",
            description = "its safetensors (default: it learns from the unaugmented training images for 8 epochs)")
    private Path weights;

    Tracking resolve() {
        int epochs = EncoderConfig.DEFAULT.epochs();
        return Tracking.NONE
                .withEvery(every)
                .withEncoder(new EncoderConfig(Model.of(model), Optional.ofNullable(weights), epochs));
    }
}
