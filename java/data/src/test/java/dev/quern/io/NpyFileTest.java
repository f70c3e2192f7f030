package dev.quern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.Refusals;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NpyFileTest {
    @TempDir
    Path folder;

    static Stream<Tensor> everyTypeComesBackUnchanged() {
        return Stream.of(
                Tensor.of(new byte[] {0, -1, 127, -128, 5, 6}, 2, 3),
                Tensor.of(new int[] {Integer.MIN_VALUE, 0, 7}, 3),
                Tensor.of(new long[] {Long.MAX_VALUE, -1}, 2, 1),
                Tensor.of(new float[] {Float.NaN, -0f, 1.5f, Float.MIN_VALUE}, 1, 2, 2),
                Tensor.of(new double[] {Math.PI}),
                Tensor.of(new float[0], 0, 4));
    }

    @ParameterizedTest
    @MethodSource
    void everyTypeComesBackUnchanged(Tensor array) throws IOException {
        Path file = folder.resolve("array.npy");
        NpyFile.write(file, array);
        Tensor read = NpyFile.read(file);
        assertThat(read.type()).isEqualTo(array.type());
        assertThat(read.shape()).isEqualTo(array.shape());
        assertThat(read.bytes()).isEqualTo(array.bytes());
    }

    @Test
    void theHeaderIsWhatNumpyWrites() throws IOException {
        Path file = folder.resolve("array.npy");
        NpyFile.write(file, Tensor.of(new float[6], 2, 3));
        byte[] bytes = Files.readAllBytes(file);
        String header = new String(bytes, 10, 118, StandardCharsets.ISO_8859_1);
        assertThat(bytes).hasSize(128 + 24).startsWith(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0);
        assertThat(header)
                .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } ")
                .endsWith(" \n");
    }

    @Test
    void version2AndLooseSpacingAreRead() throws IOException {
        Path file = folder.resolve("array.npy");
        Files.write(file, npy(2, "{\"shape\" : ( 2 ,) ,'fortran_order':False,'descr':'<i4'}", new byte[8]));
        assertThat(NpyFile.read(file).toInts()).containsExactly(0, 0);
    }

    static Stream<Arguments> aMalformedFileIsRefused() {
        String good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
        byte[] data = new byte[24];
        return Stream.of(
                hostile("empty file", new byte[0], "magic"),
                hostile("cut magic", new byte[] {(byte) 0x93, 'N'}, "magic"),
                hostile("wrong magic", change(npy(1, good, data), 0, 0), "magic"),
                hostile("a pickle", "cos\nsystem\n(S'true'\ntR.".getBytes(StandardCharsets.US_ASCII), "magic"),
                hostile("no version", Arrays.copyOf(npy(1, good, data), 6), "version"),
                hostile("version 0", change(npy(1, good, data), 6, 0), "version is 0.0"),
                hostile("version 3", change(npy(1, good, data), 6, 3), "version is 3.0"),
                hostile("version 255", change(npy(1, good, data), 6, 255), "version is 255.0"),
                hostile("minor version 1", change(npy(1, good, data), 7, 1), "version is 1.1"),
                hostile("no header length", Arrays.copyOf(npy(1, good, data), 8), "size is 8"),
                hostile("cut header length of version 2", Arrays.copyOf(npy(2, good, data), 10), "size is 10"),
                hostile("header length 0", header(1, 0, "", data), "header"),
                hostile("header length above the file", header(1, 65_535, good, data), "header length is 65535"),
                hostile(
                        "header length above the limit",
                        npy(1, good + " ".repeat(10_000), data),
                        "header length",
                        "10000"),
                hostile("header length −1 in version 2", header(2, -1, good, data), "header length is 4294967295"),
                hostile("header length off by one", header(1, good.length() - 1, good, data), "header"),
                hostile("object dtype", npy(1, good.replace("<f4", "|O"), data), "descr is |O", "pickle"),
                hostile("big endian", npy(1, good.replace("<f4", ">f4"), data), "descr is >f4", "big endian"),
                hostile("native endian", npy(1, good.replace("<f4", "=f4"), data), "descr"),
                hostile("complex", npy(1, good.replace("<f4", "<c8"), data), "descr is <c8"),
                hostile("string", npy(1, good.replace("<f4", "<U1"), data), "descr is <U1"),
                hostile("bool", npy(1, good.replace("<f4", "|b1"), data), "descr is |b1"),
                hostile("structured", npy(1, good.replace("'<f4'", "[('a', '<f4')]"), data), "structured"),
                hostile("Fortran order", npy(1, good.replace("False", "True"), data), "fortran_order is True"),
                hostile("order 0", npy(1, good.replace("False", "0"), data), "fortran_order"),
                hostile("negative length", npy(1, good.replace("2,", "-2,"), data), "shape is -2"),
                hostile("float length", npy(1, good.replace("2,", "2.0,"), data), "shape"),
                hostile(
                        "length with 30 digits",
                        npy(1, good.replace("2,", "9".repeat(30) + ","), data),
                        "shape",
                        "digits"),
                hostile("length 2^62", npy(1, good.replace("2,", (1L << 59) - 1 + ","), data), "shape", "bytes"),
                hostile(
                        "overflowing product",
                        npy(1, good.replace("(2, 3)", "(4294967296, 4294967296)"), data),
                        "shape"),
                hostile("rank 9", npy(1, good.replace("(2, 3)", "(1,1,1,1,1,1,1,1,1)"), data), "dimensions"),
                hostile("shape without a tuple", npy(1, good.replace("(2, 3)", "(6)"), data), "shape", "tuple"),
                hostile("list for a shape", npy(1, good.replace("(2, 3)", "[2, 3]"), data), "header"),
                hostile("missing key", npy(1, "{'descr': '<f4', 'shape': (6,)}", data), "header keys"),
                hostile("unknown key", npy(1, good.replace("'shape'", "'shapes'"), data), "header key is shapes"),
                hostile("duplicate key", npy(1, good.replace(", }", ", 'descr': '<f4'}"), data), "descr", "once"),
                hostile("code in the header", npy(1, "__import__('os').system('true')", data), "header"),
                hostile("two dictionaries", npy(1, good + good, data), "header"),
                hostile("open dictionary", npy(1, good.replace("}", ""), data), "header"),
                hostile("open string", npy(1, "{'descr': '<f4", data), "header"),
                hostile("truncated data", npy(1, good, new byte[23]), "data is 23 bytes", "24 bytes"),
                hostile("no data", npy(1, good, new byte[0]), "data is 0 bytes"),
                hostile("trailing byte", npy(1, good, new byte[25]), "data is 25 bytes"),
                hostile(
                        "empty shape with data",
                        npy(1, good.replace("2,", "0,"), data),
                        "data is 24 bytes",
                        "0 bytes"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void aMalformedFileIsRefused(String what, byte[] content, String[] words) throws IOException {
        Path file = folder.resolve("hostile.npy");
        Refusals.assertRefused(file, content, () -> NpyFile.read(file), words);
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        byte[] whole = npy(1, "{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }", new byte[24]);
        Path file = folder.resolve("cut.npy");
        for (int length = 0; length < whole.length; length++) {
            Refusals.assertRefused(file, Arrays.copyOf(whole, length), () -> NpyFile.read(file));
        }
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> NpyFile.read(folder.resolve("none.npy")))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("none.npy does not exist");
    }

    @Test
    void aFolderIsNoFile() {
        assertThatThrownBy(() -> NpyFile.read(folder)).hasMessageEndingWith("is not a regular file");
    }

    @Test
    void bfloat16HasNoPlaceInNpy() {
        Tensor array = new Tensor(TensorType.BF16, new long[] {1}, ByteBuffer.allocate(2));
        assertThatThrownBy(() -> NpyFile.write(folder.resolve("b.npy"), array))
                .hasMessageContaining("array is BF16, allowed");
        assertThat(folder).isEmptyDirectory();
    }

    private static Arguments hostile(String what, byte[] content, String... words) {
        return Arguments.of(what, content, words);
    }

    static byte[] npy(int version, String header, byte[] data) {
        return header(version, header.length(), header, data);
    }

    private static byte[] header(int version, int declared, String header, byte[] data) {
        ByteBuffer length =
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(declared);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        bytes.write(length.array(), 0, version == 1 ? 2 : 4);
        bytes.writeBytes(header.getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(data);
        return bytes.toByteArray();
    }

    private static byte[] change(byte[] bytes, int at, int value) {
        bytes[at] = (byte) value;
        return bytes;
    }
}
