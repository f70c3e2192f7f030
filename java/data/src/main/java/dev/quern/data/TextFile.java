package dev.quern.data;

import dev.quern.io.FileBytes;
import dev.quern.io.Limits;
import dev.quern.io.MalformedFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Text files that come with data sets, UTF-8. */
final class TextFile {
    private TextFile() {}

    /** The whole text, without a byte order mark. */
    static String read(Path file) throws IOException {
        byte[] bytes = FileBytes.read(file, Limits.TEXT_FILE_BYTES);
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException notUtf8) {
            throw new MalformedFileException(file, "is not UTF-8 text", notUtf8);
        }
    }

    /** Its lines, blank ones included. */
    static List<String> lines(Path file) throws IOException {
        List<String> lines = read(file).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).length() > Limits.TEXT_LINE_CHARACTERS) {
                throw new MalformedFileException(
                        file,
                        "length of line " + (i + 1),
                        lines.get(i).length(),
                        "at most " + Limits.TEXT_LINE_CHARACTERS);
            }
        }
        return lines;
    }

    /** Its lines that are not blank, stripped. */
    static List<String> names(Path file) throws IOException {
        return lines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
