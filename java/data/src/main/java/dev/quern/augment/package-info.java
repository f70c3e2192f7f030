/** Policies that decide what the fused augmentation kernel does to each training sample. */
package dev.quern.augment;
