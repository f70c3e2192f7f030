/** Published augmentation policies, and the expressions that name them. */
package dev.quern.augment.policy;
