package dev.quern.cli;

import dev.quern.cli.compare.CompareCommand;
import dev.quern.cli.compare.DemoCommand;
import dev.quern.cli.kernel.DoctorCommand;
import dev.quern.cli.kernel.KernelCommand;
import dev.quern.cli.kernel.ModelsCommand;
import dev.quern.cli.select.EmbedCommand;
import dev.quern.cli.select.SelectCommand;
import dev.quern.cli.study.AnalyzeCommand;
import dev.quern.cli.study.AugmentCommand;
import dev.quern.cli.study.DiversityCommand;
import dev.quern.cli.study.OtddCommand;
import dev.quern.cli.terminal.ConfigFile;
import dev.quern.cli.terminal.Failures;
import dev.quern.cli.train.TrainCommand;
import dev.quern.kernels.Quern;
import java.io.IOException;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The root command. Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted. */
@Command(
        name = "quern",
        mixinStandardHelpOptions = true,
        versionProvider = QuernCommand.Version.class,
        description = "Measures, selects and augments training data for image models.",
        subcommands = {
            DemoCommand.class,
            DoctorCommand.class,
            TrainCommand.class,
            SelectCommand.class,
            CompareCommand.class,
            AugmentCommand.class,
            AnalyzeCommand.class,
            OtddCommand.class,
            DiversityCommand.class,
            EmbedCommand.class,
            ModelsCommand.class,
            KernelCommand.class,
            AutoComplete.GenerateCompletion.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed", "2:bad input", "130:interrupted, what was reached is saved"},
        footer = {"", "Start with: quern demo", "Completion: source <(quern generate-completion)"})
public final class QuernCommand implements Runnable {
    private static final String TRAIN = "train";

    @Spec
    private CommandSpec spec;

    /** Runs {@code line}, a {@link #commandLine()}, and returns the exit code. */
    static int run(CommandLine line, String... arguments) {
        try {
            if (arguments.length > 0 && arguments[0].equals(TRAIN)) {
                ConfigFile.apply(line.getSubcommands().get(TRAIN), List.of(arguments));
            }
        } catch (IOException | IllegalArgumentException refused) {
            return Failures.report(refused, line, null);
        }
        return line.execute(arguments);
    }

    /** The command line with all subcommands. */
    public static CommandLine commandLine() {
        return Failures.reported(new CommandLine(new QuernCommand()));
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = QuernCommand.class.getPackage().getImplementationVersion();
            Quern.State state = Quern.state();
            String kernels = state.available() ? state.version() : "not available: " + state.reason();
            return new String[] {"quern " + (version == null ? "development" : version), "kernels " + kernels};
        }
    }
}
