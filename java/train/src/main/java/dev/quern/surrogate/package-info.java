/** Selection before training: a surrogate network's record of every sample, and the methods that share it. */
package dev.quern.surrogate;
