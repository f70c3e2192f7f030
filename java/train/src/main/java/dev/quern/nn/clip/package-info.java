/** CLIP, its adapters, and a compact dual encoder. */
package dev.quern.nn.clip;
