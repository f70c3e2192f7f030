/** Readers of data sets, and the procedural shapes. */
package dev.quern.data.format;
