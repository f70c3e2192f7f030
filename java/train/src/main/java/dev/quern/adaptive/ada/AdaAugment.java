package dev.quern.adaptive.ada;

import dev.quern.adaptive.AdaptiveViews;
import dev.quern.adaptive.AdaptiveViews.Geometry;
import dev.quern.adaptive.Magnitudes;
import dev.quern.adaptive.TensorState;
import dev.quern.adaptive.ada.AdvantageActorCritic.Transitions;
import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.policy.MagnitudeAugment.OpDraw;
import dev.quern.data.ImageDataset;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import dev.quern.nn.Network;
import dev.quern.nn.TensorMemory;
import dev.quern.train.Adaptation;
import dev.quern.train.Inference;
import dev.quern.train.InputBatches;
import dev.quern.train.Observation;
import dev.quern.train.Observation.RunningStatistics;
import dev.quern.train.Outputs;
import dev.quern.train.optimizer.CrossEntropy;
import dev.quern.train.record.MagnitudeMetrics;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;

/**
 * AdaAugment (Yang et al. 2024): an actor–critic agent learns, along with the network, how strongly each sample is augmented.
 *
 * <pre>
 * M[i] ← a ~ π(features of a TrivialAugment view, untrained network) for all samples
 * for each epoch e: λ ← 1 − (e + 1)/E
 *   for each batch:
 *     network learns from x_ada ← op at magnitude M[i];   x_none: no op;   x_full: magnitude 1
 *     a ~ π(s_none);   M[i] ← a, for the next epoch
 *     r ← λ(L_full − L_ada) + (1 − λ)(L_ada − L_none)
 *     agent learns from (s_none, a, r, s_ada)
 * </pre>
 */
final class AdaAugment implements Adaptation {
    /** Stands where the draws of an epoch have its number. */
    private static final int BEFORE_THE_FIRST = -1;

    private static final int ADAPTIVE = 0;
    private static final int PLAIN = 1;
    private static final int FULL = 2;
    private static final List<String> AGENT =
            List.of("actor", "actor.mean", "actor.square", "critic", "critic.mean", "critic.square");

    private final AdaAugmentConfig config;
    private final ImageDataset data;
    private final Inference inference;
    private final AdvantageActorCritic agent;
    private final int epochs;
    private final long seed;
    private final Magnitudes magnitudes;
    private final RewardScale rewardScale = new RewardScale();
    private final AugmentPolicy warmUp;
    private final List<AugmentPolicy> views;
    private double rewardSum;
    private long rewarded;

    /** @param agent closed with this */
    AdaAugment(
            AdaAugmentConfig config,
            AdaptiveViews ways,
            ImageDataset data,
            Inference inference,
            AdvantageActorCritic agent,
            int epochs,
            long seed) {
        this.config = config;
        this.data = data;
        this.inference = inference;
        this.agent = agent;
        this.epochs = epochs;
        this.seed = seed;
        magnitudes = new Magnitudes(data);
        warmUp = ways.trivial();
        boolean unmatched = has(Quirk.UNMATCHED_VIEWS);
        views = List.of(
                ways.adaptive(config.label(), magnitudes::get),
                unmatched ? ways.plainUnmatched() : ways.plain(),
                ways.full(
                        has(Quirk.ONE_FULL_OP) ? OpDraw.ONCE : OpDraw.EVERY_SAMPLE,
                        unmatched ? Geometry.UNMATCHED : Geometry.MATCHED));
    }

    private boolean has(Quirk quirk) {
        return config.quirks().contains(quirk);
    }

    /** How the samples are augmented that the network learns from. */
    AugmentPolicy policy() {
        return views.get(ADAPTIVE);
    }

    @Override
    public List<AugmentPolicy> views(AugmentPolicy policy) {
        return policy == policy() ? views : List.of(policy);
    }

