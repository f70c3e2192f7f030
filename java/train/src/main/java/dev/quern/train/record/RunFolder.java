package dev.quern.train.record;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.io.AtomicFile;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What a run leaves: {@code config.json}, {@code environment.json}, {@code metrics.jsonl} (a line per epoch),
 * {@code events.out.tfevents.quern} (the same for TensorBoard), {@code checkpoints/},
 * {@code indices/epoch-NNNN.npy} (the samples of each epoch), {@code weights.safetensors} and {@code result.json} at the end.
 *
 * <p>One process at a time: the folder is locked until {@link #close()} or the end of the process.
 */
public final class RunFolder implements AutoCloseable {
    /** How a run begins. */
    public enum Start {
        /** In a folder that holds no run. */
        NEW,
        /** From the newest whole checkpoint, or from the beginning where there is none. */
        RESUME
    }

    private final Path path;
    private final FileChannel lockChannel;
    private final CheckpointFolder checkpoints;
    private final MetricsLog metrics;
    private final EventFile events;

    private RunFolder(Path path, FileChannel lockChannel, CheckpointFolder checkpoints) {
        this.path = path;
        this.lockChannel = lockChannel;
        this.checkpoints = checkpoints;
        this.metrics = new MetricsLog(path.resolve("metrics.jsonl"));
        this.events = new EventFile(path.resolve("events.out.tfevents.quern"));
    }

    /**
     * Makes or opens a run folder and locks it.
     *
     * @throws IOException in one line: not writable, in use by another process, or (for {@link Start#NEW}) holding a run
     */
    public static RunFolder open(Path path, Start start) throws IOException {
        createFolder(path);
        FileChannel channel = lock(path);
        try {
            CheckpointFolder checkpoints = new CheckpointFolder(path.resolve("checkpoints"));
            if (start == Start.NEW && (!checkpoints.isEmpty() || Files.exists(path.resolve("metrics.jsonl")))) {
                throw new IOException(path + " already holds a run, allowed: another folder, or resuming this run");
            }
            removeUnfinished(path);
            removeUnfinished(path.resolve("checkpoints"));
            removeUnfinished(Files.createDirectories(path.resolve("indices")));
            return new RunFolder(path, channel, checkpoints);
        } catch (IOException | RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }

    /** A killed process leaves the temporary file it was writing. */
    private static void removeUnfinished(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".*.tmp")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    private static void createFolder(Path path) throws IOException {
        try {
            Files.createDirectories(path);
        } catch (FileAlreadyExistsException file) {
            throw new IOException("run folder is " + path + ", which is a file, allowed: a folder", file);
        } catch (IOException refused) {
            throw new IOException("cannot create run folder " + path + ": " + refused.getMessage(), refused);
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException refused) {
            throw new IOException("cannot write into run folder " + path + ": " + refused.getMessage(), refused);
        }
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException held) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException("run folder " + path + " is in use by another run");
        }
        return channel;
    }

    public Path path() {
        return path;
    }

    public CheckpointFolder checkpoints() {
        return checkpoints;
    }

    public MetricsLog metrics() {
        return metrics;
    }

    public EventFile events() {
        return events;
    }

    /** Where the final weights go, as a plain state dict. */
    public Path weights() {
        return path.resolve("weights.safetensors");
    }

    /** Writes a JSON document such as {@code config.json}, atomically. */
    public void write(String name, JsonNode document) throws IOException {
        AtomicFile.writeText(path.resolve(name), Json.pretty(document));
    }

    /** Writes the ascending sample indices of an epoch. */
    public void writeIndices(int epoch, int[] samples) throws IOException {
        Path file = path.resolve("indices").resolve(String.format("epoch-%04d.npy", epoch));
        NpyFile.write(file, Tensor.of(samples, samples.length));
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }
}
