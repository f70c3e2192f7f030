/** Labelled image sets, their parts, and batches of them. */
package dev.quern.data;
