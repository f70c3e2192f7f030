package dev.quern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.Refusals;
import dev.quern.SharedData;
import dev.quern.io.SafetensorsWriter.Seal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsFileTest {
    private static final Map<String, Tensor> TENSORS = Map.of(
            "weight", Tensor.of(new float[] {1, -2, Float.NaN, 4, 5, 6}, 2, 3),
            "bias", Tensor.of(new double[] {Math.E}, 1),
            "steps", Tensor.of(new long[] {Long.MIN_VALUE}),
            "labels", Tensor.of(new int[] {3, 1, 2}, 3),
            "mask", Tensor.of(new byte[] {1, 0, 1}, 3),
            "half", new Tensor(TensorType.F16, new long[] {1}, ByteBuffer.wrap(new byte[] {0, 0x3C})),
            "brain", new Tensor(TensorType.BF16, new long[] {1}, ByteBuffer.wrap(new byte[] {(byte) 0x80, 0x3F})),
            "empty", Tensor.of(new float[0], 4, 0));

    @TempDir
    Path folder;

    @Test
    void everyTypeComesBackUnchanged() throws IOException {
        Path file = folder.resolve("all.safetensors");
        SafetensorsWriter.write(file, TENSORS, Map.of("format", "pt", "epoch", "3"), Seal.NONE);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.names()).containsExactlyInAnyOrderElementsOf(TENSORS.keySet());
            assertThat(read.metadata()).containsOnly(Map.entry("format", "pt"), Map.entry("epoch", "3"));
            for (Map.Entry<String, Tensor> entry : TENSORS.entrySet()) {
                Tensor tensor = read.read(entry.getKey());
                assertThat(tensor.type()).isEqualTo(entry.getValue().type());
                assertThat(tensor.shape()).isEqualTo(entry.getValue().shape());
                assertThat(tensor.bytes()).isEqualTo(entry.getValue().bytes());
            }
            assertThat(read.read("half").toFloats()).containsExactly(1f);
            assertThat(read.read("brain").toFloats()).containsExactly(1f);
        }
    }

    @Test
    void theBytesDoNotDependOnTheOrderOfTheMap() throws IOException {
        Map<String, Tensor> reversed = new LinkedHashMap<>();
        TENSORS.keySet().stream()
                .sorted((a, b) -> b.compareTo(a))
                .forEach(name -> reversed.put(name, TENSORS.get(name)));
        SafetensorsWriter.write(folder.resolve("a"), TENSORS, Map.of("x", "1", "y", "2"), Seal.SHA256);
        SafetensorsWriter.write(folder.resolve("b"), reversed, Map.of("y", "2", "x", "1"), Seal.SHA256);
        assertThat(folder.resolve("a")).hasSameBinaryContentAs(folder.resolve("b"));
    }

    @Test
    void everyTensorIsAlignedToItsElements() throws IOException {
        Path file = folder.resolve("all.safetensors");
        SafetensorsWriter.write(file, TENSORS, Map.of(), Seal.NONE);
        byte[] bytes = Files.readAllBytes(file);
        long headerBytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertThat(headerBytes % 8).isZero();
        SafetensorsHeader header =
                SafetensorsHeader.parse(file, bytes, 8, (int) headerBytes, bytes.length - 8 - headerBytes);
        assertThat(header.tensors().values())
                .allMatch(entry -> entry.begin() % entry.type().bytes() == 0);
    }

    @Test
    void aSealDetectsEveryChangedBit() throws IOException {
        Path file = folder.resolve("sealed.safetensors");
        SafetensorsWriter.write(file, Map.of("x", Tensor.of(new int[] {1, 2}, 2)), Map.of(), Seal.SHA256);
        try (SafetensorsFile sealed = SafetensorsFile.open(file)) {
            sealed.requireSeal();
            assertThat(sealed.names()).last().isEqualTo("sha256");
        }
        byte[] good = Files.readAllBytes(file);
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] changed = good.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, changed);
            assertThatThrownBy(() -> {
                        try (SafetensorsFile damaged = SafetensorsFile.open(file)) {
                            damaged.requireSeal();
                        }
                    })
                    .as("bit %d", bit)
                    .isInstanceOf(MalformedFileException.class);
        }
    }

    @Test
    void aFileWithoutASealIsNotTakenForSealed() throws IOException {
        Path file = folder.resolve("open.safetensors");
        SafetensorsWriter.write(file, TENSORS, Map.of(), Seal.NONE);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThatThrownBy(read::requireSeal).hasMessageContaining("tensor 'sha256' is missing");
        }
    }

    @Test
    void weightsWrittenByPythonAreRead() throws IOException {
        try (SafetensorsFile golden = SafetensorsFile.open(SharedData.path("golden/resnet20/init.safetensors"))) {
            assertThat(golden.shape("conv1.weight")).containsExactly(16, 3, 3, 3);
            assertThat(golden.type("bn1.num_batches_tracked")).isEqualTo(TensorType.I64);
            assertThat(golden.read("layer1.0.bn1.weight").toFloats()).containsOnly(1f);
            for (String name : golden.names()) {
                assertThat(golden.read(name).count()).isPositive();
            }
        }
    }

    static Stream<Arguments> aMalformedFileIsRefused() {
        String f32 = "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        String two = "{\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"y\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[%s]}}";
        byte[] data = new byte[8];
        return Stream.of(
                hostile("empty file", new byte[0], "size is 0"),
                hostile("cut length", new byte[7], "size is 7"),
                hostile("length 0", declared(0, f32, data), "header length is 0"),
                hostile("length 1", declared(1, f32, data), "header length is 1"),
                hostile("length −1", declared(-1, f32, data), "header length is 18446744073709551615"),
                hostile("length above the file", declared(f32.length() + 9, f32, data), "header length is"),
                hostile(
                        "length above the limit",
                        declared(Limits.SAFETENSORS_HEADER_BYTES + 1L, f32, data),
                        "header length"),
                hostile("length off by one", declared(f32.length() - 1, f32, data), "header is not accepted JSON"),
                hostile("length into the data", declared(f32.length() + 1, f32, data), "header"),
                hostile("no JSON", file("not json at all", data), "JSON"),
                hostile("JSON array", file("[1,2]", data), "header"),
                hostile("two JSON values", file(f32 + "{}", data), "header"),
                hostile(
                        "UTF-16",
                        file(new String(f32.getBytes(StandardCharsets.UTF_16), StandardCharsets.ISO_8859_1), data),
                        "JSON"),
                hostile("broken UTF-8", file(f32.replace("x", "\u00ff\u00fe"), data), "JSON"),
                hostile("deep nesting", file("{\"x\":" + "[".repeat(1000), data), "tensor 'x'"),
                hostile(
                        "deep nesting in metadata",
                        file("{\"__metadata__\":{\"a\":" + "{\"b\":".repeat(100), data),
                        "string"),
                hostile(
                        "duplicate tensor",
                        file(f32.replace("}}", "},") + f32.substring(1), data),
                        "JSON",
                        "Duplicate"),
                hostile(
                        "duplicate key",
                        file(f32.replace("\"shape\"", "\"dtype\":\"F32\",\"shape\""), data),
                        "Duplicate"),
                hostile(
                        "metadata number",
                        file("{\"__metadata__\":{\"a\":1}," + f32.substring(1), data),
                        "__metadata__ 'a' is 1"),
                hostile("metadata list", file("{\"__metadata__\":[]," + f32.substring(1), data), "__metadata__"),
                hostile("entry is a number", file("{\"x\":3}", data), "entry of tensor 'x' is 3"),
                hostile("unknown key", file(f32.replace("shape", "shapes"), data), "key of tensor 'x' is shapes"),
                hostile(
                        "no dtype",
                        file(f32.replace("\"dtype\":\"F32\",", ""), data),
                        "entry of tensor 'x' is incomplete"),
                hostile("no shape", file(f32.replace("\"shape\":[2],", ""), data), "incomplete"),
                hostile("no offsets", file(f32.replace(",\"data_offsets\":[0,8]", ""), data), "incomplete"),
                hostile("one offset", file(f32.replace("[0,8]", "[0]"), data), "incomplete"),
                hostile("three offsets", file(f32.replace("[0,8]", "[0,8,8]"), data), "data_offsets of tensor 'x'"),
                hostile("unknown dtype", file(f32.replace("F32", "F8_E4M3"), data), "dtype of tensor 'x' is F8_E4M3"),
                hostile("dtype is a number", file(f32.replace("\"F32\"", "32"), data), "dtype of tensor 'x' is 32"),
                hostile("dtype too wide", file(f32.replace("F32", "F64"), data), "data_offsets", "16 bytes"),
                hostile("dtype too narrow", file(f32.replace("F32", "BF16"), data), "data_offsets", "4 bytes"),
                hostile("shape too long", file(f32.replace("[2]", "[3]"), data), "data_offsets", "12 bytes"),
                hostile("shape −1", file(f32.replace("[2]", "[-1]"), data), "shape of tensor 'x' is -1"),
                hostile("shape with a fraction", file(f32.replace("[2]", "[2.0]"), data), "shape of tensor 'x' is 2.0"),
                hostile("shape with text", file(f32.replace("[2]", "[\"2\"]"), data), "shape of tensor 'x'"),
                hostile("shape 2^63", file(f32.replace("[2]", "[9223372036854775808]"), data), "shape of tensor 'x'"),
                hostile("shape 10^30", file(f32.replace("[2]", "[1" + "0".repeat(30) + "]"), data), "JSON"),
                hostile(
                        "overflowing product",
                        file(f32.replace("[2]", "[4294967296,4294967296]"), data),
                        "shape of tensor 'x'"),
                hostile(
                        "product that wraps to 8 bytes",
                        file(f32.replace("[2]", "[2,4611686018427387905]"), data),
                        "shape"),
                hostile(
                        "rank 9",
                        file(f32.replace("[2]", "[2,1,1,1,1,1,1,1,1]"), data),
                        "shape of tensor 'x' is longer"),
                hostile("offset −1", file(f32.replace("[0,8]", "[-1,7]"), data), "data_offsets of tensor 'x' is -1"),
                hostile("reversed offsets", file(f32.replace("[0,8]", "[8,0]"), data), "data_offsets"),
                hostile(
                        "offsets 2^62",
                        file(f32.replace("[0,8]", "[4611686018427387904,4611686018427387912]"), data),
                        "hole"),
                hostile("end off by one", file(f32.replace("[0,8]", "[0,9]"), data), "data_offsets"),
                hostile(
                        "overlap",
                        file(String.format(two, "3,7"), new byte[7]),
                        "data_offsets of tensor 'y'",
                        "overlaps"),
                hostile("same place", file(String.format(two, "0,4"), new byte[4]), "overlaps"),
                hostile("hole", file(String.format(two, "5,9"), new byte[9]), "data_offsets of tensor 'y'", "hole"),
                hostile("hole at the start", file(f32.replace("[0,8]", "[1,9]"), new byte[9]), "hole"),
                hostile("truncated data", file(f32, new byte[7]), "data is 7 bytes", "8 bytes"),
                hostile("trailing byte", file(f32, new byte[9]), "data is 9 bytes"),
                hostile("no tensors but data", file("{}", data), "data is 8 bytes"),
                hostile("control characters in a name", file(f32.replace("x", "\\u001b[2J\\n"), new byte[7]), "data"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void aMalformedFileIsRefused(String what, byte[] content, String[] words) throws IOException {
        Path file = folder.resolve("hostile.safetensors");
        Refusals.assertRefused(file, content, () -> SafetensorsFile.open(file), words);
    }

    @Test
    void tooManyTensorsAreRefused() throws IOException {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i <= Limits.SAFETENSORS_TENSORS; i++) {
            json.append(i == 0 ? "" : ",")
                    .append('"')
                    .append(i)
                    .append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
        }
        Path file = folder.resolve("many.safetensors");
        Files.write(file, file(json.append('}').toString(), new byte[0]));
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(MalformedFileException.class)
                .hasMessageContaining("number of tensors");
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        Path file = folder.resolve("cut.safetensors");
        SafetensorsWriter.write(file, Map.of("x", Tensor.of(new float[9], 9)), Map.of("a", "b"), Seal.SHA256);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Refusals.assertRefused(file, Arrays.copyOf(whole, length), () -> SafetensorsFile.open(file));
        }
    }

    @Test
    void aMissingTensorIsNamed() throws IOException {
        Path file = folder.resolve("all.safetensors");
        SafetensorsWriter.write(file, Map.of("fc.bias", Tensor.of(new float[1], 1)), Map.of(), Seal.NONE);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThatThrownBy(() -> read.read("fc.weight"))
                    .hasMessageContaining("tensor 'fc.weight' is missing, allowed: one of [fc.bias]");
        }
    }

    @Test
    void reservedNamesAreRefusedBeforeAnythingIsWritten() {
        Map<String, Tensor> reserved = Map.of("sha256", Tensor.of(new float[1], 1));
        assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("f"), reserved, Map.of(), Seal.SHA256))
                .hasMessageContaining("tensor name is 'sha256'");
        assertThat(folder).isEmptyDirectory();
    }

    private static Arguments hostile(String what, byte[] content, String... words) {
        return Arguments.of(what, content, words);
    }

    private static byte[] file(String header, byte[] data) {
        return declared(header.length(), header, data);
    }

    private static byte[] declared(long length, String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(8 + json.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(json)
                .put(data)
                .array();
    }
}
