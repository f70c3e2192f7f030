package dev.quern.io;

import java.io.IOException;
import java.nio.file.Path;

/** A file breaks its format; the message is one line: the file, the field, the value found and what is allowed. */
public final class MalformedFileException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_VALUE = 80;

    public MalformedFileException(Path file, String field, Object value, String allowed) {
        super(file + ": " + printable(field) + " is " + printable(value) + ", allowed: " + allowed);
    }

    public MalformedFileException(Path file, String problem, Throwable cause) {
        super(file + ": " + printable(problem), cause);
    }

    /** Untrusted text made fit for one line of a terminal: short, without control characters. */
    public static String printable(Object value) {
        String text = String.valueOf(value);
        StringBuilder printable = new StringBuilder();
        for (int i = 0; i < text.length() && i < LONGEST_VALUE; i++) {
            char c = text.charAt(i);
            boolean hidden =
                    Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || Character.isSurrogate(c);
            printable.append(hidden ? '\uFFFD' : c);
        }
        return text.length() > LONGEST_VALUE ? printable.append('…').toString() : printable.toString();
    }
}
