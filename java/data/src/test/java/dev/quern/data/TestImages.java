package dev.quern.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/** Images made in code for the tests. */
public final class TestImages {
    private TestImages() {}

    /** The image of the golden augmentation files: a mix of gradients and remainders, uint8 [height,width,3]. */
    public static byte[] pattern(int height, int width) {
        byte[] pixels = new byte[height * width * 3];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    pixels[at++] = (byte) (x * 37 + y * 91 + c * 53 + x * y % 29 * 7 + (x * x + 3 * y) % 17 * (c + 1));
                }
            }
        }
        return pixels;
    }

    /** Writes an RGB image of one colour; the format is the file's extension. */
    public static void write(Path file, int height, int width, int rgb) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, rgb);
            }
        }
        Files.createDirectories(file.getParent());
        String name = file.getFileName().toString();
        ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), file.toFile());
    }

    public static byte[] read(ImageDataset dataset, int index) throws IOException {
        ByteBuffer image = ByteBuffer.allocate(dataset.imageBytes());
        dataset.read(index, image);
        return image.array();
    }

    public static String crc32(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return String.format("%08x", crc.getValue());
    }
}
