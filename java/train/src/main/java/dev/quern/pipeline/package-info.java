/** The training pipelines: which samples each epoch sees, how they are augmented, and one call that runs it all. */
package dev.quern.pipeline;
