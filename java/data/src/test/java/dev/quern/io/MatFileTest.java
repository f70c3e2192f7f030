package dev.quern.io;

import static dev.quern.MatBytes.CELL_CLASS;
import static dev.quern.MatBytes.CHAR_CLASS;
import static dev.quern.MatBytes.DOUBLE;
import static dev.quern.MatBytes.DOUBLE_CLASS;
import static dev.quern.MatBytes.INT32;
import static dev.quern.MatBytes.INT8;
import static dev.quern.MatBytes.MATRIX;
import static dev.quern.MatBytes.STRUCT_CLASS;
import static dev.quern.MatBytes.UINT32;
import static dev.quern.MatBytes.UTF8;
import static dev.quern.MatBytes.cells;
import static dev.quern.MatBytes.compressed;
import static dev.quern.MatBytes.element;
import static dev.quern.MatBytes.file;
import static dev.quern.MatBytes.ints;
import static dev.quern.MatBytes.joined;
import static dev.quern.MatBytes.matrix;
import static dev.quern.MatBytes.numbers;
import static dev.quern.MatBytes.structs;
import static dev.quern.MatBytes.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.Refusals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MatFileTest {
    /** Compressed variables of SciPy 1.17.1: structs with numbers of 8 and 16 bits, cells of texts, doubles. */
    private static final String SCIPY =
            "DwAAAIsAAAB4nONjYGC4wMjAwAakOYCYiQECWKF8RqgYiOYG4sS8vPySxJLM/LxiqDoWuDoJIE5Kyq+Ir"
                    + "zBkSM5JLAapSMtLzE0F0nxAbMCAsIcTiz0wzAC2k5FBnUx9fFB9Dkj6WLDo40TSJwDlGwCBoV5WQTpUHN1+bgL2swBdoMNInruPUOhu"
                    + "IyR3AwCktRViDwAAAGYAAAB4nONjYGC4AMRsQMwBxIwMEMCKxGeC0txAnJyTWFwcn5eYm1oMVscHxB5I+lmw6BdEMlcAynf0VXBPzUst"
                    + "SsxR8CjNzU0tgsqDzHMgYB4XmnkgdzkmlxYlKgT5KBxeCRYHAGnAEQAPAAAAOAAAAHic42NgYAgAYjYg5oDSIMAK5TMCMTOUBsnlJCal"
                    + "5hQzMHAC2RIMMPDBHkw5BDuA6YZIBwCpuAY6";

    @TempDir
    Path folder;

    private Path mat;

    @BeforeEach
    void path() {
        mat = folder.resolve("a.mat");
    }

    @Test
    void whatSciPyCompressesIsRead() throws IOException {
        Files.write(mat, file(Base64.getDecoder().decode(SCIPY)));
        MatFile found = MatFile.read(mat);
        assertThat(found.integers("annotations", "bbox_x1")).containsExactly(39, 300);
        assertThat(found.integers("annotations", "class")).containsExactly(14, 196);
        assertThat(found.texts("annotations", "fname")).containsExactly("00001.jpg", "00002.jpg");
        assertThat(found.texts("class_names")).containsExactly("AM General Hummer", "Acura RL é");
        assertThat(found.integers("labels")).containsExactly(1, 77, 102);
    }

    @Test
    void numbersAreStoredInAnyTypeAndInTheTag() throws IOException {
        byte[] inTag = ints(2 << 16 | 2, 0xC8_01);
        byte[] shorts = element(4, new byte[] {1, 0, (byte) 0xFF, (byte) 0xFF});
        byte[] singles = element(7, ints(Float.floatToIntBits(-3), Float.floatToIntBits(5)));
        Files.write(
                mat,
                file(
                        matrix("a", 9, new int[] {2, 1}, inTag),
                        matrix("b", DOUBLE_CLASS, new int[] {1, 2}, shorts),
                        matrix("c", 7, new int[] {1, 2}, singles),
                        matrix("none", DOUBLE_CLASS, new int[] {0, 0}, element(DOUBLE, new byte[0]))));
        MatFile found = MatFile.read(mat);
        assertThat(found.integers("a")).containsExactly(1, 200);
        assertThat(found.integers("b")).containsExactly(1, 65535);
        assertThat(found.integers("c")).containsExactly(-3, 5);
        assertThat(found.integers("none")).isEmpty();
    }

    @Test
    void bigEndianFilesAreRead() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(128 + 56).putShort(124, (short) 0x100);
        bytes.put(126, (byte) 'M').put(127, (byte) 'I').position(128);
        bytes.putInt(MATRIX)
                .putInt(48)
                .putInt(UINT32)
                .putInt(8)
                .putInt(DOUBLE_CLASS)
                .putInt(0);
        bytes.putInt(INT32).putInt(8).putInt(1).putInt(1);
        bytes.putInt(1 << 16 | INT8).put((byte) 'x').position(128 + 48);
        bytes.putInt(2 << 16 | 4).putShort((short) 258);
        Files.write(mat, bytes.array());
        assertThat(MatFile.read(mat).integers("x")).containsExactly(258);
    }

    static Stream<Arguments> malformedFilesAreRefused() {
        byte[] good = file(numbers("x", 1, 2));
        byte[] damaged = file(compressed(numbers("x", 1, 2, 3, 4, 5)));
        damaged[damaged.length - 1] ^= 1;
        byte[] nested = cells("", text("a"));
        for (int depth = 0; depth < 17; depth++) {
            nested = cells("", nested);
        }
        return Stream.of(
                hostile("empty", new byte[0], "size is 0"),
                hostile("header alone cut", Arrays.copyOf(good, 127), "size is 127"),
                hostile("byte order", changed(good, 126, 'X'), "byte order is XM, allowed: IM, MI"),
                hostile("version 7.3", changed(good, 125, 2), "version is 512, allowed: 256"),
                hostile("cut tag", Arrays.copyOf(good, 128 + 7), "bytes left for an element is 7"),
                hostile("cut", Arrays.copyOf(good, good.length - 1), "bytes of an element is"),
                hostile("no matrix", file(element(DOUBLE, new byte[8])), "type of an element is 9, allowed: 14"),
                hostile("tag of 5 bytes", file(ints(5 << 16 | 2, 0)), "bytes of an element is 5, allowed: at most 4"),
                hostile("largest size", file(ints(MATRIX, -1)), "bytes of an element is 4294967295"),
                hostile(
                        "flags of 4 bytes",
                        file(element(MATRIX, element(UINT32, ints(6)))),
                        "bytes of array flags is 4, allowed: 8"),
                hostile("sparse", file(matrix("s", 5, new int[] {1, 1})), "class of array 's' is 5"),
                hostile("complex", file(matrix("z", 0x806, new int[] {1, 1})), "array 'z' is complex"),
                hostile("one dimension", file(matrix("x", 6, new int[] {1})), "number of dimensions is 1"),
                hostile("nine dimensions", file(matrix("x", 6, new int[9])), "number of dimensions is 9"),
                hostile("negative", file(matrix("x", 6, new int[] {1, -1})), "length of dimension 1 is -1"),
                hostile("huge", file(matrix("x", 6, new int[] {1 << 30, 1 << 30})), "entries of an array is"),
                hostile(
                        "more numbers than bytes",
                        file(matrix("x", DOUBLE_CLASS, new int[] {1, 3}, element(DOUBLE, new byte[16]))),
                        "bytes of 'x' is 16, allowed: 3 × 8"),
                hostile(
                        "numbers of text",
                        file(matrix("x", DOUBLE_CLASS, new int[] {1, 3}, element(UTF8, new byte[3]))),
                        "type of the numbers of 'x' is 16"),
                hostile(
                        "more characters than bytes",
                        file(matrix("x", CHAR_CLASS, new int[] {1, 3}, element(UTF8, new byte[2]))),
                        "characters of 'x' is 2, allowed: 3"),
                hostile(
                        "more cells than bytes",
                        file(matrix("x", CELL_CLASS, new int[] {1, 1 << 20}, new byte[64])),
                        "entries of an array is 1048576, allowed: at most 8 in 64 bytes"),
                hostile(
                        "more structs than bytes",
                        file(matrix(
                                "x",
                                STRUCT_CLASS,
                                new int[] {1, 1 << 20},
                                element(INT32, ints(32)),
                                element(INT8, new byte[64]))),
                        "entries of an array is 1048576"),
                hostile(
                        "field names without length",
                        file(matrix("x", STRUCT_CLASS, new int[] {1, 1}, element(INT32, ints(0)))),
                        "length of field names is 0"),
                hostile("cells in cells in cells", file(nested), "depth of arrays is 17"),
                hostile("wrong checksum", damaged, "compressed element is damaged"),
                hostile(
                        "cut compression",
                        file(element(15, Arrays.copyOfRange(damaged, 136, damaged.length - 20))),
                        "bytes of a compressed element is"),
                hostile(
                        "more behind the matrix",
                        file(compressed(joined(numbers("x", 1), new byte[8]))),
                        "end of a compressed element is not here"),
                hostile(
                        "compressed size that is no size",
                        file(compressed(ints(MATRIX, 1 << 20))),
                        "bytes of a compressed element is 1048576, allowed: at most"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void malformedFilesAreRefused(String what, byte[] content, String words) throws IOException {
        Refusals.assertRefused(mat, content, () -> MatFile.read(mat), words);
    }

    @Test
    void compressedVariablesHaveOneLimitTogether() throws IOException {
        byte[] zeros = compressed(numbers("x", new double[200_000]));
        byte[][] elements = new byte[11][];
        Arrays.fill(elements, zeros);
        Files.write(mat, file(elements));
        assertThatThrownBy(() -> MatFile.read(mat))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("bytes of a compressed element is 1600056, allowed: at most 776656");
    }

    @Test
    void whatAVariableIsNotIsSaid() throws IOException {
        byte[] cars = structs("cars", List.of("name", "class"), text("a"), numbers("", 1.5), text("b"), text("c"));
        Files.write(mat, file(numbers("x", 1, 2.5), cells("names", text("a"), numbers("", 1)), cars));
        MatFile found = MatFile.read(mat);
        refuses(() -> found.integers("y"), "variable 'y' is missing, allowed: one of [x, names, cars]");
        refuses(() -> found.integers("x"), "variable 'x' entry 1 is 2.5, allowed: a whole number");
        refuses(() -> found.integers("cars"), "variable 'cars' is something else, allowed: numbers");
        refuses(() -> found.texts("x"), "variable 'x' is something else, allowed: cells");
        refuses(() -> found.texts("names"), "variable 'names' entry 1 is something else, allowed: text");
        refuses(() -> found.texts("x", "name"), "variable 'x' is something else, allowed: structs");
        refuses(() -> found.texts("cars", "fname"), "field 'fname' of variable 'cars' is missing");
        refuses(() -> found.integers("cars", "class"), "variable 'cars' entry 0, field 'class' is 1.5");
        refuses(() -> found.integers("cars", "name"), "variable 'cars' entry 0, field 'name' is something else");
        assertThat(found.texts("cars", "name")).containsExactly("a", "b");
    }

    private void refuses(Callable<?> call, String words) {
        Refusals.assertRefused(mat, call, words);
    }

    private static Arguments hostile(String what, byte[] content, String words) {
        return Arguments.of(what, content, words);
    }

    private static byte[] changed(byte[] bytes, int at, int value) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        return changed;
    }
}
