package dev.quern.bench.workload;

import dev.quern.bench.peer.PeerProcess;
import dev.quern.bench.workload.Workload.Limit;
import dev.quern.nn.TorchThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What this machine does at most with the threads of the run, in operations or bytes a second, measured in the same run. */
public final class Ceilings {
    private static final int GEMM = 2048;
    private static final int REPETITIONS = 7;

    private final PeerProcess machine;
    private final int threads;
    private final Map<String, Double> rates = new LinkedHashMap<>();

    /** Which way bytes go. */
    public enum Traffic {
        READ,
        /** Bytes read and bytes written, together. */
        COPY
    }

    private Ceilings(PeerProcess machine, int threads) {
        this.machine = machine;
        this.threads = threads;
    }

    /** Measures them, by a process of native code. */
    public static Ceilings measure(PeerProcess machine, int threads) throws IOException {
        Ceilings ceilings = new Ceilings(machine, threads);
        for (String pair : machine.ask("ceilings", threads)) {
            String[] words = pair.split(" ");
            ceilings.rates.put(words[0], Double.parseDouble(words[1]));
        }
        TorchThreads.set(threads);
        openblas_nolapack.blas_set_num_threads(threads);
        try (PointerScope scope = new PointerScope()) {
            Tensor a = torch.randn(GEMM, GEMM);
            Tensor b = torch.randn(GEMM, GEMM);
            Tensor product = torch.empty(GEMM, GEMM);
            ceilings.rates.put("GEMM fp32", rate(2.0 * GEMM * GEMM * GEMM, () -> torch.mm_out(product, a, b)));
            Tensor a16 = a.to(ScalarType.BFloat16);
            Tensor b16 = b.to(ScalarType.BFloat16);
            Tensor product16 = product.to(ScalarType.BFloat16);
            ceilings.rates.put("GEMM bf16", rate(2.0 * GEMM * GEMM * GEMM, () -> torch.mm_out(product16, a16, b16)));
        }
        return ceilings;
    }

    int threads() {
        return threads;
    }

    /** Everything measured so far, by name. */
    public Map<String, Double> rates() {
        return rates;
    }

    /** Moving {@code bytes} from and to arrays of that size together. */
    public Limit traffic(Traffic traffic, long bytes) {
        return new Limit(name(traffic), bytes / bandwidth(traffic, bytes));
    }

    /** Bytes a second over a working set of {@code bytes}. */
    double bandwidth(Traffic traffic, long bytes) {
        String way = name(traffic);
        return rates.computeIfAbsent("%s of %,d bytes".formatted(way, bytes), absent -> {
            try {
                return machine.number("bandwidth", way + " " + bytes + " " + threads);
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        });
    }

    /** {@code operations} of the kind that {@link #rates} names. */
    public Limit operations(String name, double operations) {
        return new Limit(name, operations / rates.get(name));
    }

    /** The fastest of the rates whose names begin so. */
    Limit fastest(String prefix, double operations) {
        return rates.keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> operations(name, operations))
                .min((one, other) -> Double.compare(one.seconds(), other.seconds()))
                .orElseThrow();
    }

    private static String name(Traffic traffic) {
        return traffic.name().toLowerCase(Locale.ROOT);
    }

    /** Operations a second, best of several calls. */
    private static double rate(double operations, Runnable call) {
        double best = Double.POSITIVE_INFINITY;
        for (int repetition = 0; repetition < REPETITIONS; repetition++) {
            long start = System.nanoTime();
            call.run();
            best = Math.min(best, (System.nanoTime() - start) * 1e-9);
        }
        return operations / best;
    }
}
