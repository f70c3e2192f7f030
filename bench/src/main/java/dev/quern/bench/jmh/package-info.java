/** One JMH class per kernel; {@code bench/run --jmh} takes JMH's own options. */
package dev.quern.bench.jmh;
