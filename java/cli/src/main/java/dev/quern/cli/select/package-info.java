/** Selection before training, and embeddings. */
package dev.quern.cli.select;
