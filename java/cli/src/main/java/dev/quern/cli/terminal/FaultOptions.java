package dev.quern.cli.terminal;

import dev.quern.data.fault.Corruption;
import dev.quern.data.fault.Faults;
import dev.quern.data.fault.LabelFile;
import dev.quern.data.fault.LabelNoise;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of what is wrong with a training set on purpose. */
public final class FaultOptions {
    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description = "labels instead of the data set's, one number a line, as CIFAR-10N's")
    private Path labels;

    @Option(
            names = "--labels-index",
            paramLabel = "FILE",
            description = "for each image its line of --labels, counted from 0, one a line (default: line by line)")
    private Path labelsIndex;

    @Option(
            names = {"--label-noise", "--noise"},
            paramLabel = "P",
            defaultValue = "0",
            description = "share of the labels that are made wrong (default: ${DEFAULT-VALUE})")
    private double labelNoise;

    @Option(
            names = "--label-noise-kind",
            paramLabel = "K",
            defaultValue = "bernoulli",
            description = "bernoulli: each by itself; exact: the same share of every class (default: ${DEFAULT-VALUE})")
    private String labelNoiseKind;

    @Option(
            names = "--corrupt",
            paramLabel = "P",
            defaultValue = "0",
            description =
                    "share of the images that are corrupted, a fifth of it each by fog, noise, blur, occlusion and low resolution (default: ${DEFAULT-VALUE})")
    private double corrupt;

    @Option(
            names = "--corrupt-mode",
            paramLabel = "M",
            defaultValue = "clean",
            description = "clean, or legacy: as Moderate-DS's released code, bug for bug (default: ${DEFAULT-VALUE})")
    private String corruptMode;

    /** The faults as configured. */
    public Faults resolve() {
        if (labelsIndex != null && labels == null) {
            throw new IllegalArgumentException("--labels-index is given without --labels, whose lines it names");
        }
        Faults faults = labels == null
                ? Faults.NONE
                : Faults.NONE.withLabels(new LabelFile(labels, Optional.ofNullable(labelsIndex)));
        LabelNoise.Kind kind = Names.find("--label-noise-kind", labelNoiseKind, LabelNoise.Kind.values(), Names::word);
        Corruption.Mode mode = Names.find("--corrupt-mode", corruptMode, Corruption.Mode.values(), Names::word);
        return faults.withNoise(new LabelNoise(kind, labelNoise)).withCorruption(new Corruption(mode, corrupt));
    }
}
