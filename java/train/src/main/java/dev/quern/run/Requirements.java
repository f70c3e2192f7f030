package dev.quern.run;

import dev.quern.data.Profile;
import dev.quern.data.Splits;
import dev.quern.train.Curriculum;
import java.io.IOException;

/** What a configuration needs of the data, checked before anything is trained; messages name the field, its value and what is allowed. */
public record Requirements(TrainConfig config) {
    /** Refuses a last batch of one sample where the released code would fail on it. */
    void requireWholeBatches(Curriculum curriculum, int epochs) {
        int smallest = config.adaptive().smallestBatch();
        if (smallest == 1) {
            return;
        }
        int batch = config.optimizer().batch();
        for (int epoch = 0; epoch < epochs; epoch++) {
            int samples = curriculum.sampleCount(epoch);
            int last = samples % batch == 0 ? batch : samples % batch;
            if (last < smallest) {
                throw new IllegalArgumentException("batch is " + batch + ", which leaves a last batch of " + last
                        + " of " + samples + " samples, allowed in the released profile: a last batch of " + smallest
                        + " or more");
            }
        }
    }

    /** Refuses data that the configuration cannot be trained on. */
    public void requireTrainable(Splits data) throws IOException {
        int size = data.train().size();
        if (data.train().classNames().size() < 2) {
            throw new IOException(data.train().name() + " has "
                    + data.train().classNames().size() + " classes, training needs at least 2");
        }
        if (config.tracking().every() > 0 && !config.adaptive().redrawn()) {
            throw new IllegalArgumentException("augmentation is "
                    + config.adaptive().label() + ", allowed where similarity is tracked: any other");
        }
        if (config.method().lossesCount() && config.visits() == TrainConfig.Visits.EQUAL_VISITS) {
            throw new IllegalArgumentException(
                    "visits is equal-visits, allowed for infobatch, seta and ies: equal-epochs, because"
                            + " the losses decide how many samples an epoch has");
        }
        boolean ownVisits =
                config.method() == Method.CLASS_AWARE && config.longTail().profile() == Profile.RELEASED;
        if (ownVisits && config.visits() == TrainConfig.Visits.EQUAL_VISITS) {
            throw new IllegalArgumentException(
                    "visits is equal-visits, allowed for class-aware in the released profile:"
                            + " equal-epochs, because the largest class decides how many visits an epoch has");
        }
        if (config.method() == Method.JOINT && config.joint().neighbors() >= size) {
            throw new IllegalArgumentException("neighbors is " + config.joint().neighbors() + ", allowed: below " + size
                    + ", the number of training samples");
        }
    }
}
