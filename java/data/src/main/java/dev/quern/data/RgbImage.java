package dev.quern.data;

/** @param pixels uint8 [height,width,3] */
record RgbImage(byte[] pixels, int height, int width) {}
