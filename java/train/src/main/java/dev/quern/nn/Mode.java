package dev.quern.nn;

/** Whether a network learns or is used: batch norm normalises with the batch's statistics or with the running ones. */
public enum Mode {
    TRAIN,
    EVALUATE
}
