/** The image classifiers. */
package dev.quern.nn.model;
