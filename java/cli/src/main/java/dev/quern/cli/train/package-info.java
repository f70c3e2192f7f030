/** Training. */
package dev.quern.cli.train;
