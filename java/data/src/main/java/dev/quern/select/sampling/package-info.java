/** Baselines that choose samples anew while a network learns, and the draws of joint selection. */
package dev.quern.select.sampling;
