/** What a training leaves behind: run folders, checkpoints, metrics and events. */
package dev.quern.train.record;
