/** Augmentation looked at, and data sets compared. */
package dev.quern.cli.study;
