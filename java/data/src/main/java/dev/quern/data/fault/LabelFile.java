package dev.quern.data.fault;

import dev.quern.data.ImageDataset;
import dev.quern.data.RelabelledDataset;
import dev.quern.io.MalformedFileException;
import dev.quern.io.TextFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Labels from a text file, one number a line, such as the human annotations of CIFAR-10N (Wei et al. 2022).
 *
 * @param labels the file
 * @param index text file that has for each image the line of {@code labels} that is its own, counted from 0; empty: each image has its line
 */
public record LabelFile(Path labels, Optional<Path> index) {
    /**
     * The data under the file's labels; where they differ from its own they are known to be wrong.
     *
     * @throws IOException in one line naming file, line and what is allowed
     */
    public ImageDataset of(ImageDataset data) throws IOException {
        int[] lines = numbers(labels, data.classNames().size());
        int[] given = lines;
        if (index.isPresent()) {
            int[] places = numbers(index.get(), lines.length);
            given = Arrays.stream(places).map(place -> lines[place]).toArray();
        }
        if (given.length != data.size()) {
            throw new MalformedFileException(
                    index.orElse(labels),
                    "number of lines",
                    given.length,
                    data.size() + ", one per image of " + data.name());
        }
        return new RelabelledDataset(data, given);
    }

    /** Each 0 … {@code bound} − 1. */
    private static int[] numbers(Path file, int bound) throws IOException {
        List<String> lines = TextFile.names(file);
        int[] numbers = new int[lines.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(lines.get(i));
            if (numbers[i] < 0 || numbers[i] >= bound) {
                throw new MalformedFileException(file, "number " + (i + 1), lines.get(i), "0 … " + (bound - 1));
            }
        }
        return numbers;
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException none) {
            return -1;
        }
    }
}
