package dev.quern.cli;

import dev.quern.nn.Model;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "models",
        mixinStandardHelpOptions = true,
        description = "Lists the networks: name, input, parameters.",
        footer = {"", "Example: quern models --json"})
final class ModelsCommand implements Callable<Integer> {
    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Option(
            names = "--classes",
            paramLabel = "C",
            defaultValue = "10",
            description = "classes of the last layer (default: ${DEFAULT-VALUE})")
    private int classes;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Map<String, Object>> models = new ArrayList<>();
        for (Model model : Model.values()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", model.label());
            entry.put("input", List.of(3, Model.INPUT_SIZE, Model.INPUT_SIZE));
            entry.put("classes", classes);
            entry.put("features", model.featureSize());
            entry.put("parameters", model.parameterCount(classes));
            models.add(entry);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.pretty(models));
        } else {
            out.printf("%-10s %-10s %8s %9s %12s%n", "name", "input", "classes", "features", "parameters");
            for (Map<String, Object> model : models) {
                out.printf(
                        "%-10s %-10s %8d %9d %,12d%n",
                        model.get("name"),
                        "3x" + Model.INPUT_SIZE + "x" + Model.INPUT_SIZE,
                        model.get("classes"),
                        model.get("features"),
                        model.get("parameters"));
            }
        }
        out.flush();
        return 0;
    }
}