    @Override
    public void prepare(Network network) throws IOException {
        int[] order = IntStream.range(0, data.size()).toArray();
        InputBatches.Pass pass = new InputBatches.Pass(order, List.of(warmUp), seed, BEFORE_THE_FIRST);
        inference.forEachBatch(network, data, pass, (first, features, labels) -> {
            int[] samples = Arrays.copyOfRange(order, first, first + (int) features.size(0));
            magnitudes.put(samples, agent.act(features, seed, BEFORE_THE_FIRST, samples));
        });
    }

    @Override
    public long preparationVisits() {
        return data.size();
    }

    @Override
    public void observe(Observation step) {
        if (step.views() == 1) {
            return;
        }
        try (PointerScope scope = new PointerScope()) {
            RunningStatistics statistics =
                    has(Quirk.MIXED_STATISTICS) ? RunningStatistics.UPDATED : RunningStatistics.KEPT;
            Outputs adaptive = step.learned();
            Outputs plain = step.of(PLAIN, statistics);
            Outputs full = step.of(FULL, statistics);
            float[] applied = magnitudes.get(step.samples());
            float[] drawn = agent.act(plain.features(), seed, step.epoch(), step.samples());
            magnitudes.put(step.samples(), drawn);
            var rewards = rewards(step, adaptive, plain, full);
            if (config.reward() == AdaAugmentConfig.Reward.NORMALIZED) {
                rewards = rewardScale.apply(rewards);
            }
            var actions = TensorMemory.copyOf(has(Quirk.LAGGED_CREDIT) ? drawn : applied, rewards);
            agent.update(new Transitions(plain.features(), actions, rewards, adaptive.features()), step.epoch());
        }
    }

    /** r = λ(L_full − L_ada) + (1 − λ)(L_ada − L_none), float32 [B]; its sum goes to the metrics. */
    private org.bytedeco.pytorch.Tensor rewards(Observation step, Outputs adaptive, Outputs plain, Outputs full) {
        double lambda = lambda(step.epoch());
        var adaptiveLoss = CrossEntropy.ofSamples(adaptive.logits(), step.labels());
        var harder = CrossEntropy.ofSamples(full.logits(), step.labels()).sub(adaptiveLoss);
        var easier = adaptiveLoss.sub(CrossEntropy.ofSamples(plain.logits(), step.labels()));
        var rewards = harder.mul(new Scalar(lambda)).add(easier, new Scalar(1 - lambda));
        rewardSum += rewards.sum().item_double();
        rewarded += rewards.size(0);
        return rewards;
    }

    private double lambda(int epoch) {
        return 1 - (epoch + 1.0) / epochs;
    }

    @Override
    public Optional<MagnitudeMetrics> finish(int epoch) {
        MagnitudeMetrics metrics = magnitudes.metrics();
        if (rewarded > 0) {
            metrics = metrics.withReward(rewardSum / rewarded, lambda(epoch));
        }
        rewardSum = 0;
        rewarded = 0;
        return Optional.of(metrics);
    }

    private TensorState learned() {
        return new TensorState(AGENT, agent.state());
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        state.put(Magnitudes.KEY, magnitudes.state());
        learned().save(state);
        state.put("reward_scale", Tensor.of(rewardScale.state(), rewardScale.state().length));
        state.put("epoch", Tensor.of(new double[] {rewardSum, rewarded, agent.updates()}, 3));
        return state;
    }

    @Override
    public void restore(Map<String, Tensor> state) throws IOException {
        Tensor scale = Magnitudes.require(state, "reward_scale", TensorType.F64, rewardScale.state().length);
        Tensor counts = Magnitudes.require(state, "epoch", TensorType.F64, 3);
        magnitudes.restore(state);
        learned().restore(state);
        rewardScale.restore(scale.toDoubles());
        double[] epoch = counts.toDoubles();
        rewardSum = epoch[0];
        rewarded = (long) epoch[1];
        agent.updates((long) epoch[2]);
    }

    @Override
    public void close() {
        agent.close();
    }
}
