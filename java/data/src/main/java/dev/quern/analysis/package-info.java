/** What an augmentation does to a data set before anyone trains on it: its distance from the original and the diversity it adds. */
package dev.quern.analysis;
