/** Baselines of selection as the trainer's curricula. */
package dev.quern.baseline;
