/** Selection of samples: arrays in, indices out; quotas, rankings and draws that the methods share. */
package dev.quern.select;
