/** Images: decoding, resizing and framing. */
package dev.quern.data.image;
