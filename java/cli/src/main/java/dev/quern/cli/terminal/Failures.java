package dev.quern.cli.terminal;

import dev.quern.io.MalformedFileException;
import dev.quern.kernels.InvalidArgumentException;
import dev.quern.kernels.NotFiniteException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** Turns what goes wrong into one line on standard error and an exit code. */
public final class Failures {
    /** Exit code of a failure. */
    public static final int FAILED = 1;

    static final int BAD_INPUT = 2;
    /** Exit code after Ctrl-C. */
    public static final int INTERRUPTED = 130;

    private Failures() {}

    /** A command line of this program: constants in any case, failures as one line. */
    public static CommandLine reported(CommandLine line) {
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Failures::report)
                .setParameterExceptionHandler(Failures::reportUsage)
                .setUsageHelpAutoWidth(true);
    }

    /** Prints a failure as one line and returns the exit code. */
    public static int report(Exception failure, CommandLine line, CommandLine.ParseResult parsed) {
        LoggerFactory.getLogger(Failures.class).debug("command failed", failure);
        line.getErr().println("quern: " + message(failure));
        line.getErr().flush();
        return isBadInput(failure) ? BAD_INPUT : FAILED;
    }

    static int reportUsage(CommandLine.ParameterException failure, String[] arguments) {
        CommandLine line = failure.getCommandLine();
        line.getErr().println("quern: " + firstLine(failure.getMessage()));
        CommandLine.UnmatchedArgumentException.printSuggestions(failure, line.getErr());
        line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        line.getErr().flush();
        return BAD_INPUT;
    }

    private static boolean isBadInput(Exception failure) {
        return failure instanceof IllegalArgumentException
                || failure instanceof InvalidArgumentException
                || failure instanceof NotFiniteException
                || failure instanceof MalformedFileException
                || failure instanceof NoSuchFileException
                || failure instanceof FileNotFoundException
                || failure instanceof NotDirectoryException;
    }

    private static String message(Exception failure) {
        if (failure instanceof NoSuchFileException missing) {
            return missing.getFile() + ": no such file or folder";
        }
        if (failure instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        if (failure instanceof FileAlreadyExistsException file) {
            return file.getFile() + ": is a file, allowed: a folder";
        }
        if (failure instanceof NotDirectoryException file) {
            return file.getFile() + ": not a folder";
        }
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        boolean selfExplaining = failure instanceof IOException || failure instanceof RuntimeException;
        return selfExplaining ? firstLine(message) : failure.getClass().getSimpleName() + ": " + firstLine(message);
    }

    private static String firstLine(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }
}
