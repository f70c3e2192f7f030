/** The networks that adaptive augmentations learn. */
package dev.quern.nn.adaptive;
