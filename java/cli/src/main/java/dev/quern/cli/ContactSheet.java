package dev.quern.cli;

import dev.quern.data.ImageDataset;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import javax.imageio.ImageIO;

/** Images of a data set side by side, as an HTML data address. */
final class ContactSheet {
    private static final int GAP = 2;

    private ContactSheet() {}

    /** A PNG of the images {@code indices} in rows of {@code columns}. */
    static String png(ImageDataset dataset, int[] indices, int columns) throws IOException {
        int rows = (indices.length + columns - 1) / columns;
        int cellWidth = dataset.width() + GAP;
        int cellHeight = dataset.height() + GAP;
        BufferedImage sheet = new BufferedImage(
                Math.max(1, columns * cellWidth), Math.max(1, rows * cellHeight), BufferedImage.TYPE_INT_RGB);
        ByteBuffer pixels = ByteBuffer.allocate(dataset.width() * dataset.height() * 3);
        for (int cell = 0; cell < indices.length; cell++) {
            dataset.read(indices[cell], pixels.clear());
            pixels.flip();
            for (int y = 0; y < dataset.height(); y++) {
                for (int x = 0; x < dataset.width(); x++) {
                    int rgb = (pixels.get() & 0xFF) << 16 | (pixels.get() & 0xFF) << 8 | pixels.get() & 0xFF;
                    sheet.setRGB(cell % columns * cellWidth + x, cell / columns * cellHeight + y, rgb);
                }
            }
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(sheet, "png", png);
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png.toByteArray());
    }
}
