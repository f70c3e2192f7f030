/** What is measured: kernels and steps at one shape, with their oracles and limits. */
package dev.quern.bench.workload;
