package dev.quern.train;

import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import dev.quern.train.record.LongTailMetrics;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Judges classes by the number of their training images, and how unknown images are rejected (Liu et al. 2019). In the paper a class has many
 * above 100 and few below 20; in the released code many from 100 on and few up to 20.
 */
public final class LongTailEvaluation {
    private static final int MANY = 100;
    private static final int FEW = 20;

    private final Shots[] shots;
    private final double threshold;

    private enum Shots {
        MANY,
        MEDIUM,
        FEW
    }

    /**
     * @param train images whose number decides what a class is
     * @param profile whose borders
     * @param threshold confidence below which an image is said to be of an unknown class, in [0, 1]; 0.1 in OLTR
     */
    public LongTailEvaluation(ImageDataset train, Profile profile, double threshold) {
        int[] counts = new int[train.classNames().size()];
        for (int i = 0; i < train.size(); i++) {
            counts[train.label(i)]++;
        }
        shots = new Shots[counts.length];
        for (int label = 0; label < counts.length; label++) {
            shots[label] = shots(counts[label], profile == Profile.RELEASED);
        }
        this.threshold = threshold;
    }

    private static Shots shots(int images, boolean released) {
        if (images > MANY || released && images == MANY) {
            return Shots.MANY;
        }
        return images < FEW || released && images == FEW ? Shots.FEW : Shots.MEDIUM;
    }

    /**
     * @param known what a network says of the test images
     * @param unknown what it says of images of other classes, where there are any
     */
    public LongTailMetrics of(Predictions known, Optional<Predictions> unknown) {
        int[] right = new int[shots.length];
        int[] all = new int[shots.length];
        for (int i = 0; i < known.labels().length; i++) {
            all[known.labels()[i]]++;
            right[known.labels()[i]] += known.isRight(i) ? 1 : 0;
        }
        return new LongTailMetrics(
                accuracy(Shots.MANY, right, all),
                accuracy(Shots.MEDIUM, right, all),
                accuracy(Shots.FEW, right, all),
                unknown.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(fMeasure(known, unknown.get())));
    }

    /** Mean over the classes of a group that have test images. */
    private OptionalDouble accuracy(Shots group, int[] right, int[] all) {
        double sum = 0;
        int classes = 0;
        for (int label = 0; label < shots.length; label++) {
            if (shots[label] == group && all[label] > 0) {
                sum += (double) right[label] / all[label];
                classes++;
            }
        }
        return classes == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / classes);
    }

    /** 2PR/(P + R), where known images are found or, wrong or rejected, falsely found, and unknown ones that are accepted are missed. */
    private double fMeasure(Predictions known, Predictions unknown) {
        double found = 0;
        for (int i = 0; i < known.labels().length; i++) {
            found += known.isRight(i) && known.confidences()[i] >= threshold ? 1 : 0;
        }
        double accepted = 0;
        for (float confidence : unknown.confidences()) {
            accepted += confidence >= threshold ? 1 : 0;
        }
        double precision = found / known.labels().length;
        double recall = found == 0 ? 0 : found / (found + accepted);
        return found == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }
}
