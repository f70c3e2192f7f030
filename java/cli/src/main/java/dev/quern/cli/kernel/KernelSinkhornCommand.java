package dev.quern.cli.kernel;

import dev.quern.cli.terminal.EngineOptions;
import dev.quern.cli.terminal.Json;
import dev.quern.cli.terminal.NpyArrays;
import dev.quern.io.Tensor;
import dev.quern.kernels.Engine;
import dev.quern.kernels.NativeBuffer;
import dev.quern.kernels.Sinkhorn;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "sinkhorn",
        mixinStandardHelpOptions = true,
        description = {
            "Entropic optimal transport for one problem or a batch.",
            "Writes f.npy, g.npy and, if asked, plan.npy; prints a JSON line per problem. P_ij = a_i b_j exp((f_i + g_j - C_ij)/epsilon)."
        },
        footer = {"", "Example: quern kernel sinkhorn --cost C.npy --epsilon 0.05 --plan --out result"})
final class KernelSinkhornCommand implements Callable<Integer> {
    @Option(names = "--cost", required = true, paramLabel = "C.npy", description = "float [N,M] or [B,N,M]")
    private Path cost;

    @Option(names = "--a", paramLabel = "A.npy", description = "row marginals [N] or [B,N] (default: uniform)")
    private Path a;

    @Option(names = "--b", paramLabel = "B.npy", description = "column marginals [M] or [B,M] (default: uniform)")
    private Path b;

    @Option(
            names = "--epsilon",
            required = true,
            paramLabel = "E",
            description = "regularisation in units of the cost, > 0")
    private double epsilon;

    @Option(
            names = "--max-iterations",
            paramLabel = "N",
            defaultValue = "1000",
            description = "most iterations (default: ${DEFAULT-VALUE})")
    private int maxIterations;

    @Option(
            names = "--tolerance",
            paramLabel = "T",
            defaultValue = "1e-6",
            description =
                    "L1 error of the row marginals to stop at, >= 1e-6; 0: run all iterations (default: ${DEFAULT-VALUE})")
    private double tolerance;

    @Option(names = "--plan", description = "write the plan too")
    private boolean plan;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder of the results")
    private Path out;

    @Mixin
    private EngineOptions engineOptions;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Tensor stored = NpyArrays.readFloats("--cost", cost);
        long[] shape = stored.shape();
        if (shape.length != 2 && shape.length != 3) {
            throw new IllegalArgumentException(
                    "--cost " + cost + " has shape " + Arrays.toString(shape) + ", allowed: [N, M] or [B, N, M]");
        }
        boolean single = shape.length == 2;
        long[] batched = single ? new long[] {1, shape[0], shape[1]} : shape;
        try (Engine engine = engineOptions.open();
                NativeBuffer costs = NpyArrays.floats(new Tensor(stored.type(), batched, stored.bytes()));
                NativeBuffer rows = marginal("--a", a, batched[0], batched[1]);
                NativeBuffer columns = marginal("--b", b, batched[0], batched[2])) {
            Sinkhorn.Result result = new Sinkhorn(epsilon, maxIterations, tolerance)
                    .solve(engine, costs, rows, columns, plan ? Sinkhorn.Plan.RETURN : Sinkhorn.Plan.OMIT);
            write(result, batched, single);
            print(result);
        }
        return 0;
    }

    private static NativeBuffer marginal(String option, Path file, long batch, long length) throws IOException {
        if (file == null) {
            return null;
        }
        Tensor tensor = NpyArrays.readFloats(option, file);
        long[] shape = tensor.shape();
        boolean shared = Arrays.equals(shape, new long[] {length});
        if (!shared && !Arrays.equals(shape, new long[] {batch, length})) {
            throw new IllegalArgumentException(option + " " + file + " has shape " + Arrays.toString(shape)
                    + ", allowed: [" + length + "] or [" + batch + ", " + length + "]");
        }
        NativeBuffer given = NpyArrays.floats(tensor);
        if (!shared) {
            return given;
        }
        try (given) {
            float[] one = given.toFloats();
            float[] all = new float[Math.toIntExact(batch * length)];
            for (int problem = 0; problem < batch; problem++) {
                System.arraycopy(one, 0, all, problem * one.length, one.length);
            }
            return NativeBuffer.copyOf(all, batch, length);
        }
    }

    private void write(Sinkhorn.Result result, long[] shape, boolean single) throws IOException {
        Map<String, float[]> arrays = new LinkedHashMap<>();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        arrays.put("f.npy", result.f());
        shapes.put("f.npy", single ? new long[] {shape[1]} : new long[] {shape[0], shape[1]});
        arrays.put("g.npy", result.g());
        shapes.put("g.npy", single ? new long[] {shape[2]} : new long[] {shape[0], shape[2]});
        if (result.plan() != null) {
            arrays.put("plan.npy", result.plan());
            shapes.put("plan.npy", single ? new long[] {shape[1], shape[2]} : shape);
        }
        Map<String, NativeBuffer> buffers = new LinkedHashMap<>();
        try {
            arrays.forEach((name, values) -> buffers.put(name, NativeBuffer.copyOf(values, shapes.get(name))));
            NpyArrays.write(out, buffers);
        } finally {
            buffers.values().forEach(NativeBuffer::close);
        }
    }

    private void print(Sinkhorn.Result result) {
        PrintWriter stdout = spec.commandLine().getOut();
        for (int problem = 0; problem < result.cost().length; problem++) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("problem", problem);
            line.put("cost", result.cost()[problem]);
            line.put("dual", result.dual()[problem]);
            line.put("iterations", result.iterations()[problem]);
            line.put("marginal_error", result.marginalError()[problem]);
            line.put("converged", result.converged()[problem]);
            stdout.println(Json.line(line));
        }
        stdout.flush();
    }
}
