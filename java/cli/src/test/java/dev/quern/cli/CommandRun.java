package dev.quern.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/** What a command line printed and how it ended. */
public record CommandRun(int exitCode, String out, String err) {
    public static CommandRun of(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = QuernCommand.commandLine();
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] words = List.of(arguments).stream().map(String::valueOf).toArray(String[]::new);
        return new CommandRun(QuernCommand.run(line, words), out.toString(), err.toString());
    }
}
