/** Losses, optimisers and learning rates. */
package dev.quern.train.optimizer;
