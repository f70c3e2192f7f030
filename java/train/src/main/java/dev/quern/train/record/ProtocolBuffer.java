package dev.quern.train.record;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A message in the wire format of protocol buffers: fields one after the other. */
final class ProtocolBuffer {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** @param value ≥ 0 */
    ProtocolBuffer number(int field, long value) {
        key(field, VARINT);
        varint(value);
        return this;
    }

    ProtocolBuffer real(int field, double value) {
        key(field, FIXED_64);
        write(little(Double.BYTES).putDouble(value));
        return this;
    }

    ProtocolBuffer real(int field, float value) {
        key(field, FIXED_32);
        write(little(Float.BYTES).putFloat(value));
        return this;
    }

    ProtocolBuffer text(int field, String value) {
        return field(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtocolBuffer message(int field, ProtocolBuffer value) {
        return field(field, value.toBytes());
    }

    ProtocolBuffer packed(int field, double[] values) {
        ByteBuffer packed = little(values.length * Double.BYTES);
        for (double value : values) {
            packed.putDouble(value);
        }
        return field(field, packed.array());
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    private ProtocolBuffer field(int field, byte[] value) {
        key(field, BYTES);
        varint(value.length);
        bytes.writeBytes(value);
        return this;
    }

    private void key(int field, int kind) {
        varint((long) field << 3 | kind);
    }

    private void varint(long value) {
        long rest = value;
        while (rest > 0x7F) {
            bytes.write((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    private void write(ByteBuffer value) {
        bytes.writeBytes(value.array());
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
