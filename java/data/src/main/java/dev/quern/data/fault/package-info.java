/** Faults of a training set: wrong labels and corrupted images. */
package dev.quern.data.fault;
