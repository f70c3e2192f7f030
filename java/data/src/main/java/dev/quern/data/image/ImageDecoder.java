package dev.quern.data.image;

import dev.quern.io.FileBytes;
import dev.quern.io.Limits;
import dev.quern.io.MalformedFileException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes image files to uint8 RGB. The size is checked from the header, before any pixel is decoded. Stored samples are taken as they are:
 * grey is repeated in three channels, alpha is dropped, 16 bits keep their upper 8, colour profiles and orientation tags are ignored.
 */
public final class ImageDecoder {
    /** Of the files that are read, in lower case. */
    public static final Set<String> EXTENSIONS = Set.of("jpg", "jpeg", "png", "bmp", "gif");

    private static final Set<String> FORMATS = Set.of("jpeg", "png", "bmp", "gif");

    private ImageDecoder() {}

    /** An image file as RGB. */
    public static RgbImage decode(Path file) throws IOException {
        byte[] bytes = FileBytes.read(file, Limits.IMAGE_FILE_BYTES);
        Optional<RgbImage> jpeg = JpegDecoder.decode(file, bytes);
        return jpeg.isPresent() ? jpeg.get() : decodeByImageIo(file, bytes);
    }

    static RgbImage decodeByImageIo(Path file, byte[] bytes) throws IOException {
        return withReader(file, bytes, reader -> toRgb(reader.read(0)));
    }

    /** Height and width by the header. */
    public static int[] size(Path file) throws IOException {
        byte[] bytes = FileBytes.read(file, Limits.IMAGE_FILE_BYTES);
        return withReader(file, bytes, reader -> new int[] {reader.getHeight(0), reader.getWidth(0)});
    }

    @FunctionalInterface
    private interface Use<T> {
        T apply(ImageReader reader) throws IOException;
    }

    private static <T> T withReader(Path file, byte[] bytes, Use<T> use) throws IOException {
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            ImageReader reader = reader(file, stream);
            try {
                reader.setInput(stream, true, true);
                requireSize(file, reader.getHeight(0), reader.getWidth(0));
                return use.apply(reader);
            } finally {
                reader.dispose();
            }
        } catch (MalformedFileException refused) {
            throw refused;
        } catch (IOException | RuntimeException damaged) {
            // Decoders answer damaged input with almost any runtime exception.
            throw new MalformedFileException(file, "is not a readable image: " + damaged.getMessage(), damaged);
        }
    }

    private static ImageReader reader(Path file, ImageInputStream stream) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
                return reader;
            }
            reader.dispose();
        }
        throw new MalformedFileException(file, "format", "unknown", "JPEG, PNG, BMP, GIF");
    }

    static void requireSize(Path file, int height, int width) throws MalformedFileException {
        if (height < 1
                || width < 1
                || height > Limits.IMAGE_SIDE
                || width > Limits.IMAGE_SIDE
                || (long) height * width > Limits.IMAGE_PIXELS) {
            throw new MalformedFileException(
                    file,
                    "size",
                    height + "×" + width,
                    "1 … " + Limits.IMAGE_SIDE + " a side, at most " + Limits.IMAGE_PIXELS + " pixels");
        }
    }

    private static RgbImage toRgb(BufferedImage image) {
        int height = image.getHeight();
        int width = image.getWidth();
        byte[] rgb = new byte[height * width * 3];
        ColorModel colors = image.getColorModel();
        boolean stored = !(colors instanceof IndexColorModel)
                && (colors.getColorSpace().getType() == ColorSpace.TYPE_RGB
                        || colors.getColorSpace().getType() == ColorSpace.TYPE_GRAY);
        for (int y = 0; y < height; y++) {
            if (stored) {
                storedRow(image.getRaster(), colors, y, rgb);
            } else {
                convertedRow(image, y, rgb);
            }
        }
        return new RgbImage(rgb, height, width);
    }

    /** Takes the stored samples; ColorModel.getRGB would treat grey as linear light and change it. */
    private static void storedRow(Raster raster, ColorModel colors, int y, byte[] rgb) {
        int width = raster.getWidth();
        int bands = raster.getNumBands();
        int[] samples = raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, (int[]) null);
        boolean grey = bands < 3;
        for (int x = 0; x < width; x++) {
            for (int channel = 0; channel < 3; channel++) {
                int band = grey ? 0 : channel;
                int bits = colors.getComponentSize(band);
                int sample = samples[x * bands + band];
                rgb[(y * width + x) * 3 + channel] =
                        (byte) (bits >= 8 ? sample >> bits - 8 : sample * 255 / ((1 << bits) - 1));
            }
        }
    }

    private static void convertedRow(BufferedImage image, int y, byte[] rgb) {
        int width = image.getWidth();
        int[] packed = image.getRGB(0, y, width, 1, null, 0, width);
        for (int x = 0; x < width; x++) {
            rgb[(y * width + x) * 3] = (byte) (packed[x] >> 16);
            rgb[(y * width + x) * 3 + 1] = (byte) (packed[x] >> 8);
            rgb[(y * width + x) * 3 + 2] = (byte) packed[x];
        }
    }
}
