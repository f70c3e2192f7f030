package dev.quern.data.format;

import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.io.Limits;
import dev.quern.io.MalformedFileException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A CSV file (RFC 4180) with the header {@code path,label}. Paths are relative to the CSV; labels are integers 0 … or, if any is not, names, which
 * are numbered in order.
 */
final class ManifestFile {
    private static final int LONGEST_INTEGER = 9;

    private ManifestFile() {}

    static ImageDataset open(Path file, DatasetOptions options) throws IOException {
        List<CsvReader.Row> rows = CsvReader.read(file);
        if (rows.isEmpty() || !rows.get(0).fields().equals(List.of("path", "label"))) {
            throw new MalformedFileException(
                    file, "header", rows.isEmpty() ? "missing" : rows.get(0).fields(), "path,label");
        }
        List<CsvReader.Row> samples = rows.subList(1, rows.size());
        if (samples.isEmpty()) {
            throw new MalformedFileException(file, "number of images", 0, "at least 1");
        }
        for (CsvReader.Row row : samples) {
            if (row.fields().size() != 2
                    || row.fields().get(0).isBlank()
                    || row.fields().get(1).isBlank()) {
                throw new MalformedFileException(file, "line " + row.line(), row.fields(), "a path and a label");
            }
        }
        List<String> classNames = classNames(file, samples);
        Map<String, Integer> labels = new HashMap<>();
        for (int label = 0; label < classNames.size(); label++) {
            labels.put(classNames.get(label), label);
        }
        List<ImageFiles.Entry> entries = new ArrayList<>(samples.size());
        for (CsvReader.Row row : samples) {
            String label = row.fields().get(1).strip();
            entries.add(new ImageFiles.Entry(path(file, row), labels.get(isInteger(label) ? canonical(label) : label)));
        }
        String name = "manifest " + file.getFileName();
        return ImageFiles.open(name, entries, classNames, ImageFiles.shape(name, entries, options), options);
    }

    private static List<String> classNames(Path file, List<CsvReader.Row> samples) throws IOException {
        List<String> labels = samples.stream()
                .map(row -> row.fields().get(1).strip())
                .distinct()
                .sorted()
                .toList();
        if (!labels.stream().allMatch(ManifestFile::isInteger)) {
            return labels.stream()
                    .map(label -> isInteger(label) ? canonical(label) : label)
                    .distinct()
                    .toList();
        }
        int most = labels.stream().mapToInt(Integer::parseInt).max().orElseThrow();
        if (most >= Limits.CLASSES) {
            throw new MalformedFileException(file, "largest label", most, "0 … " + (Limits.CLASSES - 1));
        }
        return IntStream.rangeClosed(0, most).mapToObj(Integer::toString).toList();
    }

    private static boolean isInteger(String label) {
        return label.length() <= LONGEST_INTEGER && label.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static String canonical(String integer) {
        return Integer.toString(Integer.parseInt(integer));
    }

    private static Path path(Path file, CsvReader.Row row) throws MalformedFileException {
        try {
            return file.toAbsolutePath().resolveSibling(row.fields().get(0));
        } catch (InvalidPathException noPath) {
            throw new MalformedFileException(
                    file, "path in line " + row.line(), row.fields().get(0), "a file name");
        }
    }
}
