package dev.quern.train.optimizer;

/**
 * Where the scale of the loss stands, in float16 training.
 *
 * @param scale of the next step
 * @param skippedSteps so far, because their gradients overflowed
 */
public record LossScale(double scale, long skippedSteps) {}
