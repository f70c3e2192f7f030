/** How a policy of steps is carried out on a batch, in the fused augmentation kernel and beside it. */
package dev.quern.augment;
