package dev.quern.adaptive.mad;

import dev.quern.adaptive.Magnitudes;
import dev.quern.adaptive.TensorState;
import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.Augmenter;
import dev.quern.augment.Cutout;
import dev.quern.augment.NoAugment;
import dev.quern.augment.Step;
import dev.quern.augment.StepPolicy;
import dev.quern.augment.policy.PreferredOps;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import dev.quern.nn.Network;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.adaptive.OpPolicy;
import dev.quern.nn.adaptive.OpPolicy.Preferences;
import dev.quern.random.Philox;
import dev.quern.train.Adaptation;
import dev.quern.train.Inference;
import dev.quern.train.InputBatches;
import dev.quern.train.Observation;
import dev.quern.train.RawBatch;
import dev.quern.train.optimizer.Adam;
import dev.quern.train.optimizer.CrossEntropy;
import dev.quern.train.record.MagnitudeMetrics;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * MADAug (Hou et al. 2023): a linear policy on the network's features learns, along with the network, which ops at which magnitudes make it
 * better on images held out from training.
 *
 * <pre>
 * for each epoch e: share ← min(tanh(e/τ) + 0.01, 1)
 *   for each batch x, y:
 *     m, w ← policy h of the features of x;   network learns from x, of which a share has k ops drawn by w at m ± δ
 *     every S steps:
 *       x̃ ← Σ_o w_o·o(x, m_o), the derivative of an op by its magnitude taken as 1
 *       θ' ← θ − η·∇L(x̃, y);   h learns from ∇_h L(θ'; held-out images)
 * </pre>
 *
 * <p>Where sources are silent: the virtual step has neither momentum nor weight decay; the ops of one sample share crop and flip in x̃, which
 * has no cutout; each sample is augmented by chance instead of a fixed part of each batch.
 */
final class MadAugment implements Adaptation {
    private static final double LEARNING_RATE = 1e-3;
    private static final double WEIGHT_DECAY = 1e-3;
    private static final double EPSILON = 1e-8;
    private static final int PADDING = 4;
    /** Above the slots of networks' initial weights and of folds, below those of views. */
    private static final int HELD_OUT = 80;

    private static final String PREFERENCES = "preferences";
    private static final String STEPS = "steps";

    private final MadAugmentConfig config;
    private final Network network;
    private final Inference inference;
    private final CrossEntropy loss;
    private final ImageDataset heldOut;
    private final long seed;
    private final OpPolicy policy;
    private final Adam optimizer;
    private final OpMixture mixture;
    private final StepPolicy augmentation;
    private final InputBatches heldOutBatches;
    private final int heldOutBatch;
    private final Magnitudes magnitudes;
    private final float[] preferences;
    private RawBatch batch;
    private org.bytedeco.pytorch.Tensor features;
    private long steps;

    /**
     * @param data training images and those held out
     * @param batch most images of a step
     * @param loss of the network
     */
    MadAugment(
            MadAugmentConfig config,
            Splits data,
            Network network,
            Inference inference,
            int batch,
            CrossEntropy loss,
            long seed) {
        this.config = config;
        this.network = network;
        this.inference = inference;
        this.loss = loss;
        this.seed = seed;
        heldOut = data.test();
        magnitudes = new Magnitudes(data.train());
        preferences = new float[data.train().size() * 2 * PreferredOps.OPS];
        policy = new OpPolicy(network.featureSize(), PreferredOps.OPS, seed);
        policy.flat().to(inference.engine().device());
        optimizer = new Adam(policy.flat(), WEIGHT_DECAY, EPSILON);
        PreferredOps ops = new PreferredOps(
                new PreferredOps.Setting(config.ops(), config.noise(), config.profile(), PADDING),
                this::preferences,
                config::share);
        mixture = new OpMixture(ops, inference);
        List<Step> all = new ArrayList<>(List.of(ops));
        if (config.cutout() > 0) {
            all.add(new Cutout(config.cutout(), 1));
        }
        augmentation = new StepPolicy(config.label(), heldOut.height(), heldOut.width(), all);
        heldOutBatch = Math.min(batch, heldOut.size());
        heldOutBatches = new InputBatches(inference.engine(), inference.kernel(), heldOut, heldOutBatch, 1, 0);
    }

    /** How the samples are augmented that the network learns from. */
    StepPolicy policy() {
        return augmentation;
    }

