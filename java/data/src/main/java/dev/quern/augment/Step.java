package dev.quern.augment;

/**
 * One step of an {@link StepPolicy}. What a step does to a sample depends on its {@link Draws} alone; steps are immutable and thread-safe.
 */
public sealed interface Step permits FusedStep, PixelStep, BranchStep, EraseStep, NoiseStep, MixStep {}
