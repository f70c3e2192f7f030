/** Files and formats: npy, safetensors, atomic replacement, and the limits on what untrusted files may ask for. */
package dev.quern.io;
