package dev.quern.cli.compare;

import dev.quern.cli.select.SelectCommand;
import dev.quern.cli.select.SelectionFolder;
import dev.quern.cli.terminal.CommandOptions;
import dev.quern.cli.train.TrainCommand;
import dev.quern.data.NearestName;
import dev.quern.run.Method;
import dev.quern.surrogate.StaticMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The selections and trainings that a configuration asks for, checked before any of them begins. */
record Comparison(ComparisonConfig config, List<ComparedSelection> selections, List<ComparedRun> runs) {
    private static final List<String> CHOOSING_BEFORE =
            Arrays.stream(StaticMethod.values()).map(StaticMethod::label).toList();
    private static final List<String> ALL = Stream.concat(
                    Stream.concat(Stream.of(Method.FULL.label()), CHOOSING_BEFORE.stream()),
                    Arrays.stream(Method.values()).map(Method::label))
            .filter(label -> !label.equals(Method.SUBSET.label()))
            .distinct()
            .toList();

    /** @throws IllegalArgumentException naming what is wrong */
    static Comparison of(ComparisonConfig config) throws IOException {
        for (String method : config.methods()) {
            if (!ALL.contains(method)) {
                throw new IllegalArgumentException("method is '" + method + "', nearest: " + NearestName.of(method, ALL)
                        + "; allowed: " + String.join(", ", ALL));
            }
        }
        Comparison comparison = new Comparison(config, new ArrayList<>(), new ArrayList<>());
        for (long seed : config.seeds()) {
            for (String fault : config.faults().keySet()) {
                comparison.add(fault, seed);
            }
        }
        return comparison;
    }

    /** Selections first, so that several processes find work that does not wait for one another. */
    List<ComparisonStep> steps() {
        return Stream.<ComparisonStep>concat(selections.stream(), runs.stream()).toList();
    }

    private void add(String fault, long seed) throws IOException {
        List<String> before =
                config.methods().stream().filter(CHOOSING_BEFORE::contains).toList();
        Optional<ComparedSelection> selection = Optional.empty();
        if (!before.isEmpty()) {
            selection = Optional.of(selection(fault, seed, before));
            selections.add(selection.get());
        }
        for (String model : config.models()) {
            for (String method : config.methods()) {
                List<Double> ratios = takesRatio(method) ? config.ratios() : List.of(1.0);
                for (double ratio : ratios) {
                    ComparedRun.Group group = new ComparedRun.Group(fault, model, method, ratio);
                    runs.add(run(group, seed, before.contains(method) ? selection : Optional.empty()));
                }
            }
        }
    }

    private static boolean takesRatio(String method) {
        return CHOOSING_BEFORE.contains(method) || Method.of(method).takesRatio();
    }

    private ComparedSelection selection(String fault, long seed, List<String> methods) throws IOException {
        String name = "selections/" + fault + "/seed-" + seed;
        Path folder = config.out().resolve(name);
        Map<String, Object> options = options(fault, seed);
        options.put("method", String.join(",", methods));
        options.put(
                "ratio",
                String.join(",", config.ratios().stream().map(String::valueOf).toList()));
        options.put("out", folder);
        options.putAll(config.select());
        SelectCommand command = CommandOptions.fill(new SelectCommand(), options);
        return new ComparedSelection(name, command.resolve(), new SelectionFolder(folder));
    }

    private ComparedRun run(ComparedRun.Group group, long seed, Optional<ComparedSelection> selection)
            throws IOException {
        Path folder = config.out().resolve("runs/" + group + "/seed-" + seed);
        Map<String, Object> options = options(group.fault(), seed);
        options.put("model", group.model());
        options.put("out", folder);
        if (selection.isPresent()) {
            options.put("subset", selection.get().folder().indices(group.method(), group.ratio()));
        } else {
            options.put("method", group.method());
            options.put("ratio", group.ratio());
        }
        options.putAll(config.train());
        TrainCommand command = CommandOptions.fill(new TrainCommand(), options);
        return new ComparedRun(group, seed, command.resolve(), folder, selection);
    }

    /** One thread each, because several run side by side. */
    private Map<String, Object> options(String fault, long seed) {
        Map<String, Object> options = new LinkedHashMap<>(config.faults().get(fault));
        options.put("dataset", config.dataset());
        options.put("seed", seed);
        options.put("threads", 1);
        return options;
    }
}
