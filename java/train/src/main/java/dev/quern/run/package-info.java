/** One call that runs a configuration from data to result, with any of the systems. */
package dev.quern.run;
