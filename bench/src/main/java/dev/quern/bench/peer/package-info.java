/** Other processes that do the same work, and what a run was asked for. */
package dev.quern.bench.peer;
