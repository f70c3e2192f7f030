package dev.quern.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Text files that come with data sets, UTF-8. */
public final class TextFile {
    private TextFile() {}

    /** The whole text, without a byte order mark. */
    public static String read(Path file) throws IOException {
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
    public static List<String> names(Path file) throws IOException {
        return entries(file).stream().map(Entry::text).toList();
    }

    /**
     * A line that is not blank.
     *
     * @param line its number, from 1
     * @param text stripped
     */
    public record Entry(Path file, int line, String text) {
        /** What refuses the line. */
        public MalformedFileException refusal(String allowed) {
            return new MalformedFileException(file, "line " + line, text, allowed);
        }

        /** A number of the line. */
        public int integer(String word, int least, int most) throws MalformedFileException {
            int value = word.matches("-?[0-9]{1,9}") ? Integer.parseInt(word) : Integer.MIN_VALUE;
            if (value < least || value > most) {
                throw new MalformedFileException(file, "label in line " + line, word, least + " … " + most);
            }
            return value;
        }

        /** A file that the line names. */
        public Path resolve(Path folder, String name) throws MalformedFileException {
            try {
                return folder.resolve(name);
            } catch (InvalidPathException noPath) {
                throw new MalformedFileException(file, "file name in line " + line, name, "a path");
            }
        }
    }

    /** The lines of a file that are not empty. */
    public static List<Entry> entries(Path file) throws IOException {
        List<String> lines = lines(file);
        return IntStream.range(0, lines.size())
                .filter(i -> !lines.get(i).isBlank())
                .mapToObj(i -> new Entry(file, i + 1, lines.get(i).strip()))
                .toList();
    }
}
