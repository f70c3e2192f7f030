package dev.quern.io;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** The header of an npy file: a Python dictionary with the keys descr, fortran_order and shape. */
record NpyHeader(TensorType type, long[] shape) {

    static NpyHeader parse(Path file, String text) throws MalformedFileException {
        return new Parser(file, text).parse();
    }

    static String description(TensorType type) {
        return switch (type) {
            case U8 -> "|u1";
            case I32 -> "<i4";
            case I64 -> "<i8";
            case F16 -> "<f2";
            case F32 -> "<f4";
            case F64 -> "<f8";
            case BF16 ->
                throw new IllegalArgumentException("array is BF16, allowed in npy: U8, I32, I64, F16, F32, F64");
        };
    }

    private static final class Parser {
        private static final int LONGEST_NUMBER = 18;

        private final Path file;
        private final String text;
        private int at;
        private TensorType type;
        private long[] shape;

        Parser(Path file, String text) {
            this.file = file;
            this.text = text;
        }

        NpyHeader parse() throws MalformedFileException {
            Set<String> seen = new HashSet<>();
            expect('{');
            while (!accept('}')) {
                String key = string();
                if (!seen.add(key)) {
                    throw malformed("header key", key, "each key once");
                }
                expect(':');
                value(key);
                if (!accept(',')) {
                    expect('}');
                    break;
                }
            }
            skipSpace();
            if (at != text.length()) {
                throw malformed("header", text.substring(at), "nothing after the dictionary");
            }
            if (seen.size() != 3) {
                throw malformed("header keys", seen, "descr, fortran_order, shape");
            }
            return new NpyHeader(type, shape);
        }

        private void value(String key) throws MalformedFileException {
            switch (key) {
                case "descr" -> type = type(peek('[') ? "a structured type" : string());
                case "fortran_order" -> requireRowMajor();
                case "shape" -> shape = shape();
                default -> throw malformed("header key", key, "descr, fortran_order, shape");
            }
        }

        private TensorType type(String description) throws MalformedFileException {
            return switch (description) {
                case "|u1", "<u1", "u1" -> TensorType.U8;
                case "<i4" -> TensorType.I32;
                case "<i8" -> TensorType.I64;
                case "<f2" -> TensorType.F16;
                case "<f4" -> TensorType.F32;
                case "<f8" -> TensorType.F64;
                default ->
                    throw malformed(
                            "descr",
                            description,
                            "|u1, <i4, <i8, <f2, <f4, <f8"
                                    + (description.startsWith(">") ? " (big endian is not read)" : "")
                                    + (description.contains("O")
                                            ? " (object arrays hold pickles, which are never read)"
                                            : ""));
            };
        }

        private void requireRowMajor() throws MalformedFileException {
            if (word("True")) {
                throw malformed("fortran_order", "True", "False (save a C-contiguous array)");
            }
            if (!word("False")) {
                throw malformed("fortran_order", rest(), "False");
            }
        }

        private long[] shape() throws MalformedFileException {
            long[] lengths = new long[Limits.RANK];
            int rank = 0;
            expect('(');
            while (!accept(')')) {
                if (rank == Limits.RANK) {
                    throw malformed("shape", rest(), "at most " + Limits.RANK + " dimensions");
                }
                lengths[rank++] = number();
                if (!accept(',')) {
                    if (rank == 1) {
                        throw malformed("shape", "a number in brackets", "a tuple");
                    }
                    expect(')');
                    break;
                }
            }
            return Arrays.copyOf(lengths, rank);
        }

        private long number() throws MalformedFileException {
            skipSpace();
            int start = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            if (at == start || at - start > LONGEST_NUMBER) {
                at = start;
                throw malformed("shape", rest(), "lengths ≥ 0 of at most " + LONGEST_NUMBER + " digits");
            }
            return Long.parseLong(text, start, at, 10);
        }

        private String string() throws MalformedFileException {
            skipSpace();
            char quote = at < text.length() ? text.charAt(at) : 0;
            int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
            if (end < 0) {
                throw malformed("header", rest(), "a quoted string here");
            }
            String value = text.substring(at + 1, end);
            at = end + 1;
            return value;
        }

        private boolean word(String word) {
            skipSpace();
            boolean present = text.startsWith(word, at);
            at += present ? word.length() : 0;
            return present;
        }

        private boolean peek(char c) {
            skipSpace();
            return at < text.length() && text.charAt(at) == c;
        }

        private boolean accept(char c) {
            boolean present = peek(c);
            at += present ? 1 : 0;
            return present;
        }

        private void expect(char c) throws MalformedFileException {
            if (!accept(c)) {
                throw malformed("header", rest(), "'" + c + "' here");
            }
        }

        private void skipSpace() {
            while (at < text.length() && " \t\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private String rest() {
            return at < text.length() ? text.substring(at) : "at its end";
        }

        private MalformedFileException malformed(String field, Object value, String allowed) {
            return new MalformedFileException(file, field, value, allowed);
        }
    }
}
