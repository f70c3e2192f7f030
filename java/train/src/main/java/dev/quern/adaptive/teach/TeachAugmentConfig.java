package dev.quern.adaptive.teach;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.adaptive.Adapted;
import dev.quern.adaptive.AdaptedRun;
import dev.quern.adaptive.AdaptiveConfig;
import dev.quern.nn.adaptive.ImageAugmenter;
import dev.quern.setting.Fields;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * TeachAugment (Suzuki 2022): an augmenter learns to make images that are hard for the network, and easy for the network's average, its
 * teacher.
 *
 * @param augmenter scales 0.5 and 0.8, dropout 0.8, temperature 0.05 as published
 * @param every steps between changes of the augmenter, ≥ 1; 5 as published
 * @param teacherDecay of the average, in (0, 1); 0.999 as published
 * @param smoothing of the labels that the network is to miss, in [0, 1); 0.2 as published
 * @param regularization weight of how far the colours move, ≥ 0; 10 as published
 * @param replayEvery epochs between augmenters that are kept, ≥ 1; 10 as published
 * @param replayMost augmenters that are kept, the newest, 1 … 1000; 64, which is more than a published run keeps on CIFAR
 * @param replayDecay how much less often one is used than the next newer one, above 0, at most 1; 0.9 as published
 * @param cutout side in pixels, 0 … 16384; 0: none; 16 as published
 */
@RecordBuilder
public record TeachAugmentConfig(
        ImageAugmenter.Setting augmenter,
        int every,
        double teacherDecay,
        double smoothing,
        double regularization,
        int replayEvery,
        int replayMost,
        double replayDecay,
        int cutout)
        implements TeachAugmentConfigBuilder.With, AdaptiveConfig {
    public TeachAugmentConfig {
        Fields.atLeast("every", every, 1);
        Fields.require("teacherDecay", teacherDecay, teacherDecay > 0 && teacherDecay < 1, "above 0, below 1");
        Fields.shareBelow("smoothing", smoothing, 0, 1);
        Fields.require("regularization", regularization, regularization >= 0 && regularization <= 1e6, "0 … 1e6");
        Fields.atLeast("replayEvery", replayEvery, 1);
        Fields.require("replayMost", replayMost, replayMost >= 1 && replayMost <= 1000, "1 … 1000");
        Fields.shareAbove("replayDecay", replayDecay, 0, 1);
        Fields.require("cutout", cutout, cutout >= 0 && cutout <= MOST_PIXELS, "0 … " + MOST_PIXELS);
    }

    /** The published settings. */
    public static TeachAugmentConfig of(int cutout) {
        ImageAugmenter.Setting augmenter = new ImageAugmenter.Setting(0.5, 0.8, 0.8, 0.05);
        return new TeachAugmentConfig(augmenter, 5, 0.999, 0.2, 10, 10, 64, 0.9, cutout);
    }

    public TeachAugmentConfig withReplay(int replayEvery, int replayMost) {
        return with(config -> config.replayEvery(replayEvery).replayMost(replayMost));
    }

    @Override
    public String label() {
        return "teachaugment";
    }

    @Override
    public boolean redrawn() {
        return false;
    }

    @Override
    public void describe(ObjectNode node) {
        node.put("geometry", augmenter.geometry());
        node.put("color", augmenter.color());
        node.put("dropout", augmenter.dropout());
        node.put("temperature", augmenter.temperature());
        node.put("every", every).put("teacher_decay", teacherDecay);
        node.put("smoothing", smoothing).put("regularization", regularization);
        node.put("replay_every", replayEvery).put("replay_most", replayMost);
        node.put("replay_decay", replayDecay).put("cutout", cutout);
    }

    @Override
    public Adapted adapt(AdaptedRun run) {
        TeachAugment adaptation = new TeachAugment(
                this,
                run.train(),
                run.network(),
                run.inference().kernel().normalization(),
                run.inference().engine().device(),
                run.seed());
        return new Adapted(epoch -> adaptation.policy(), adaptation);
    }
}
