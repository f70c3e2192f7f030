package dev.quern.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A data set of small grey images of three classes: a network learns nothing from it, fast. */
public final class TinyIdx {
    private TinyIdx() {}

    /** Writes two files and returns their specification; a sixth of the images is held out for testing. */
    public static String write(Path folder, int count) throws IOException {
        Path images = folder.resolve("images");
        Path labels = folder.resolve("labels");
        ByteBuffer pixels = ByteBuffer.allocate(16 + count * 256);
        pixels.putInt(0x803).putInt(count).putInt(16).putInt(16);
        for (int i = 0; i < count * 256; i++) {
            pixels.put((byte) (i * 31 + i / 256 * 7));
        }
        Files.write(images, pixels.array());
        ByteBuffer classes = ByteBuffer.allocate(8 + count);
        classes.putInt(0x801).putInt(count);
        for (int i = 0; i < count; i++) {
            classes.put((byte) (i % 3));
        }
        Files.write(labels, classes.array());
        return "idx:" + images + "," + labels;
    }
}
