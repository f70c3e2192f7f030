package dev.quern.cli;

/** Entry point of the {@code quern} command. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(QuernCommand.run(QuernCommand.commandLine(), arguments));
    }
}
