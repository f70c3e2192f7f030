package dev.quern.bench;

import dev.quern.bench.peer.PeerProcess;
import dev.quern.bench.peer.Settings;
import dev.quern.bench.table.Row;
import dev.quern.bench.table.Row.Origin;
import dev.quern.bench.table.Timing;
import dev.quern.bench.workload.Ceilings;
import dev.quern.bench.workload.Contestant;
import dev.quern.bench.workload.Suite;
import dev.quern.bench.workload.Workload;
import dev.quern.bench.workload.Workload.Limit;
import dev.quern.bench.workload.WrongResultException;
import dev.quern.kernels.Engine;
import dev.quern.kernels.Isa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Checks a workload against its oracle, then times ours on every tier against the peers, in turns. */
final class Comparison implements AutoCloseable {
    private final Settings settings;
    private final Ceilings ceilings;
    private final Map<PeerProcess.Kind, PeerProcess> processes;
    private final Path scratch;
    private final Map<Isa, Engine> engines = new EnumMap<>(Isa.class);

    Comparison(Settings settings, Ceilings ceilings, Map<PeerProcess.Kind, PeerProcess> processes, Path scratch) {
        this.settings = settings;
        this.ceilings = ceilings;
        this.processes = processes;
        this.scratch = scratch;
    }

    /**
     * @throws WrongResultException if ours is not what the oracle says
     */
    List<Row> of(Suite.Entry entry) throws IOException {
        Map<Contestant, String> failures = new LinkedHashMap<>();
        Path folder = Files.createDirectories(scratch.resolve("inputs"));
        try (Workload workload = entry.workload().get()) {
            List<Contestant> peers = load(entry.kernel(), workload, folder, failures);
            Map<Contestant, Double> errors = new LinkedHashMap<>();
            Map<Contestant, Map<String, Long>> counters = new HashMap<>();
            for (Isa isa : workload.tiers()) {
                Contestant.Ours ours = new Contestant.Ours(workload, engine(isa));
                ours.engine().trim();
                errors.put(ours, checked(entry, workload, ours));
                Map<String, Long> counted = new TreeMap<>(workload.counters());
                counted.put("workspace_bytes", ours.engine().workspaceBytes());
                counters.put(ours, counted);
            }
            List<Contestant> contestants = new ArrayList<>(errors.keySet());
            contestants.addAll(peers);
            Map<Contestant, Timing> timings = Timing.inTurns(
                    contestants, settings.effort(), (who, failure) -> failures.put(who, failure.getMessage()));
            for (Contestant peer : peers) {
                if (timings.containsKey(peer)) {
                    errors.put(peer, workload.error(peer.output()));
                }
            }
            List<Row> rows = new ArrayList<>();
            Limit limit = workload.limit(ceilings);
            double ours = timings.values().iterator().next().median();
            timings.forEach((who, timing) -> rows.add(new Row(
                    entry.kernel(),
                    entry.shape(),
                    who.name(),
                    origin(who),
                    timing,
                    counters.getOrDefault(who, Map.of()),
                    errors.get(who),
                    timing.median() / ours,
                    limit.seconds() / timing.median(),
                    limit.resource(),
                    "")));
            failures.forEach((who, why) ->
                    rows.add(Row.failed(entry.kernel(), entry.shape(), who.name(), limit.resource(), why)));
            return rows;
        } finally {
            Scratch.empty(folder);
        }
    }

    private double checked(Suite.Entry entry, Workload workload, Contestant.Ours ours) {
        double error = workload.error(ours.output());
        if (!(error <= workload.tolerance())) {
            throw new WrongResultException("%s %s: %s is off by %.3g, allowed: at most %.3g"
                    .formatted(entry.kernel(), entry.shape(), ours.name(), error, workload.tolerance()));
        }
        return error;
    }

    private List<Contestant> load(String kernel, Workload workload, Path folder, Map<Contestant, String> failures)
            throws IOException {
        List<PeerProcess.Kind> kinds =
                workload.peers().stream().filter(processes::containsKey).toList();
        List<Contestant> peers = new ArrayList<>();
        if (!kinds.isEmpty()) {
            workload.save(folder);
        }
        for (PeerProcess.Kind kind : kinds) {
            PeerProcess process = processes.get(kind);
            String only = kind == PeerProcess.Kind.FAISS_AVX2 ? "faiss" : "";
            String remark = kind == PeerProcess.Kind.FAISS_AVX2 ? " held to AVX2" : "";
            List<String> names = kind == PeerProcess.Kind.NATIVE
                    ? process.ask("load", kernel + " " + folder + " " + settings.threads())
                    : process.ask("load", kernel, folder, only);
            if (kind == PeerProcess.Kind.NATIVE) {
                workload.askOracle(process, scratch.resolve("oracle.npy"));
            }
            for (String name : names) {
                if (name.startsWith("missing:")) {
                    String library = name.substring("missing:".length());
                    failures.put(new Contestant.Peer(process, library, "", scratch), "not installed");
                } else if (!name.isEmpty()) {
                    peers.add(new Contestant.Peer(process, name, remark, scratch));
                }
            }
        }
        return peers;
    }

    private Origin origin(Contestant who) {
        if (who instanceof Contestant.Peer peer) {
            return peer.process() == processes.get(PeerProcess.Kind.NATIVE) ? Origin.NATIVE : Origin.PEER;
        }
        return Origin.OURS;
    }

    private Engine engine(Isa isa) {
        return engines.computeIfAbsent(
                isa,
                tier -> Engine.open(
                        Engine.Options.DEFAULT.withThreads(settings.threads()).withIsa(tier)));
    }

    @Override
    public void close() {
        engines.values().forEach(Engine::close);
    }
}
