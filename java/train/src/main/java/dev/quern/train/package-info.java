/** Training: optimiser, schedules, checkpoints, run folders, and the loop that ties them to data and kernels. */
package dev.quern.train;
