/** Baselines that choose a subset before training, and the optimisers of CLIP-powered selection. */
package dev.quern.select.coreset;
