/** Baselines that give every sample a score, from what a network made of it. */
package dev.quern.select.score;
