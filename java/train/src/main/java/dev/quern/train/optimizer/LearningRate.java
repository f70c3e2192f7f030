package dev.quern.train.optimizer;

/** Learning rate and momentum of every optimiser step. Immutable. */
public interface LearningRate {
    /** The learning rate of step {@code step}, counted from 0. */
    double at(long step);

    /** The momentum of step {@code step}. */
    default double momentumAt(long step) {
        return 0.9;
    }
}
