/** MADAug: a policy learns through one step of the network. */
package dev.quern.adaptive.mad;
