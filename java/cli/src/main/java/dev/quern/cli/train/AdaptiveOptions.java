package dev.quern.cli.train;

import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.adaptive.ada.AdaAugmentConfig;
import dev.quern.adaptive.ada.Quirk;
import dev.quern.adaptive.ent.EntAugmentConfig;
import dev.quern.adaptive.mad.MadAugmentConfig;
import dev.quern.adaptive.teach.TeachAugmentConfig;
import dev.quern.cli.terminal.Names;
import dev.quern.data.Profile;
import dev.quern.nn.adaptive.ActorCritic;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** The options of adaptive augmentation. */
final class AdaptiveOptions {
    static final String ADA = "adaaugment";
    static final String ENT = "entaugment";
    static final String MAD = "madaug";
    static final String TEACH = "teachaugment";
    /** All of them, for messages. */
    static final String NAMES = ADA + ", " + ENT + ", " + MAD + ", " + TEACH;

    @Option(
            names = "--profile",
            paramLabel = "P",
            defaultValue = "paper",
            description =
                    "of --augment and long tails too; paper: what the papers mean; released: what their code does, bug for bug (default: ${DEFAULT-VALUE})")
    private String profile;

    @Option(
            names = "--quirks",
            paramLabel = "LIST",
            split = ",",
            description =
                    "of the released code that AdaAugment follows (default: all in the released profile, none in the other)")
    private List<String> quirks;

    @Option(
            names = "--cutout",
            paramLabel = "PX",
            description = "side of the cutout; 0: none (default: 16, 8 for cifar100)")
    private Integer cutout;

    @Option(
            names = "--translate",
            paramLabel = "PX",
            defaultValue = "10",
            description = "largest translation (default: ${DEFAULT-VALUE})")
    private int translate;

    @Option(
            names = "--agent",
            paramLabel = "A",
            defaultValue = "released",
            description = "widths of AdaAugment's agent: released or slide (default: ${DEFAULT-VALUE})")
    private String agent;

    @Option(
            names = "--reward",
            paramLabel = "R",
            defaultValue = "raw",
            description = "of AdaAugment: raw, or normalized by its running statistics (default: ${DEFAULT-VALUE})")
    private String reward;

    @Option(
            names = "--trivial-epochs",
            paramLabel = "E",
            defaultValue = "11",
            description = "first epochs of EntAugment, by TrivialAugment (default: ${DEFAULT-VALUE})")
    private int trivialEpochs;

    @Option(
            names = "--held-out",
            paramLabel = "H",
            defaultValue = "0.1",
            description = "share of the training set that only MADAug's policy learns from (default: ${DEFAULT-VALUE})")
    private double heldOut;

    @Option(
            names = "--ramp",
            paramLabel = "E",
            defaultValue = "40",
            description = "epochs until MADAug augments tanh(1) of the samples (default: ${DEFAULT-VALUE})")
    private double ramp;

    /** Whose version of a policy that does not adapt. */
    Profile profile() {
        return Names.find("--profile", profile, Profile.values(), Names::word);
    }

    static boolean names(String word) {
        return word.equals(ADA) || word.equals(ENT) || word.equals(MAD) || word.equals(TEACH);
    }

    /**
     * @param word {@value #ADA}, {@value #ENT}, {@value #MAD}, {@value #TEACH} or anything else
     * @param dataset specification
     */
    AdaptiveConfig resolve(String word, String dataset) {
        Profile chosen = profile();
        int side = cutout != null ? cutout : dataset.startsWith("cifar100") ? 8 : 16;
        return switch (word) {
            case ADA ->
                new AdaAugmentConfig(
                        quirks(chosen),
                        Names.find("--agent", agent, ActorCritic.Size.values(), Names::word),
                        Names.find("--reward", reward, AdaAugmentConfig.Reward.values(), Names::word),
                        translate,
                        side);
            case ENT -> new EntAugmentConfig(chosen, trivialEpochs, translate, side);
            case MAD -> MadAugmentConfig.of(chosen, side).withHeldOut(heldOut).withRamp(ramp);
            case TEACH -> TeachAugmentConfig.of(side);
            default -> new AdaptiveConfig.None();
        };
    }

    private Set<Quirk> quirks(Profile profile) {
        if (quirks == null) {
            return Quirk.of(profile);
        }
        Set<Quirk> chosen = EnumSet.noneOf(Quirk.class);
        quirks.forEach(name -> chosen.add(Names.find("--quirks", name, Quirk.values(), Names::word)));
        return chosen;
    }
}
