/** The trainer: the loop that ties a network to data and kernels. */
package dev.quern.train;
