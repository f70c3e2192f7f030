/** AdaAugment: an agent draws every sample's magnitude. */
package dev.quern.adaptive.ada;
