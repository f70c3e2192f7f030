package dev.quern.cli.study;

import dev.quern.analysis.Diversity;
import dev.quern.analysis.LabelledFeatures;
import dev.quern.cli.terminal.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how much augmentation widens the classes. */
@Command(
        name = "diversity",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "How much augmented samples widen the classes of a data set (Yang et al. 2024), for nine shares of the variance.",
            "released counts the samples; normalized divides by their number, so that the identity has 0."
        },
        footer = {"", "Example: quern diversity --x features.npy --y labels.npy --augmented augmented.npy"})
public final class DiversityCommand implements Callable<Integer> {
    @Option(names = "--x", required = true, paramLabel = "X.npy", description = "float [N,D]")
    private Path x;

    @Option(names = "--y", required = true, paramLabel = "Y.npy", description = "int [N]")
    private Path y;

    @Option(names = "--augmented", required = true, paramLabel = "XA.npy", description = "float [M,D]")
    private Path augmented;

    @Option(
            names = "--augmented-labels",
            paramLabel = "YA.npy",
            description = "int [M] (default: those of --y, row by row)")
    private Path augmentedLabels;

    @Option(names = "--json", description = "print the result as JSON")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        LabelledFeatures originals = FeatureFiles.read("--x", x, "--y", y);
        LabelledFeatures others = augmentedLabels == null
                ? FeatureFiles.read("--augmented", augmented, "--y", y)
                : FeatureFiles.read("--augmented", augmented, "--augmented-labels", augmentedLabels);
        print(Diversity.of(originals, others));
        return 0;
    }

    private void print(Diversity diversity) {
        PrintWriter stdout = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("diversity", diversity.value());
            object.put("normalized", diversity.normalized());
            object.put("released", diversity.released());
            object.put("diversity_stable", diversity.stable());
            object.put("released_by_class", diversity.classes());
            stdout.println(Json.line(object));
        } else {
            stdout.printf(
                    Locale.ROOT,
                    "diversity %.6g%s%n",
                    diversity.value(),
                    diversity.stable() ? "" : " (unstable: eigenvalues all but equal)");
            stdout.println("variance   normalized     released");
            for (int t = 0; t < Diversity.THRESHOLDS; t++) {
                stdout.printf(
                        Locale.ROOT,
                        "%6d %% %12.6g %12.2f%n",
                        10 * (t + 1),
                        diversity.normalized()[t],
                        diversity.released()[t]);
            }
        }
        stdout.flush();
    }
}
