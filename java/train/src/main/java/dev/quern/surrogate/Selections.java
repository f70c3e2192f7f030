package dev.quern.surrogate;

import dev.quern.clip.ClipSelection;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.data.format.DatasetSpec;
import dev.quern.joint.GivenEmbeddings;
import dev.quern.kernels.Device;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.nn.Precision;
import dev.quern.nn.TorchThreads;
import dev.quern.run.TrainConfig;
import dev.quern.run.Training;
import dev.quern.setting.Fields;
import dev.quern.train.ChannelStatistics;
import dev.quern.train.ExitWait;
import dev.quern.train.Inference;
import dev.quern.train.StopSignal;
import dev.quern.train.StoppedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Chooses by several static methods at several ratios; the surrogate is trained once for all.
 *
 * @param data set, label noise, seed and runtime of a training on what is chosen
 * @param ratios shares of the training set
 */
public record Selections(TrainConfig data, List<StaticMethod> methods, List<Double> ratios, SelectionSetting setting) {
    private static final int FEATURE_BATCH = 250;

    /** @throws IllegalArgumentException where a method cannot do what is asked */
    public Selections {
        methods = List.copyOf(methods);
        ratios = List.copyOf(ratios);
        Fields.atLeast("methods", methods.size(), 1);
        Fields.atLeast("ratios", ratios.size(), 1);
        for (StaticMethod method : methods) {
            for (double ratio : ratios) {
                method.check(setting, ratio);
            }
        }
    }

    /**
     * Chooses.
     *
     * @param clean the data as it was opened
     * @param folder of the surrogate, which goes on where it was interrupted
     * @return one for each method
     * @throws StoppedException when asked to stop before the end
     */
    public List<MethodSelection> run(Splits clean, Path folder, SelectionListener listener, StopSignal stop)
            throws IOException {
        ImageDataset train = prepared(clean).train();
        if (methods.contains(StaticMethod.CLIP)) {
            requireClasses(train);
            if (setting.embeddings().isPresent()) {
                GivenEmbeddings.read(train, setting.embeddings().get());
            }
        }
        int threads = data.runtime().threads();
        TorchThreads.set(threads);
        Precision precision = data.runtime().precision().resolve(Device.CPU);
        boolean surrogate = methods.stream().anyMatch(StaticMethod::needsSurrogate);
        Evidence evidence = surrogate ? setting.surrogate().evidence(data, clean, folder, listener, stop) : null;
        try (ExitWait wait = ExitWait.of(stop);
                Engine engine = Engine.open(TorchThreads.engineOptions(threads))) {
            FusedAugment kernel = FusedAugment.UINT8.normalized(
                    precision.input(), FusedAugment.Layout.NHWC, ChannelStatistics.of(train));
            Inference inference = new Inference(engine, kernel, precision, FEATURE_BATCH, stop);
            SelectionGround ground = new SelectionGround(train, inference, evidence, setting, data.seed());
            List<MethodSelection> selections = new ArrayList<>();
            for (StaticMethod method : methods) {
                stop.check();
                listener.method(method);
                selections.add(choose(method, ground));
            }
            return selections;
        }
    }

    /** The data as it is. */
    public Splits open() throws IOException {
        return DatasetSpec.parse(data.dataset()).open(DatasetOptions.DEFAULT.withFraming(data.framing()));
    }

    /** The data with the labels that the methods see. */
    public Splits prepared(Splits clean) throws IOException {
        return Training.prepared(data, clean);
    }

    private MethodSelection choose(StaticMethod method, SelectionGround ground) throws IOException {
        long start = System.nanoTime();
        StaticSelection prepared = method.prepare(ground);
        long ready = System.nanoTime();
        List<int[]> chosen = ratios.stream().map(prepared.choice()::apply).toList();
        double preparing = 1e-9 * (ready - start);
        ClipSelection.Seconds counted = prepared.seconds().orElse(new ClipSelection.Seconds(0, 0, 0));
        double parts = counted.learning() + counted.alignment() + counted.diversity();
        MethodSelection.Seconds seconds = new MethodSelection.Seconds(
                method.needsSurrogate() ? ground.evidence().seconds() : 0,
                counted.learning(),
                counted.alignment(),
                counted.diversity(),
                Math.max(0, preparing - parts),
                1e-9 * (System.nanoTime() - ready));
        return new MethodSelection(
                method, ratios, chosen, prepared.scores(), prepared.suspects(), method.basis(setting), seconds);
    }

    /** Alignment and diversity are relative to all classes. */
    private static void requireClasses(ImageDataset train) {
        int[] sizes = new int[train.classNames().size()];
        for (int i = 0; i < train.size(); i++) {
            sizes[train.label(i)]++;
        }
        for (int label = 0; label < sizes.length; label++) {
            Fields.require(
                    "class '" + train.classNames().get(label) + "'",
                    "without training samples",
                    sizes[label] > 0,
                    "at least one for clip");
        }
    }
}
