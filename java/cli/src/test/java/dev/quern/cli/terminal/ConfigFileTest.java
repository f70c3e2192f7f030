package dev.quern.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ConfigFileTest {
    @TempDir
    Path folder;

    @CommandLine.Command(name = "try")
    static final class Try {
        @CommandLine.Option(names = "--ratio", defaultValue = "1")
        double ratio;

        @CommandLine.Option(names = {"-o", "--out"})
        String out;

        @CommandLine.Option(names = "--config")
        String config;
    }

    @Test
    void aFileGivesDefaultsAndTheCommandLineOverridesThem() throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), "ratio: 0.3\nout: there\n");
        Try parsed = parse("--config", file.toString(), "--out", "here");
        assertThat(parsed.ratio).isEqualTo(0.3);
        assertThat(parsed.out).isEqualTo("here");
    }

    @Test
    void anUnknownKeyIsAnErrorThatNamesTheNearest() throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), "ratoi: 0.3\n");
        assertThatThrownBy(() -> parse("--config=" + file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + ": unknown key 'ratoi', nearest: ratio");
    }

    @Test
    void malformedYamlNamesTheLine() throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), "ratio: 0.3\nout: [\n");
        assertThatThrownBy(() -> parse("--config", file.toString()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("run.yaml: line ");
    }

    private static Try parse(String... arguments) throws IOException {
        CommandLine line = new CommandLine(new Try());
        ConfigFile.apply(line, List.of(arguments));
        line.parseArgs(arguments);
        return line.getCommand();
    }
}
