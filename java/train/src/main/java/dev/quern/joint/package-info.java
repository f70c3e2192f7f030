/** Joint selection and augmentation: every epoch draws its samples by density and consistency, and augments them. */
package dev.quern.joint;
