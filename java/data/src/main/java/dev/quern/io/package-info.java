/** Files and formats: npy, safetensors, mat, text, atomic replacement, and the limits on what untrusted files may ask for. */
package dev.quern.io;
