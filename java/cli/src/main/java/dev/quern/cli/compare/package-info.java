/** Many trainings side by side. */
package dev.quern.cli.compare;
