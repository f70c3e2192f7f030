package dev.quern.surrogate;

import dev.quern.train.TrainListener;

/** Hears how selections go. */
public interface SelectionListener extends TrainListener {
    /** A method begins. */
    default void method(StaticMethod method) {}
}
