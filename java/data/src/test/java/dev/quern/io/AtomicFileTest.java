package dev.quern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    Path folder;

    private Path target;

    @BeforeEach
    void anOldFileExists() throws IOException {
        target = folder.resolve("result.txt");
        Files.writeString(target, "old");
    }

    @Test
    void theNewContentReplacesTheOld() throws IOException {
        AtomicFile.writeText(target, "new and longer");
        assertThat(target).hasContent("new and longer");
        assertOnlyTheTargetIsThere();
    }

    @Test
    void failingContentLeavesTheOldFile() {
        assertThatThrownBy(() -> AtomicFile.write(target, channel -> {
                    AtomicFile.writeFully(channel, ByteBuffer.wrap(new byte[1000]));
                    throw new IOException("sensor unplugged");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot write " + target + ": sensor unplugged");
        assertTheOldStateIsThere();
    }

    @Test
    void aRuntimeExceptionLeavesTheOldFile() {
        assertThatThrownBy(() -> AtomicFile.write(target, channel -> {
                    throw new IllegalStateException("bug");
                }))
                .hasMessage("bug");
        assertTheOldStateIsThere();
    }

    @Test
    void aFullDiskIsReportedWithThePathAndTheCause() {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "/dev/full does not exist");
        FaultyDisk disk = new FaultyDisk(Integer.MAX_VALUE) {
            @Override
            public FileChannel create(Path file) throws IOException {
                super.create(file).close();
                return FileChannel.open(full, StandardOpenOption.WRITE);
            }
        };
        AtomicFile.Content content = channel -> AtomicFile.writeFully(channel, ByteBuffer.wrap(new byte[10]));
        assertThatThrownBy(() -> AtomicFile.write(target, content, disk))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot write " + target + ": No space left on device")
                .hasCauseInstanceOf(IOException.class);
        assertTheOldStateIsThere();
    }

    @Test
    void everyFailingStepBeforeTheRenameLeavesTheOldFile() throws IOException {
        AtomicFile.Content content = channel -> AtomicFile.writeFully(channel, ByteBuffer.wrap("new".getBytes()));
        for (int step = 1; step <= 3; step++) {
            FaultyDisk disk = new FaultyDisk(step);
            assertThatThrownBy(() -> AtomicFile.write(target, content, disk))
                    .hasMessage("cannot write " + target + ": injected in step " + step);
            assertTheOldStateIsThere();
        }
        FaultyDisk disk = new FaultyDisk(Integer.MAX_VALUE);
        AtomicFile.write(target, content, disk);
        assertThat(target).hasContent("new");
        assertThat(disk.steps).containsExactly("create", "flush", "rename", "flush folder");
    }

    @Test
    void aFolderThatCannotBeFlushedIsReportedThoughTheFileIsWhole() {
        FaultyDisk disk = new FaultyDisk(4);
        assertThatThrownBy(() -> AtomicFile.write(target, channel -> {}, disk))
                .hasMessage("wrote " + target + ", but could not flush its folder: injected in step 4");
        assertThat(target).isEmptyFile();
    }

    @Test
    void aMissingFolderIsSaid() {
        Path lost = folder.resolve("none").resolve("file");
        assertThatThrownBy(() -> AtomicFile.writeText(lost, "x"))
                .hasMessage("cannot write " + lost + ": the folder does not exist");
    }

    @Test
    void aDeviceOrFolderIsNeverReplaced() {
        assertThatThrownBy(() -> AtomicFile.writeText(folder, "x"))
                .hasMessage("cannot write " + folder + ": it exists and is not a regular file");
        Path device = Path.of("/dev/null");
        assertThatThrownBy(() -> AtomicFile.writeText(device, "x")).hasMessageContaining("not a regular file");
    }

    @Test
    void aFileNamedWithoutAFolderGoesToTheWorkingFolder() throws IOException {
        Path bare = Path.of("atomic-file-test.tmp");
        try {
            AtomicFile.writeText(bare, "x");
            assertThat(bare).hasContent("x");
        } finally {
            Files.deleteIfExists(bare);
        }
    }

    private void assertTheOldStateIsThere() {
        assertThat(target).hasContent("old");
        assertOnlyTheTargetIsThere();
    }

    private void assertOnlyTheTargetIsThere() {
        assertThat(folder).isDirectoryNotContaining(path -> !path.equals(target));
    }

    /** A disk whose n-th step fails. */
    private static class FaultyDisk implements AtomicFile.Disk {
        private final int failing;
        private final List<String> steps = new ArrayList<>();

        FaultyDisk(int failing) {
            this.failing = failing;
        }

        private void step(String name) throws IOException {
            steps.add(name);
            if (steps.size() == failing) {
                throw new IOException("injected in step " + failing);
            }
        }

        @Override
        public FileChannel create(Path file) throws IOException {
            step("create");
            return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }

        @Override
        public void flush(FileChannel channel) throws IOException {
            step("flush");
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            step("rename");
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public void flushFolder(Path folder) throws IOException {
            step("flush folder");
        }
    }
}
