/** The quern command. */
package dev.quern.cli;
