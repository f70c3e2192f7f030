/** The kernels, the machine and the models. */
package dev.quern.cli.kernel;
