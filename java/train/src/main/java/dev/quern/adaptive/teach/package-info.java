/** TeachAugment: an augmenting network learns against a teacher. */
package dev.quern.adaptive.teach;
