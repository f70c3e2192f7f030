package dev.quern.data.format;

import dev.quern.io.Limits;
import dev.quern.io.MalformedFileException;
import dev.quern.io.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Comma-separated values as in RFC 4180: fields may stand in double quotes, a doubled quote is a quote. Blank lines are left out. */
public final class CsvReader {
    /** @param line of the file where the row starts, from 1 */
    public record Row(int line, List<String> fields) {}

    private final Path file;
    private final String text;
    private int at;
    private int line = 1;

    private CsvReader(Path file, String text) {
        this.file = file;
        this.text = text;
    }

    public static List<Row> read(Path file) throws IOException {
        CsvReader reader = new CsvReader(file, TextFile.read(file));
        List<Row> rows = new ArrayList<>();
        while (reader.at < reader.text.length()) {
            int start = reader.line;
            List<String> fields = reader.row();
            if (fields.size() > 1 || !fields.get(0).isBlank()) {
                rows.add(new Row(start, fields));
            }
        }
        return rows;
    }

    private List<String> row() throws MalformedFileException {
        List<String> fields = new ArrayList<>();
        int start = at;
        do {
            fields.add(peek() == '"' ? quoted() : plain());
            if (at - start > Limits.TEXT_LINE_CHARACTERS) {
                throw new MalformedFileException(
                        file, "length of line " + line, at - start, "at most " + Limits.TEXT_LINE_CHARACTERS);
            }
        } while (accept(','));
        accept('\r');
        if (at < text.length() && !accept('\n')) {
            throw new MalformedFileException(
                    file, "line " + line, text.substring(at), "a comma or the end of the line here");
        }
        line++;
        return fields;
    }

    private String plain() {
        int start = at;
        while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(start, at);
    }

    private String quoted() throws MalformedFileException {
        int start = line;
        StringBuilder field = new StringBuilder();
        at++;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"' && !accept('"')) {
                return field.toString();
            }
            line += c == '\n' ? 1 : 0;
            field.append(c);
        }
        throw new MalformedFileException(file, "quote in line " + start, "open", "a closing quote");
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : '\n';
    }

    private boolean accept(char c) {
        boolean present = at < text.length() && text.charAt(at) == c;
        at += present ? 1 : 0;
        return present;
    }
}
