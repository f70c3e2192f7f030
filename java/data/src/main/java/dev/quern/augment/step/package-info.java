/** The steps that policies are made of. */
package dev.quern.augment.step;
