package dev.quern.train.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The checkpoints of a run, of which the last {@value #KEPT} are kept. */
public final class CheckpointFolder {
    static final int KEPT = 3;
    private static final Pattern NAME = Pattern.compile("step-\\d{10}\\.safetensors");

    private final Path folder;

    CheckpointFolder(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /** Writes the checkpoint of {@code step} and removes all but the newest. */
    public void save(long step, Checkpoint checkpoint) throws IOException {
        checkpoint.write(folder.resolve(String.format("step-%010d.safetensors", step)));
        List<Path> present = newestFirst();
        for (Path old : present.subList(Math.min(KEPT, present.size()), present.size())) {
            Files.delete(old);
        }
    }

    /**
     * The newest checkpoint that is whole. Damaged ones are set aside with the suffix {@code .damaged}.
     *
     * @param report receives one line for each damaged checkpoint
     * @return empty if there never was one
     * @throws IOException if there are checkpoints but none is whole
     */
    public Optional<Checkpoint> newest(Consumer<String> report) throws IOException {
        List<String> damages = new ArrayList<>();
        for (Path file : newestFirst()) {
            try {
                Checkpoint checkpoint = Checkpoint.read(file);
                damages.forEach(damage -> report.accept(damage + "; used instead: " + file.getFileName()));
                return Optional.of(checkpoint);
            } catch (IOException damage) {
                damages.add("damaged checkpoint: " + damage.getMessage());
                Path aside = file.resolveSibling(file.getFileName() + ".damaged");
                Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        if (!damages.isEmpty()) {
            throw new IOException(folder + ": no checkpoint is whole: " + String.join("; ", damages));
        }
        return Optional.empty();
    }

    boolean isEmpty() throws IOException {
        return newestFirst().isEmpty();
    }

    private List<Path> newestFirst() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(
                            file -> NAME.matcher(file.getFileName().toString()).matches())
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }
}
