package dev.quern.train;

import dev.quern.nn.Autocast;
import dev.quern.nn.Network;
import dev.quern.nn.Parameter;
import dev.quern.nn.Precision;
import dev.quern.nn.TensorMemory;
import dev.quern.train.optimizer.CrossEntropy;
import dev.quern.train.optimizer.GradientClip;
import dev.quern.train.optimizer.GradientScaler;
import dev.quern.train.optimizer.LearningRate;
import dev.quern.train.optimizer.Sgd;
import dev.quern.train.optimizer.Timeline;
import dev.quern.train.optimizer.WeightAverage;
import dev.quern.train.record.PhaseClock;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A network with all that changes when it takes a step: optimiser, schedule, scale of the loss, weight average. */
public final class Learner implements AutoCloseable {
    private final Network network;
    private final TrainerSettings settings;
    private final LearningRate rate;
    private final CrossEntropy loss;
    private final Sgd optimizer;
    private final WeightAverage average;
    private final Optional<GradientScaler> scaler;

    public Learner(Network network, TrainerSettings settings, Timeline timeline) {
        this.network = network;
        this.settings = settings;
        rate = settings.schedule().over(timeline, settings.peakLearningRate());
        loss = new CrossEntropy(settings.labelSmoothing(), settings.entropyWeight());
        long classifier =
                network.classifier().stream().mapToLong(Parameter::size).sum();
        long trunk = network.flat().count() - classifier;
        optimizer = new Sgd(network.flat(), settings.weightDecay(), trunk, settings.trunkRate());
        average = settings.averageDecay() > 0 ? new WeightAverage(network.flat(), settings.averageDecay()) : null;
        scaler = settings.precision() == Precision.FP16 ? Optional.of(new GradientScaler()) : Optional.empty();
    }

    /** Learns with losses that count 1 each, on a schedule that goes with the steps. */
    public double step(InputBatches batch, long step, StepObserver observer) {
        return step(batch, step, step, Optional.empty(), observer);
    }

    /**
     * Learns from the first view of the present batch.
     *
     * @param step counted from 0 over the whole run
     * @param scheduled step of the timeline whose learning rate is taken
     * @param weights of the batch's losses [B]; empty: 1 each
     * @param observer of the step
     * @return the mean loss before the step
     */
    public double step(
            InputBatches batch, long step, long scheduled, Optional<float[]> weights, StepObserver observer) {
        try (PointerScope scope = new PointerScope()) {
            network.flat().zeroGradients();
            network.randomness(settings.seed(), step);
            Outputs learned = outputs(batch.images(0));
            Tensor mean = weights.isEmpty()
                    ? loss.loss(learned.logits(), batch.targets())
                    : loss.loss(
                            learned.logits(), batch.targets(), TensorMemory.copyOf(weights.get(), learned.logits()));
            boolean finite = backward(mean);
            double learningRate = rate.at(scheduled);
            observer.observe(new Observation(
                    batch, learned.detached(), network.flat(), this::outputs, this::differentiable, learningRate));
            if (finite) {
                if (settings.gradientClip() > 0) {
                    GradientClip.apply(network.flat(), settings.gradientClip());
                }
                optimizer.step(learningRate, rate.momentumAt(scheduled));
            }
            if (average != null) {
                average.update(step);
            }
            return mean.item_double();
        }
    }

    /** False if the step is to be skipped. */
    private boolean backward(Tensor mean) {
        if (scaler.isEmpty()) {
            mean.backward();
            return true;
        }
        scaler.get().scaled(mean).backward();
        return scaler.get().unscale(network.flat().gradients());
    }

    private Outputs outputs(Tensor images) {
        return outputs(images, settings.precision());
    }

    /** In float32 where gradients would need a scale of their own. */
    private Outputs differentiable(Tensor images) {
        return scaler.isEmpty() ? outputs(images) : outputs(images.to(ScalarType.Float), Precision.FP32);
    }

    private Outputs outputs(Tensor images, Precision precision) {
        Tensor features;
        try (Autocast autocast = Autocast.to(precision)) {
            features = network.features(images);
        }
        return new Outputs(features, network.classify(features));
    }

    public double learningRate(long step) {
        return rate.at(step);
    }

    /** Runs {@code work} on the weights that are evaluated and saved: the average, where there is one. */
    <T, E extends Exception> T onFinalWeights(PhaseClock.Work<T, E> work) throws E {
        if (average == null) {
            return work.run();
        }
        average.swap();
        try {
            return work.run();
        } finally {
            average.swap();
        }
    }

    /** Of the loss, in float16. */
    Optional<GradientScaler> scaler() {
        return scaler;
    }

    /** Flat tensors that a checkpoint keeps besides the network's. */
    List<Tensor> state() {
        return average == null
                ? List.of(optimizer.momentum())
                : List.of(
                        optimizer.momentum(),
                        average.state().get(0),
                        average.state().get(1));
    }

    @Override
    public void close() {
        optimizer.close();
        if (average != null) {
            average.close();
        }
    }
}
