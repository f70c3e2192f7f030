package dev.quern.data.format;

import dev.quern.data.ImageDataset;
import dev.quern.data.InMemoryDataset;
import dev.quern.io.Limits;
import dev.quern.io.MalformedFileException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Grey images and labels in the IDX format of MNIST, also compressed by gzip (told by content, not by name). Grey becomes RGB.
 *
 * <p>Source: LeCun, Cortes and Burges, the MNIST database (1998).
 */
final class IdxFiles {
    private static final int UNSIGNED_BYTES = 0x08;

    private IdxFiles() {}

    /** One set; its class names are the digits of its labels. */
    static ImageDataset open(Path images, Path labels) throws IOException {
        int[] labelValues = labels(labels);
        int classes = 1 + IntStream.of(labelValues).max().orElse(-1);
        List<String> classNames =
                IntStream.range(0, classes).mapToObj(Integer::toString).toList();
        try (Idx idx = Idx.open(images, 3)) {
            int count = idx.lengths[0];
            int height = idx.lengths[1];
            int width = idx.lengths[2];
            if (count != labelValues.length) {
                throw new MalformedFileException(
                        images, "number of images", count, labelValues.length + ", by the labels in " + labels);
            }
            requireSide(images, "height", height);
            requireSide(images, "width", width);
            InMemoryDataset.requireFits(images.toString(), count, height, width);
            byte[][] rgb = new byte[count][];
            byte[] grey = new byte[height * width];
            for (int i = 0; i < count; i++) {
                idx.read(grey, "image " + i);
                rgb[i] = spread(grey);
            }
            idx.requireEnd();
            return new InMemoryDataset(
                    "idx " + images.getFileName(), height, width, classNames, labelValues, rgb, null);
        }
    }

    private static int[] labels(Path file) throws IOException {
        try (Idx idx = Idx.open(file, 1)) {
            byte[] bytes = new byte[idx.lengths[0]];
            idx.read(bytes, "labels");
            idx.requireEnd();
            return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xFF).toArray();
        }
    }

    private static void requireSide(Path file, String field, int side) throws MalformedFileException {
        if (side < 1 || side > Limits.IMAGE_SIDE) {
            throw new MalformedFileException(file, field, side, "1 … " + Limits.IMAGE_SIDE);
        }
    }

    private static byte[] spread(byte[] grey) {
        byte[] rgb = new byte[grey.length * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = grey[i / 3];
        }
        return rgb;
    }

    /** An IDX file behind its header. */
    private static final class Idx implements AutoCloseable {
        private final Path file;
        private final DataInputStream in;
        private int[] lengths;

        private Idx(Path file, InputStream in) {
            this.file = file;
            this.in = new DataInputStream(in);
        }

        static Idx open(Path file, int rank) throws IOException {
            if (!Files.isRegularFile(file)) {
                throw new FileNotFoundException(file + " does not exist or is not a regular file");
            }
            long size = Files.size(file);
            BufferedInputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
            try {
                raw.mark(2);
                boolean compressed = raw.read() == 0x1F && raw.read() == 0x8B;
                raw.reset();
                Idx idx = new Idx(file, compressed ? new GZIPInputStream(raw, 1 << 16) : raw);
                idx.header(rank, size, compressed);
                return idx;
            } catch (ZipException | EOFException damaged) {
                raw.close();
                throw new MalformedFileException(file, "is cut or damaged: " + damaged.getMessage(), damaged);
            } catch (IOException | RuntimeException refused) {
                raw.close();
                throw refused;
            }
        }

        private void header(int rank, long size, boolean compressed) throws IOException {
            int magic = in.readInt();
            int expected = UNSIGNED_BYTES << 8 | rank;
            if (magic != expected) {
                throw new MalformedFileException(
                        file, "magic", String.format("0x%08x", magic), String.format("0x%08x", expected));
            }
            lengths = new int[rank];
            long bytes = 1;
            for (int axis = 0; axis < rank; axis++) {
                lengths[axis] = in.readInt();
                if (lengths[axis] < 1) {
                    throw new MalformedFileException(
                            file,
                            "length of dimension " + axis,
                            Integer.toUnsignedString(lengths[axis]),
                            "1 … 2^31 − 1");
                }
                bytes = Math.min(bytes * lengths[axis], Limits.DATASET_MEMORY_BYTES + 1L << 8);
            }
            long headerBytes = 4 + 4L * rank;
            if (!compressed && bytes != size - headerBytes) {
                throw new MalformedFileException(
                        file, "data", (size - headerBytes) + " bytes", bytes + " bytes, by its header");
            }
            long allowed = Math.max(Limits.EXPANSION_FREE_BYTES, Limits.EXPANSION_RATIO * size);
            if (bytes > allowed) {
                throw new MalformedFileException(
                        file,
                        "data",
                        bytes + " bytes, by its header",
                        "at most " + allowed + " bytes from a file of " + size);
            }
        }

        void read(byte[] target, String what) throws IOException {
            try {
                in.readFully(target);
            } catch (EOFException | ZipException damaged) {
                throw new MalformedFileException(file, what + " is cut or damaged", damaged);
            }
        }

        void requireEnd() throws IOException {
            try {
                if (in.read() >= 0) {
                    throw new MalformedFileException(
                            file, "data", "longer than its header says", "nothing behind the data");
                }
            } catch (EOFException | ZipException damaged) {
                throw new MalformedFileException(file, "end is damaged: " + damaged.getMessage(), damaged);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
