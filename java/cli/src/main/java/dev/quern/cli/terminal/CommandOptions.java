package dev.quern.cli.terminal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** Fills a command from options by name, checked like a command line. */
public final class CommandOptions {
    private CommandOptions() {}

    /** @throws IllegalArgumentException with what the command line would say */
    public static <T> T fill(T command, Map<String, ?> options) throws IOException {
        List<String> arguments = new ArrayList<>();
        options.forEach((name, value) -> arguments.add("--" + name + "=" + value));
        CommandLine line = new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true);
        ConfigFile.apply(line, arguments);
        try {
            line.parseArgs(arguments.toArray(String[]::new));
        } catch (CommandLine.ParameterException refused) {
            throw new IllegalArgumentException(line.getCommandName() + " options: " + refused.getMessage(), refused);
        }
        return command;
    }
}
