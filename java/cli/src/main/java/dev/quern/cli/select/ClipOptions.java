package dev.quern.cli.select;

import dev.quern.cli.terminal.Names;
import dev.quern.clip.AdapterConfig;
import dev.quern.clip.ClipSelection;
import dev.quern.joint.ConsistencyConfig;
import dev.quern.surrogate.SelectionSetting;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of CLIP-powered selection. What its paper left open, such as the learning of the adapters, is an option too. */
final class ClipOptions {
    @Option(
            names = "--image-embeddings",
            paramLabel = "FILE",
            description = "npy [N,D] of the training images, or safetensors, such as 'quern embed' writes, for clip")
    private Path imageEmbeddings;

    @Option(
            names = "--text-embeddings",
            paramLabel = "FILE",
            description = "npy [C,D] of the class names, or safetensors, for clip")
    private Path textEmbeddings;

    @Option(
            names = "--encoder-epochs",
            paramLabel = "E",
            defaultValue = "24",
            description =
                    "of the dual encoders that clip learns where it is given no embeddings (default: ${DEFAULT-VALUE})")
    private int encoderEpochs;

    @Option(
            names = "--folds",
            paramLabel = "K",
            description =
                    "clip judges each of K parts by what it learned from the others; 1: all by what it learned from all, as published (default: 5, with --profile 1)")
    private Integer folds;

    @Option(
            names = "--neighbours",
            paramLabel = "K",
            description =
                    "nearest images of the class whose distance is clip's diversity, 1 … 1023 (default: a tenth of the class)")
    private Integer neighbours;

    @Option(
            names = "--adapter-loss",
            paramLabel = "L",
            description =
                    "infonce-diag: images against the texts of all others of the batch, as published; infonce-class:"
                            + " against other classes' texts only (default: infonce-class, with --profile infonce-diag)")
    private String adapterLoss;

    @Option(
            names = "--adapter-epochs",
            paramLabel = "E",
            description = "of clip's adapters (default: 30, of more than 50,000 images fewer, as many steps)")
    private Integer adapterEpochs;

    @Option(
            names = "--adapter-batch",
            paramLabel = "B",
            defaultValue = "256",
            description = "images per step of the adapters (default: ${DEFAULT-VALUE})")
    private int adapterBatch;

    @Option(
            names = "--adapter-lr",
            paramLabel = "L",
            defaultValue = "1e-4",
            description = "learning rate of the adapters (default: ${DEFAULT-VALUE})")
    private double adapterRate;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.07",
            description = "of the adapters' loss (default: ${DEFAULT-VALUE})")
    private double temperature;

    /** @param published whether what is not given is as the paper has it, rather than fit for wrong labels */
    SelectionSetting on(SelectionSetting setting, boolean published) {
        if ((imageEmbeddings == null) != (textEmbeddings == null)) {
            throw new IllegalArgumentException(
                    "--image-embeddings and --text-embeddings are given together or not at all");
        }
        SelectionSetting complete = setting.withEncoderEpochs(encoderEpochs).withClip(settings(published));
        return imageEmbeddings == null
                ? complete
                : complete.withEmbeddings(new ConsistencyConfig.Given(imageEmbeddings, textEmbeddings));
    }

    private ClipSelection.Settings settings(boolean published) {
        ClipSelection.Settings settings = published ? ClipSelection.Settings.PUBLISHED : ClipSelection.Settings.DEFAULT;
        AdapterConfig adapters = settings.adapters()
                .withBatch(adapterBatch)
                .withLearningRate(adapterRate)
                .withTemperature(temperature);
        if (adapterEpochs != null) {
            adapters = adapters.withEpochs(adapterEpochs);
        }
        if (adapterLoss != null) {
            adapters = adapters.withLoss(
                    Names.find("--adapter-loss", adapterLoss, AdapterConfig.Loss.values(), Names::word));
        }
        settings = settings.withAdapters(adapters);
        if (folds != null) {
            settings = settings.withFolds(folds);
        }
        return neighbours == null ? settings : settings.withNeighbours(neighbours);
    }
}
