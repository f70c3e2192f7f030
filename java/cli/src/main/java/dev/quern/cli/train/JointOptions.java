package dev.quern.cli.train;

import dev.quern.joint.ConsistencyConfig;
import dev.quern.joint.JointConfig;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Settings of joint selection. */
final class JointOptions {
    @Option(
            names = "--neighbors",
            paramLabel = "K",
            defaultValue = "10",
            description = "k of the density (default: ${DEFAULT-VALUE})")
    private int neighbors;

    @Option(
            names = "--refresh",
            paramLabel = "R",
            defaultValue = "5",
            description = "epochs between refreshes of the density (default: ${DEFAULT-VALUE})")
    private int refresh;

    @Option(
            names = "--image-embeddings",
            paramLabel = "FILE",
            description =
                    "npy or safetensors [N,D] of the training images (default: a dual encoder trained on the data set, cross-fitted)")
    private Path imageEmbeddings;

    @Option(
            names = "--text-embeddings",
            paramLabel = "FILE",
            description = "npy or safetensors [C,D] of the class names")
    private Path textEmbeddings;

    @Option(
            names = "--folds",
            paramLabel = "F",
            defaultValue = "3",
            description = "of the dual encoder (default: ${DEFAULT-VALUE})")
    private int folds;

    @Option(
            names = "--encoder-epochs",
            paramLabel = "E",
            defaultValue = "8",
            description = "of the dual encoder; 0: density alone (default: ${DEFAULT-VALUE})")
    private int encoderEpochs;

    JointConfig resolve() {
        return JointConfig.DEFAULT
                .withNeighbors(neighbors)
                .withRefreshEpochs(refresh)
                .withConsistency(consistency());
    }

    private ConsistencyConfig consistency() {
        if ((imageEmbeddings == null) != (textEmbeddings == null)) {
            throw new IllegalArgumentException(
                    "--image-embeddings and --text-embeddings are given together or not at all");
        }
        if (imageEmbeddings != null) {
            return new ConsistencyConfig.Given(imageEmbeddings, textEmbeddings);
        }
        return encoderEpochs == 0
                ? new ConsistencyConfig.None()
                : new ConsistencyConfig.CrossFitted(folds, encoderEpochs);
    }
}
