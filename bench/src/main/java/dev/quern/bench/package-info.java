/** Measures the kernels: against float64 oracles, against other libraries, and against what the machine can do. */
package dev.quern.bench;
