/** EntAugment: the network's certainty of a sample is its magnitude. */
package dev.quern.adaptive.ent;