    private float[] preferences(int sample) {
        int each = 2 * PreferredOps.OPS;
        return Arrays.copyOfRange(preferences, sample * each, (sample + 1) * each);
    }

    @Override
    public long preview(AugmentPolicy shown, RawBatch batch) throws IOException {
        forget();
        if (shown != augmentation) {
            return 0;
        }
        this.batch = batch;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            features = inference.features(network, batch).retainReference();
            Preferences found = policy.of(features, config.temperature());
            remember(batch.samples(), floats(found.magnitudes()), floats(found.weights()));
        }
        if (!due()) {
            return batch.size();
        }
        int[] order = Philox.permutation(seed, steps, heldOut.size(), HELD_OUT);
        int[] drawn = Arrays.copyOf(order, heldOutBatch);
        heldOutBatches.start(new InputBatches.Pass(drawn, List.of(new NoAugment()), seed, 0));
        heldOutBatches.next();
        return 2L * batch.size() + drawn.length;
    }

    private boolean due() {
        return steps % config.every() == 0;
    }

    /** The mean magnitude of a sample is that of its ops by their weights. */
    private void remember(int[] samples, FloatBuffer newMagnitudes, FloatBuffer weights) {
        int n = PreferredOps.OPS;
        float[] means = new float[samples.length];
        for (int i = 0; i < samples.length; i++) {
            newMagnitudes.get(i * n, preferences, samples[i] * 2 * n, n);
            weights.get(i * n, preferences, samples[i] * 2 * n + n, n);
            for (int op = 0; op < n; op++) {
                means[i] += newMagnitudes.get(i * n + op) * weights.get(i * n + op);
            }
            means[i] = Math.min(1, means[i]);
        }
        magnitudes.put(samples, means);
    }

    private static FloatBuffer floats(org.bytedeco.pytorch.Tensor tensor) {
        return TensorMemory.bytes(tensor.contiguous()).asFloatBuffer();
    }

    @Override
    public void observe(Observation step) {
        if (batch == null) {
            return;
        }
        if (due()) {
            try (PointerScope scope = new PointerScope()) {
                policy.flat().gradients().copy_(step.keeping(() -> gradient(step)));
                optimizer.step(LEARNING_RATE);
            }
        }
        steps++;
    }

    /** How the loss on held-out images after a step on mixed images depends on the policy. */
    private org.bytedeco.pytorch.Tensor gradient(Observation step) {
        Augmenter.Visit visit = new Augmenter.Visit(seed, step.epoch(), step.samples());
        org.bytedeco.pytorch.Tensor mixed = mixture.of(visit, batch, policy.of(features, 1));
        return VirtualStep.gradient(
                network.flat(),
                policy.flat(),
                loss.loss(step.forward(mixed).logits(), step.labels()),
                step.learningRate(),
                () -> loss.loss(step.forward(heldOutBatches.images(0)).logits(), heldOutBatches.labels()));
    }

    private void forget() {
        batch = null;
        if (features != null) {
            features.close();
            features = null;
        }
    }

    @Override
    public Optional<MagnitudeMetrics> finish(int epoch) {
        return Optional.of(magnitudes.metrics());
    }

    private TensorState learned() {
        return new TensorState(
                List.of("policy", "policy.mean", "policy.square"),
                List.of(policy.flat().values(), optimizer.mean(), optimizer.square()));
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        state.put(Magnitudes.KEY, magnitudes.state());
        state.put(PREFERENCES, Tensor.of(preferences, preferences.length));
        learned().save(state);
        state.put(STEPS, Tensor.of(new long[] {steps, optimizer.steps()}, 2));
        return state;
    }

    @Override
    public void restore(Map<String, Tensor> state) throws IOException {
        Tensor counts = Magnitudes.require(state, STEPS, TensorType.I64, 2);
        Tensor own = Magnitudes.require(state, PREFERENCES, TensorType.F32, preferences.length);
        magnitudes.restore(state);
        learned().restore(state);
        System.arraycopy(own.toFloats(), 0, preferences, 0, preferences.length);
        steps = counts.toLongs()[0];
        optimizer.steps(counts.toLongs()[1]);
    }

    @Override
    public void close() {
        forget();
        heldOutBatches.close();
        optimizer.close();
        policy.close();
    }
}
