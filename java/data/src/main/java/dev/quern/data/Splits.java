package dev.quern.data;

/** The two parts of a data set. Both have the same classes and the same image shape. */
public record Splits(ImageDataset train, ImageDataset test) {}
