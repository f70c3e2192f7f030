package dev.quern.cli.kernel;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Single kernels on npy files. */
@Command(
        name = "kernel",
        mixinStandardHelpOptions = true,
        description = "Runs one kernel on npy files.",
        subcommands = {
            KernelSinkhornCommand.class,
            KernelKnnCommand.class,
            KernelCosineCommand.class,
            KernelAugmentCommand.class
        })
public final class KernelCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "a kernel is missing, allowed: sinkhorn, knn, cosine, augment");
    }
}
