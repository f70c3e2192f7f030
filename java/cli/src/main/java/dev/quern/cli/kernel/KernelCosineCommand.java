package dev.quern.cli.kernel;

import dev.quern.cli.terminal.EngineOptions;
import dev.quern.cli.terminal.NpyArrays;
import dev.quern.kernels.CosineConsistency;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "cosine",
        mixinStandardHelpOptions = true,
        description = {
            "Cosine of each row of x with the same row of y, or with the row of y that --index names.",
            "Writes consistency.npy [N]."
        },
        footer = {"", "Example: quern kernel cosine --x images.npy --y texts.npy --index labels.npy --out result"})
final class KernelCosineCommand implements Callable<Integer> {
    @Option(names = "--x", required = true, paramLabel = "X.npy", description = "float [N,D]")
    private Path x;

    @Option(names = "--y", required = true, paramLabel = "Y.npy", description = "float [N,D], or [C,D] with --index")
    private Path y;

    @Option(names = "--index", paramLabel = "I.npy", description = "int [N], rows of y")
    private Path index;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder of the result")
    private Path out;

    @Mixin
    private EngineOptions engineOptions;

    @Override
    public Integer call() throws IOException {
        try (Engine engine = engineOptions.open();
                NativeBuffer rows = NpyArrays.floats("--x", x, 2);
                NativeBuffer others = NpyArrays.floats("--y", y, 2);
                NativeBuffer table = index == null ? null : NpyArrays.ints("--index", index);
                NativeBuffer consistency = NativeBuffer.allocate(DType.FLOAT32, rows.dimension(0))) {
            if (table == null) {
                CosineConsistency.ofRows(engine, rows, others, consistency);
            } else {
                CosineConsistency.ofIndexedRows(engine, rows, others, table, consistency);
            }
            NpyArrays.write(out, Map.of("consistency.npy", consistency));
        }
        return 0;
    }
}
