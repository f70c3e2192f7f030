/** Labelled image sets, their readers, batches, and the counter-based random numbers everything draws from. */
package dev.quern.data;
