package dev.quern.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.quern.data.NearestName;
import dev.quern.io.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Defaults of a command from a YAML file whose keys are the command's long options ({@code ratio: 0.3}); the command line overrides them.
 * An unknown key is an error that names the nearest valid one.
 */
final class ConfigFile implements CommandLine.IDefaultValueProvider {
    static final String OPTION = "--config";
    private static final Set<String> NOT_IN_FILES = Set.of(OPTION, "--help", "--version");

    private final Map<String, String> values;

    private ConfigFile(Map<String, String> values) {
        this.values = values;
    }

    /** Gives {@code command} the defaults of the file that {@code --config} names in {@code arguments}, if it does. */
    static void apply(CommandLine command, List<String> arguments) throws IOException {
        int at = arguments.indexOf(OPTION);
        String file = null;
        if (at >= 0 && at + 1 < arguments.size()) {
            file = arguments.get(at + 1);
        }
        for (String argument : arguments) {
            if (argument.startsWith(OPTION + "=")) {
                file = argument.substring(OPTION.length() + 1);
            }
        }
        if (file != null) {
            command.setDefaultValueProvider(read(Path.of(file), command.getCommandSpec()));
        }
    }

    static ConfigFile read(Path file, CommandSpec command) throws IOException {
        JsonNode root = tree(file);
        Set<String> known = new TreeSet<>();
        for (OptionSpec option : command.options()) {
            if (!NOT_IN_FILES.contains(option.longestName())) {
                known.add(key(option));
            }
        }
        Map<String, String> values = new LinkedHashMap<>();
        root.properties().forEach(entry -> {
            if (!known.contains(entry.getKey())) {
                throw new IllegalArgumentException(file + ": unknown key '" + entry.getKey() + "', nearest: "
                        + NearestName.of(entry.getKey(), known));
            }
            if (!entry.getValue().isValueNode()) {
                throw new IllegalArgumentException(file + ": " + entry.getKey() + " is not a single value");
            }
            values.put(entry.getKey(), entry.getValue().asText());
        });
        return new ConfigFile(values);
    }

    /**
     * The mapping that a YAML file holds.
     *
     * @throws IllegalArgumentException naming the file, and the line where it is malformed
     */
    static JsonNode tree(Path file) throws IOException {
        long size = Files.size(file);
        if (size > Limits.CONFIG_BYTES) {
            throw new IllegalArgumentException(
                    file + " has " + size + " bytes, allowed: at most " + Limits.CONFIG_BYTES);
        }
        JsonNode root;
        try {
            root = new YAMLMapper().readTree(Files.readString(file));
        } catch (JsonProcessingException malformed) {
            int line = malformed.getLocation() == null
                    ? 0
                    : malformed.getLocation().getLineNr();
            throw new IllegalArgumentException(file + ": line " + line + ": " + malformed.getOriginalMessage());
        }
        if (!root.isObject()) {
            throw new IllegalArgumentException(file + " is not a mapping, allowed: one 'name: value' a line");
        }
        return root;
    }

    @Override
    public String defaultValue(ArgSpec argument) {
        return argument instanceof OptionSpec option ? values.get(key(option)) : null;
    }

    private static String key(OptionSpec option) {
        return option.longestName().replaceFirst("^-+", "");
    }
}
