package dev.quern.cli.study;

import dev.quern.analysis.Arithmetic;
import dev.quern.analysis.LabelDistance;
import dev.quern.analysis.Otdd;
import dev.quern.analysis.OtddQuirk;
import dev.quern.cli.terminal.Names;
import dev.quern.data.Profile;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** How the distance of two labelled sets is defined. */
final class OtddOptions {
    @Option(
            names = "--epsilon",
            paramLabel = "E",
            defaultValue = "0.1",
            description = "entropic regularisation, in squared units of the features (default: ${DEFAULT-VALUE})")
    private double epsilon;

    @Option(
            names = "--profile",
            paramLabel = "P",
            defaultValue = "paper",
            description =
                    "paper: equal sets are at distance 0; released: what the study's code does, bug for bug (default: ${DEFAULT-VALUE})")
    private String profile;

    @Option(
            names = "--otdd-quirks",
            paramLabel = "LIST",
            split = ",",
            description =
                    "of the released code: halved-label-cost, independent-subsampling, biased-label-distance (default: all in the released profile, none in the other)")
    private List<String> quirks;

    @Option(
            names = "--label-distance",
            paramLabel = "D",
            defaultValue = "exact",
            description = "exact, bures, bures-diagonal, upper-bound or means (default: ${DEFAULT-VALUE})")
    private String labelDistance;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "most rows of a set (default: all, 40000 in the released profile)")
    private Integer samples;

    @Option(
            names = "--class-samples",
            paramLabel = "N",
            description = "most rows of a class for the distances between classes (default: all)")
    private Integer classSamples;

    @Option(
            names = "--arithmetic",
            paramLabel = "A",
            defaultValue = "float32",
            description = "float32, or float64 for reference values: slow (default: ${DEFAULT-VALUE})")
    private Arithmetic arithmetic;

    Profile profile() {
        return Names.find("--profile", profile, Profile.values(), Names::word);
    }

    /** @param seed of the subsampling */
    Otdd resolve(long seed) {
        Otdd otdd = profile() == Profile.RELEASED ? Otdd.RELEASED : Otdd.PAPER;
        otdd = otdd.withEpsilon(epsilon)
                .withLabelDistance(Names.find("--label-distance", labelDistance, LabelDistance.values(), Names::word))
                .withArithmetic(arithmetic)
                .withSeed(seed);
        if (quirks != null) {
            Set<OtddQuirk> chosen = EnumSet.noneOf(OtddQuirk.class);
            quirks.forEach(name -> chosen.add(Names.find("--otdd-quirks", name, OtddQuirk.values(), Names::word)));
            otdd = otdd.withQuirks(chosen);
        }
        otdd = samples == null ? otdd : otdd.withSamples(samples);
        return classSamples == null ? otdd : otdd.withClassSamples(classSamples);
    }
}
