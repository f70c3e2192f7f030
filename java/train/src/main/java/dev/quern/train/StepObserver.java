package dev.quern.train;

/** Takes in what the network makes of a batch, between a step's backward pass and the change of the weights. */
@FunctionalInterface
public interface StepObserver {
    void observe(Observation step);
}
