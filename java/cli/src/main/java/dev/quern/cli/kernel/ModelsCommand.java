package dev.quern.cli.kernel;

import dev.quern.cli.terminal.Json;
import dev.quern.nn.TorchThreads;
import dev.quern.nn.model.Model;
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

/** Lists the networks. */
@Command(
        name = "models",
        mixinStandardHelpOptions = true,
        description = "Lists the networks: name, input, classes, length of the features, parameters, multiply-adds"
                + " for an image.",
        footer = {"", "Example: quern models --json"})
public final class ModelsCommand implements Callable<Integer> {
    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Option(
            names = "--classes",
            paramLabel = "C",
            description = "classes of the last layer (default: a line for each number it is published with)")
    private Integer classes;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        TorchThreads.set(1);
        List<Map<String, Object>> lines = new ArrayList<>();
        for (Model model : Model.values()) {
            for (Model.Setting setting : settings(model)) {
                lines.add(line(model, setting));
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.pretty(lines));
        } else {
            print(lines, out);
        }
        out.flush();
        return 0;
    }

    private List<Model.Setting> settings(Model model) {
        return classes == null
                ? model.settings()
                : List.of(new Model.Setting(classes, model.settings().get(0).side()));
    }

    private static Map<String, Object> line(Model model, Model.Setting setting) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("name", model.label());
        line.put("input", List.of(3, setting.side(), setting.side()));
        line.put("classes", setting.classes());
        line.put("features", model.featureSize());
        line.put("parameters", model.parameterCount(setting.classes()));
        line.put("multiply_adds", model.multiplyAdds(setting));
        return line;
    }

    private static void print(List<Map<String, Object>> lines, PrintWriter out) {
        out.printf(
                "%-22s %-10s %8s %9s %12s %15s%n",
                "name", "input", "classes", "features", "parameters", "multiply-adds");
        for (Map<String, Object> line : lines) {
            List<?> input = (List<?>) line.get("input");
            String size = input.get(0) + "x" + input.get(1) + "x" + input.get(2);
            out.printf(
                    "%-22s %-10s %8d %9d %,12d %,15d%n",
                    line.get("name"),
                    size,
                    line.get("classes"),
                    line.get("features"),
                    line.get("parameters"),
                    line.get("multiply_adds"));
        }
    }
}
