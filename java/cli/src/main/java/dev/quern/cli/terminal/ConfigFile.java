package dev.quern.cli.terminal;

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
 * Defaults of a command from a {@link Recipe}, and from a YAML file whose keys are the command's long options ({@code ratio: 0.3}); the command line overrides them.
 * An unknown key is an error that names the nearest valid one.
 */
public final class ConfigFile implements CommandLine.IDefaultValueProvider {
    /** The option that names a file. */
    public static final String OPTION = "--config";

    private static final Set<String> NOT_IN_FILES = Set.of(OPTION, "--help", "--version");

    private final Map<String, String> values;

    private ConfigFile(Map<String, String> values) {
        this.values = values;
    }

    /** Gives {@code command} the defaults of the recipe and of the file that {@code arguments} name, if they do; the file's go before. */
    public static void apply(CommandLine command, List<String> arguments) throws IOException {
        Map<String, String> own = new LinkedHashMap<>();
        String file = value(OPTION, arguments);
        if (file != null) {
            own.putAll(values(file, tree(Path.of(file)), command.getCommandSpec()));
        }
        String recipe = value(Recipe.OPTION, arguments);
        Map<String, String> values = new LinkedHashMap<>();
        if (recipe != null || own.containsKey(key(Recipe.OPTION))) {
            Recipe found = Recipe.of(recipe != null ? recipe : own.get(key(Recipe.OPTION)));
            values.putAll(values(found.source(), tree(found.source(), found.text()), command.getCommandSpec()));
        }
        values.putAll(own);
        if (!values.isEmpty()) {
            command.setDefaultValueProvider(new ConfigFile(values));
        }
    }

    private static String value(String option, List<String> arguments) {
        String value = null;
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).startsWith(option + "=")) {
                value = arguments.get(i).substring(option.length() + 1);
            } else if (arguments.get(i).equals(option) && i + 1 < arguments.size()) {
                value = arguments.get(i + 1);
            }
        }
        return value;
    }

    private static Map<String, String> values(String file, JsonNode root, CommandSpec command) {
        Set<String> known = new TreeSet<>();
        for (OptionSpec option : command.options()) {
            if (!NOT_IN_FILES.contains(option.longestName())) {
                known.add(key(option.longestName()));
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
        return values;
    }

    /**
     * The mapping that a YAML file holds.
     *
     * @throws IllegalArgumentException naming the file, and the line where it is malformed
     */
    public static JsonNode tree(Path file) throws IOException {
        long size = Files.size(file);
        if (size > Limits.CONFIG_BYTES) {
            throw new IllegalArgumentException(
                    file + " has " + size + " bytes, allowed: at most " + Limits.CONFIG_BYTES);
        }
        return tree(file.toString(), Files.readString(file));
    }

    private static JsonNode tree(String file, String text) throws IOException {
        JsonNode root;
        try {
            root = new YAMLMapper().readTree(text);
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
        return argument instanceof OptionSpec option ? values.get(key(option.longestName())) : null;
    }

    private static String key(String option) {
        return option.replaceFirst("^-+", "");
    }
}
