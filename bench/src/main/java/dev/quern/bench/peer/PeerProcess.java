package dev.quern.bench.peer;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Another process that does the work of a workload when asked, a line per request and per answer: {@code bench/native/main.cpp} and
 * {@code bench/peers/serve.py} say which.
 */
public final class PeerProcess implements AutoCloseable {
    /** Which process. */
    public enum Kind {
        /** The kernels called from C++, without Java. */
        NATIVE,
        /** Other libraries. */
        PYTHON,
        /** FAISS and its BLAS held to AVX2. */
        FAISS_AVX2
    }

    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;

    private PeerProcess(Process process) {
        this.process = process;
        requests = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts a process; what it says on standard error goes to {@code log}.
     *
     * @throws IllegalArgumentException if the program cannot be started
     */
    static PeerProcess start(Kind kind, Settings settings, Path log) {
        String threads = Integer.toString(settings.threads());
        Path server = settings.root().resolve("bench/peers/serve.py");
        Path natives = settings.root().resolve("java/kernels/target/native/bench/native/quern_bench");
        List<String> command = kind == Kind.NATIVE
                ? List.of(natives.toString())
                : List.of(settings.python(), server.toString(), threads);
        ProcessBuilder builder = new ProcessBuilder(command);
        // What suits our process is not what users of the others have.
        builder.environment().keySet().removeIf(name -> name.startsWith("MALLOC_") || name.startsWith("GOMP_"));
        if (kind == Kind.FAISS_AVX2) {
            // The first chooses among libraries, the second within one library for every instruction set.
            builder.environment().put("FAISS_OPT_LEVEL", "AVX2");
            builder.environment().put("FAISS_SIMD_LEVEL", "AVX2");
            builder.environment().put("OPENBLAS_CORETYPE", "Haswell");
            builder.environment().put("MKL_ENABLE_INSTRUCTIONS", "AVX2");
        }
        File errors = log.toFile();
        try {
            return new PeerProcess(builder.redirectError(ProcessBuilder.Redirect.appendTo(errors))
                    .start());
        } catch (IOException refused) {
            throw new IllegalArgumentException(
                    "%s is %s, allowed: a program that can be run"
                            .formatted(kind == Kind.NATIVE ? "peer" : "python", command.get(0)),
                    refused);
        }
    }

    /**
     * @return the words of the answer
     * @throws IOException if the process is gone or answers with an error, which the message holds
     */
    public List<String> ask(Object... words) throws IOException {
        String request =
                String.join("\t", List.of(words).stream().map(String::valueOf).toList());
        requests.write(request + "\n");
        requests.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("process ended at: " + request);
        }
        List<String> parts = List.of(answer.strip().split("\t"));
        if (parts.get(0).equals("error")) {
            throw new IOException(parts.size() > 1 ? parts.get(1) : "unknown error");
        }
        return parts;
    }

    /** One number. */
    public double number(Object... words) throws IOException {
        return Double.parseDouble(ask(words).get(0));
    }

    @Override
    public void close() {
        try {
            requests.close();
            process.waitFor();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        } catch (InterruptedException interrupted) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
