package dev.quern.bench.peer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The other processes of a run, ended together. */
public final class Processes implements AutoCloseable {
    private final Map<PeerProcess.Kind, PeerProcess> running = new EnumMap<>(PeerProcess.Kind.class);
    private final Settings settings;
    private final Path scratch;

    /** None running yet. */
    public Processes(Settings settings, Path scratch) {
        this.settings = settings;
        this.scratch = scratch;
    }

    /** Starts a process of a kind. */
    public PeerProcess start(PeerProcess.Kind kind) {
        PeerProcess process = PeerProcess.start(kind, settings, scratch.resolve(kind + ".log"));
        running.put(kind, process);
        return process;
    }

    /** Those started, by kind. */
    public Map<PeerProcess.Kind, PeerProcess> running() {
        return running;
    }

    /** Library and version of every peer that was used. */
    public List<String> versions() throws IOException {
        PeerProcess python = running.get(PeerProcess.Kind.PYTHON);
        return python == null ? List.of() : python.ask("versions");
    }

    @Override
    public void close() {
        running.values().forEach(PeerProcess::close);
    }
}
