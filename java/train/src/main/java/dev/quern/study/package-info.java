/** The study of similarity and diversity: what augmentations do to a training set, and what a network is fed. */
package dev.quern.study;
