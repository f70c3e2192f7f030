package dev.quern.bench;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.quern.bench.Settings.Effort;
import dev.quern.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "bench/run",
        mixinStandardHelpOptions = true,
        description =
                "Checks the kernels against their oracles, then times them against the peers and the machine's limits.")
final class BenchCommand implements Callable<Integer> {
    private static final int WRONG_RESULT = 1;
    private static final int BAD_INPUT = 2;

    @Option(names = "--quick", description = "small shapes, few rounds: rough figures within a minute")
    private boolean quick;

    @Option(names = "--kernel", split = ",", description = "only these: cosine, knn, …")
    private List<String> kernels = List.of();

    @Option(names = "--peers", description = "time other libraries too")
    private boolean peers;

    @Option(
            names = "--python",
            defaultValue = "${env:QUERN_PEERS_PYTHON:-python3}",
            description = "interpreter that has the peers (default: ${DEFAULT-VALUE})")
    private String python;

    @Option(names = "--json", description = "writes everything to this file")
    private Path json;

    @Option(names = "--threads", description = "of ours and of every peer (default: the cores)")
    private int threads = Runtime.getRuntime().availableProcessors();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new BenchCommand())
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    line.getErr().println("bench/run: " + failure.getMessage());
                    return failure instanceof IllegalArgumentException ? BAD_INPUT : WRONG_RESULT;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Path root = Path.of(System.getProperty("quern.root"));
        Settings settings = new Settings(root, python, threads, quick ? Effort.QUICK : Effort.FULL);
        requireKnown();
        List<Row> rows = new ArrayList<>();
        try (Scratch scratch = new Scratch();
                Processes processes = new Processes(settings, scratch.folder())) {
            Ceilings ceilings = Ceilings.measure(processes.start(PeerProcess.Kind.NATIVE), threads);
            if (peers) {
                processes.start(PeerProcess.Kind.PYTHON);
                processes.start(PeerProcess.Kind.FAISS_AVX2);
            }
            System.out.print(ResultTable.HEAD);
            try (Comparison comparison = new Comparison(settings, ceilings, processes.running(), scratch.folder())) {
                for (Suite.Entry entry : Suite.entries(settings.effort())) {
                    if (kernels.isEmpty() || kernels.contains(entry.kernel())) {
                        List<Row> measured = comparison.of(entry);
                        System.out.print(ResultTable.lines(measured));
                        rows.addAll(measured);
                    }
                }
            }
            if (json != null) {
                write(settings, ceilings, processes.versions(), rows);
            }
        }
        return 0;
    }

    private void requireKnown() {
        Set<String> known = Suite.kernels();
        for (String kernel : kernels) {
            if (!known.contains(kernel)) {
                throw new IllegalArgumentException("kernel is " + kernel + ", allowed: " + String.join(", ", known));
            }
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", allowed: ≥ 1");
        }
    }

    private void write(Settings settings, Ceilings ceilings, List<String> versions, List<Row> rows) throws IOException {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("date", LocalDate.now().toString());
        result.put("effort", settings.effort());
        result.put("threads", settings.threads());
        result.put("machine", Machine.description(settings.root()));
        result.put("peers", versions);
        result.put("ceilings", ceilings.rates());
        result.put("rows", rows);
        byte[] text = JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsBytes(result);
        AtomicFile.write(json, channel -> AtomicFile.writeFully(channel, ByteBuffer.wrap(text)));
    }
}
