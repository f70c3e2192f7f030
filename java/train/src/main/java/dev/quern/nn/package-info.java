/** Layers and networks in Java on LibTorch, with the parameter names of the public PyTorch state dicts, and how they are run. */
package dev.quern.nn;
