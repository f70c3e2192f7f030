/** Selection of the samples an epoch trains on: arrays in, indices out. */
package dev.quern.select;
