package dev.quern.train.record;

import java.util.Locale;

/** What the seconds of a run are spent on. */
public enum Phase {
    /** Training the dual encoder, before the first epoch. */
    DUAL_ENCODER,
    /** Features, density, and the draw of an epoch's samples. */
    SELECT,
    /** Waiting for decoded and augmented batches. */
    AUGMENT,
    /** Forward, backward and optimiser step. */
    TRAIN,
    EVALUATE,
    /** Similarity and diversity of what the network is fed. */
    TRACK,
    CHECKPOINT;

    /** Its key in JSON, such as {@code dual_encoder}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
