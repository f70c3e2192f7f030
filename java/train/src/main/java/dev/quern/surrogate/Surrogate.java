package dev.quern.surrogate;

import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.data.Splits;
import dev.quern.nn.model.Model;
import dev.quern.run.Method;
import dev.quern.run.Recording;
import dev.quern.run.TrainConfig;
import dev.quern.run.TrainResult;
import dev.quern.run.Training;
import dev.quern.setting.Augmentation;
import dev.quern.setting.Fields;
import dev.quern.setting.OptimizerConfig;
import dev.quern.study.Tracking;
import dev.quern.train.StopSignal;
import dev.quern.train.StoppedException;
import dev.quern.train.TrainListener;
import dev.quern.train.TrainOutcome;
import dev.quern.train.record.Phase;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A network that is trained on all samples, weakly augmented and by plain cross-entropy, only to see how it learns them.
 *
 * @param epochs of its training, 1 … 1000
 * @param gradients by which GraNd and MoSo look at samples
 */
public record Surrogate(Model model, int epochs, Gradients gradients) {
    public static final Surrogate DEFAULT = new Surrogate(Model.RESNET20, 10, Gradients.LAST_LAYER);

    /** Of the loss of single samples. */
    public enum Gradients {
        /** In closed form from what is recorded anyway. */
        LAST_LAYER,
        /** As published: a forward and a backward pass for each sample after each epoch. */
        ALL_PARAMETERS
    }

    private static final int MOST_EPOCHS = 1000;

    public Surrogate {
        Fields.require("surrogate epochs", epochs, epochs >= 1 && epochs <= MOST_EPOCHS, "1 … " + MOST_EPOCHS);
    }

    /**
     * What it makes of the samples; it learns them first, and goes on where it was interrupted.
     *
     * @param setting data set, label noise, seed and threads
     * @param clean the data as it was opened
     * @param folder run folder of the learning, made if absent
     * @throws IOException also where the folder holds a surrogate of another configuration
     * @throws StoppedException when asked to stop before the end
     */
    Evidence evidence(TrainConfig setting, Splits clean, Path folder, TrainListener listener, StopSignal stop)
            throws IOException {
        Recording recording = (curriculum, data, inference, run) -> new DynamicsRecorder(
                curriculum, data, inference, run.resolve("dynamics"), gradients == Gradients.ALL_PARAMETERS);
        TrainResult result = Training.recorded(config(setting), recording, clean, folder, listener, stop);
        if (result.outcome().status() != TrainOutcome.Status.FINISHED) {
            throw new StoppedException();
        }
        double evaluating = result.outcome().seconds().seconds(Phase.EVALUATE);
        Splits data = Training.prepared(setting, clean);
        return Evidence.read(
                folder, data.train(), this, result.outcome().seconds().total() - evaluating);
    }

    private TrainConfig config(TrainConfig setting) {
        return setting.withMethod(Method.FULL, 1)
                .withModel(model)
                .withEpochs(epochs, TrainConfig.Visits.EQUAL_EPOCHS)
                .withAugmentation(Augmentation.NONE)
                .withAdaptive(new AdaptiveConfig.None())
                .withAnnealing(1)
                .withTracking(Tracking.NONE)
                .withOptimizer(OptimizerConfig.DEFAULT.withLabelSmoothing(0))
                .withRuntime(setting.runtime().withEvaluateEvery(epochs));
    }

    /** How reports call it. */
    @Override
    public String toString() {
        String all = gradients == Gradients.ALL_PARAMETERS ? ", gradients by all parameters" : "";
        return model.label() + ", " + epochs + " epochs" + all;
    }
}
