package dev.quern.cli.train;

import dev.quern.data.Profile;
import dev.quern.run.LongTail;
import picocli.CommandLine.Option;

/** The options of data sets with a long tail. */
final class LongTailOptions {
    @Option(
            names = "--per-turn",
            paramLabel = "N",
            defaultValue = "4",
            description = "samples that a class has in its turn of class-aware (default: ${DEFAULT-VALUE})")
    private int perTurn;

    @Option(
            names = "--open-threshold",
            paramLabel = "P",
            defaultValue = "0.1",
            description = "confidence below which an image counts as of an unknown class (default: ${DEFAULT-VALUE})")
    private double openThreshold;

    /** @param profile of the epoch's length and of many, medium and few */
    LongTail resolve(Profile profile) {
        return new LongTail(profile, perTurn, openThreshold);
    }
}
