package dev.quern.adaptive.ent;

import dev.quern.adaptive.AdaptiveViews;
import dev.quern.adaptive.Magnitudes;
import dev.quern.augment.AugmentPolicy;
import dev.quern.io.Tensor;
import dev.quern.nn.TensorMemory;
import dev.quern.train.Adaptation;
import dev.quern.train.Observation;
import dev.quern.train.optimizer.CrossEntropy;
import dev.quern.train.record.MagnitudeMetrics;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * EntAugment (Yang et al. 2024): the magnitude of a sample is 1 − H(p)/ln C of what the network predicted for its augmented view one epoch
 * before.
 *
 * <pre>
 * for each epoch e:
 *   x ← the first epochs: TrivialAugment; then: op at magnitude m[i]
 *   m[i] ← 1 − H(softmax f(x))/ln C
 * </pre>
 */
final class EntAugment implements Adaptation {
    private final EntAugmentConfig config;
    private final Magnitudes magnitudes;
    private final AugmentPolicy trivial;
    private final AugmentPolicy adaptive;

    EntAugment(EntAugmentConfig config, AdaptiveViews views, Magnitudes magnitudes) {
        this.config = config;
        this.magnitudes = magnitudes;
        trivial = views.trivial();
        adaptive = views.adaptive(config.label(), magnitudes::get);
    }

    /** How the samples of an epoch are augmented. */
    AugmentPolicy policy(int epoch) {
        return epoch < config.trivialEpochs() ? trivial : adaptive;
    }

    @Override
    public void observe(Observation step) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            FloatBuffer entropy = TensorMemory.bytes(
                            CrossEntropy.normalizedEntropy(step.learned().logits()))
                    .asFloatBuffer();
            int[] samples = step.samples();
            float[] certainty = new float[samples.length];
            for (int i = 0; i < certainty.length; i++) {
                certainty[i] = Math.min(Math.max(1 - entropy.get(i), 0), 1);
            }
            magnitudes.put(samples, certainty);
        }
    }

    @Override
    public Optional<MagnitudeMetrics> finish(int epoch) {
        return Optional.of(magnitudes.metrics());
    }

    @Override
    public Map<String, Tensor> state() {
        return Map.of(Magnitudes.KEY, magnitudes.state());
    }

    @Override
    public void restore(Map<String, Tensor> state) throws IOException {
        magnitudes.restore(state);
    }
}
