/** Adaptive augmentation: what AdaAugment, EntAugment, MADAug and TeachAugment share, and what a run offers them. */
package dev.quern.adaptive;
