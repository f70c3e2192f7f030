package dev.quern.cli.select;

import dev.quern.cli.terminal.Failures;
import dev.quern.cli.terminal.FaultOptions;
import dev.quern.cli.terminal.ImageOptions;
import dev.quern.cli.terminal.Interruption;
import dev.quern.cli.terminal.Names;
import dev.quern.cli.terminal.ProgressDisplay;
import dev.quern.data.Profile;
import dev.quern.data.Splits;
import dev.quern.nn.model.Model;
import dev.quern.run.TrainConfig;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.surrogate.MethodSelection;
import dev.quern.surrogate.SelectionSetting;
import dev.quern.surrogate.Selections;
import dev.quern.surrogate.StaticMethod;
import dev.quern.surrogate.Surrogate;
import dev.quern.train.StoppedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Selects samples before training. */
@Command(
        name = "select",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Chooses training samples once, before a training, by one method or many.",
            "Writes METHOD/RATIO.npy (for 'quern train --subset') and METHOD/RATIO.csv, METHOD/scores.npy, selections.csv, overlap.csv,"
                    + " selections.json and report.html.",
            "Methods that watch a network learn share one surrogate, which is trained first and goes on after a kill or Ctrl-C."
        },
        footer = {
            "",
            "Methods: random | el2n | grand | forgetting | aum | herding | glister | cg-score | moderate | prototypes | moso | dp | ccs | d2 | tdds | dual | clip",
            "",
            "Examples:",
            "  quern select --dataset shapes --method random,el2n,forgetting --ratio 0.3,0.5 --out selections",
            "  quern select --dataset cifar10:DIR --method clip --image-embeddings E.safetensors --text-embeddings E.safetensors --ratio 0.3 --out clip",
            "  quern train --dataset shapes --subset selections/el2n/0.3.npy --out runs/el2n"
        })
public final class SelectCommand implements Callable<Integer> {
    @Option(names = "--dataset", required = true, paramLabel = "SPEC", description = "what to choose from")
    private String dataset;

    @Option(
            names = "--method",
            required = true,
            split = ",",
            paramLabel = "M",
            description = "one or more, separated by commas, see below")
    private List<String> methods;

    @Option(
            names = "--ratio",
            required = true,
            split = ",",
            paramLabel = "R",
            description = "shares of the training set to keep, in (0, 1], below 1 for clip")
    private List<Double> ratios;

    @Mixin
    private ImageOptions framing = new ImageOptions();

    @Mixin
    private FaultOptions faults = new FaultOptions();

    @Option(
            names = "--quota",
            paramLabel = "Q",
            description =
                    "class: each class keeps its share; global: the whole set counts as one (default: as each method is published)")
    private String quota;

    @Option(
            names = "--profile",
            paramLabel = "P",
            description =
                    "paper: as published; released: as released code has it where it differs (default: paper, but for clip, which is"
                            + " made to stand wrong labels: --folds, --adapter-loss)")
    private String profile;

    @Option(
            names = "--surrogate",
            paramLabel = "NAME",
            defaultValue = "resnet20",
            description = "network that is watched, see 'quern models' (default: ${DEFAULT-VALUE})")
    private String surrogate;

    @Option(
            names = "--surrogate-epochs",
            paramLabel = "E",
            defaultValue = "10",
            description = "of its training (default: ${DEFAULT-VALUE})")
    private int surrogateEpochs;

    @Option(
            names = "--gradients",
            paramLabel = "G",
            defaultValue = "last-layer",
            description =
                    "of grand and moso: last-layer, or all-parameters, which takes a pass of the surrogate for each sample and epoch (default: ${DEFAULT-VALUE})")
    private String gradients;

    @Mixin
    private ClipOptions clip = new ClipOptions();

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "of everything random (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--precision",
            paramLabel = "P",
            defaultValue = "auto",
            description = "auto, fp32 or bf16 (default: ${DEFAULT-VALUE})")
    private TrainConfig.PrecisionChoice precision;

    @Option(
            names = "--threads",
            paramLabel = "T",
            defaultValue = "0",
            description = "0: all cores (default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(
            names = "--progress",
            paramLabel = "P",
            defaultValue = "auto",
            description = "auto, bar, plain or none (default: ${DEFAULT-VALUE})")
    private ProgressDisplay.Style progress;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder of the results")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Selections selections = resolve();
        Splits clean = selections.open();
        try (Interruption interruption = new Interruption();
                SelectionDisplay display =
                        SelectionDisplay.of(progress, selections.setting().surrogate())) {
            List<MethodSelection> chosen =
                    new SelectionFolder(out).select(selections, clean, display, interruption.stop());
            spec.commandLine()
                    .getOut()
                    .println(SelectionSummary.table(selections.prepared(clean).train(), chosen)
                            .text());
        } catch (StoppedException stopped) {
            return Failures.INTERRUPTED;
        }
        spec.commandLine().getOut().println("report: " + out.resolve("report.html"));
        spec.commandLine().getOut().flush();
        return 0;
    }

    /** What the options ask for. */
    public Selections resolve() throws IOException {
        TrainConfig.RuntimeConfig runtime = TrainConfig.RuntimeConfig.DEFAULT.withPrecision(precision);
        TrainConfig data = TrainConfig.DEFAULT
                .withDataset(dataset)
                .withFraming(framing.resolve())
                .withSeed(seed)
                .withFaults(faults.resolve())
                .withRuntime(threads == 0 ? runtime : runtime.withThreads(threads));
        Profile version =
                profile == null ? Profile.PAPER : Names.find("--profile", profile, Profile.values(), Names::word);
        SelectionSetting setting = SelectionSetting.DEFAULT
                .withProfile(version)
                .withSurrogate(new Surrogate(
                        Model.of(surrogate),
                        surrogateEpochs,
                        Names.find("--gradients", gradients, Surrogate.Gradients.values(), Names::word)));
        setting = clip.on(setting, profile != null);
        if (quota != null) {
            setting = setting.withQuota(Names.find("--quota", quota, Quota.values(), SelectCommand::word));
        }
        return new Selections(
                data, methods.stream().map(StaticMethod::of).distinct().toList(), ratios, setting);
    }

    private static String word(Quota quota) {
        return quota == Quota.GLOBAL ? "global" : "class";
    }
}
