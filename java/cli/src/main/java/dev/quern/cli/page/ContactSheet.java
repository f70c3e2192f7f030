package dev.quern.cli.page;

import dev.quern.data.ImageDataset;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;

/** Images side by side. */
public final class ContactSheet {
    private static final int GAP = 2;

    private ContactSheet() {}

    /** A PNG of the images {@code indices} in rows of {@code columns}, as an HTML data address. */
    public static String png(ImageDataset dataset, int[] indices, int columns) throws IOException {
        List<byte[]> images = new ArrayList<>();
        for (int index : indices) {
            images.add(read(dataset, index));
        }
        return address(images, dataset.height(), dataset.width(), columns);
    }

    /** The same of images uint8 [height,width,3]. */
    public static String address(List<byte[]> images, int height, int width, int columns) throws IOException {
        byte[] png = png(images, height, width, columns);
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
    }

    /** One image of a data set, uint8 [height,width,3]. */
    static byte[] read(ImageDataset dataset, int index) throws IOException {
        byte[] pixels = new byte[dataset.imageBytes()];
        dataset.read(index, ByteBuffer.wrap(pixels));
        return pixels;
    }

    /** The PNG file of images uint8 [height,width,3] in rows of {@code columns}. */
    public static byte[] png(List<byte[]> images, int height, int width, int columns) throws IOException {
        int rows = (images.size() + columns - 1) / columns;
        BufferedImage sheet = new BufferedImage(
                Math.max(1, columns * (width + GAP) - GAP),
                Math.max(1, rows * (height + GAP) - GAP),
                BufferedImage.TYPE_INT_RGB);
        for (int cell = 0; cell < images.size(); cell++) {
            byte[] pixels = images.get(cell);
            for (int i = 0; i < height * width; i++) {
                int rgb = (pixels[3 * i] & 0xFF) << 16 | (pixels[3 * i + 1] & 0xFF) << 8 | pixels[3 * i + 2] & 0xFF;
                sheet.setRGB(
                        cell % columns * (width + GAP) + i % width, cell / columns * (height + GAP) + i / width, rgb);
            }
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(sheet, "png", png);
        return png.toByteArray();
    }
}
