package dev.quern.cli.terminal;

import dev.quern.kernels.Device;
import dev.quern.kernels.Engine;
import dev.quern.kernels.Isa;
import picocli.CommandLine.Option;

/** Options of every command that runs kernels. */
public final class EngineOptions {
    @Option(
            names = "--threads",
            paramLabel = "T",
            defaultValue = "0",
            description = "threads of the kernels; 0: all cores (default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(
            names = "--isa",
            paramLabel = "TIER",
            defaultValue = "auto",
            description = "instruction set: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Isa isa;

    @Option(
            names = "--device",
            paramLabel = "D",
            defaultValue = "cpu",
            description = "cpu or cuda:N (default: ${DEFAULT-VALUE})")
    private String device;

    /** The engine as configured; the caller closes it. */
    public Engine open() {
        return Engine.open(
                Engine.Options.DEFAULT.withThreads(threads).withIsa(isa).withDevice(Device.of(device)));
    }
}
