/** What commands share: options, files, progress, failures. */
package dev.quern.cli.terminal;
