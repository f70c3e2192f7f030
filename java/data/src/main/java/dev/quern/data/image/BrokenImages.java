package dev.quern.data.image;

/** What happens to an image file that cannot be decoded. */
public enum BrokenImages {
    /** Opening fails and names the file. */
    REFUSE,
    /** The file is left out and a warning names it. */
    SKIP
}
