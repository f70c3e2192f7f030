/** The counter-based random numbers that everything draws from. */
package dev.quern.random;
