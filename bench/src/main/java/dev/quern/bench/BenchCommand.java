package dev.quern.bench;

import dev.quern.bench.peer.PeerProcess;
import dev.quern.bench.peer.Processes;
import dev.quern.bench.peer.Settings;
import dev.quern.bench.peer.Settings.Effort;
import dev.quern.bench.table.ResultTable;
import dev.quern.bench.table.Results;
import dev.quern.bench.table.Row;
import dev.quern.bench.table.Summary;
import dev.quern.bench.workload.Ceilings;
import dev.quern.bench.workload.Suite;
import java.io.IOException;
import java.nio.file.Path;
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
        description = {
            "Checks the kernels against their oracles, then times them against the peers and the machine's limits.",
            "bench/run --jmh … hands its arguments to JMH."
        })
final class BenchCommand implements Callable<Integer> {
    private static final int FAILED = 1;
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

    @Option(names = "--threads", description = "of ours and of every peer (default: the cores)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--growth",
            description =
                    "instead: time and memory by size, with plots in bench/results, and the slow-down beside busy threads")
    private boolean growth;

    @Option(names = "--json", description = "writes everything to this file")
    private Path json;

    @Option(names = "--summary", description = "instead: prints one line per workload of a file that --json wrote")
    private Path summary;

    public static void main(String[] arguments) throws IOException {
        if (arguments.length > 0 && arguments[0].equals("--jmh")) {
            org.openjdk.jmh.Main.main(
                    List.of(arguments).subList(1, arguments.length).toArray(String[]::new));
            return;
        }
        System.exit(new CommandLine(new BenchCommand())
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    line.getErr().println("bench/run: " + failure.getMessage());
                    return failure instanceof IllegalArgumentException ? BAD_INPUT : FAILED;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (summary != null) {
            System.out.print(Summary.of(List.of(Results.rows(summary))));
            return 0;
        }
        requireKnown();
        Path root = Path.of(System.getProperty("quern.root"));
        Settings settings = new Settings(root, python, threads, quick ? Effort.QUICK : Effort.FULL);
        Results results = new Results(settings);
        if (growth) {
            grow(settings, results);
        } else {
            compare(settings, results);
        }
        if (json != null) {
            results.write(json);
        }
        return 0;
    }

    private void compare(Settings settings, Results results) throws IOException {
        List<Row> rows = new ArrayList<>();
        try (Scratch scratch = new Scratch();
                Processes processes = new Processes(settings, scratch.folder())) {
            PeerProcess natives = processes.start(PeerProcess.Kind.NATIVE);
            Ceilings ceilings = Ceilings.measure(natives, threads);
            if (peers) {
                processes.start(PeerProcess.Kind.PYTHON);
                processes.start(PeerProcess.Kind.FAISS_AVX2);
            }
            System.out.print(ResultTable.HEAD);
            try (Comparison comparison = new Comparison(settings, ceilings, processes.running(), scratch.folder())) {
                for (Suite.Entry entry : chosen(settings.effort())) {
                    List<Row> measured = comparison.of(entry);
                    System.out.print(ResultTable.lines(measured));
                    rows.addAll(measured);
                }
            }
            results.with("peers", processes.versions())
                    .with("ceilings", ceilings.rates())
                    .with("rows", rows);
        }
    }

    private void grow(Settings settings, Results results) throws IOException, InterruptedException {
        Growth growths = new Growth(settings, settings.root().resolve("bench/results"));
        Map<String, Object> measured = new LinkedHashMap<>();
        for (String kernel : Growth.KERNELS) {
            if (kernels.isEmpty() || kernels.contains(kernel)) {
                measured.put(kernel, growths.of(kernel));
            }
        }
        List<Contention.Result> contention = new ArrayList<>();
        for (Suite.Entry entry : chosen(Effort.QUICK)) {
            Contention.Result result = new Contention(settings).of(entry);
            System.out.printf(
                    "| %s | %s | %.2f times slower beside busy threads | %.2f of the fair share's |%n",
                    result.kernel(), result.shape(), result.slowdown(), result.ofFairShare());
            contention.add(result);
        }
        results.with("growth", measured).with("contention", contention);
    }

    private List<Suite.Entry> chosen(Effort effort) {
        return Suite.entries(effort).stream()
                .filter(entry -> kernels.isEmpty() || kernels.contains(entry.kernel()))
                .toList();
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
}
