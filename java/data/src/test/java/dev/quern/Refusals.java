package dev.quern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import dev.quern.io.MalformedFileException;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** Asserts that hostile files are refused: with a one-line message that names them, and before much memory is taken. */
public final class Refusals {
    private static final long MOST_BYTES = 4L << 20;

    private Refusals() {}

    /** Writes {@code content} to {@code file} and asserts that {@code read} refuses it with {@code words} in the message. */
    public static void assertRefused(Path file, byte[] content, Callable<?> read, String... words) throws IOException {
        Files.write(file, content);
        assertRefused(file, read, words);
    }

    /** Asserts that {@code read} refuses {@code file}. */
    public static void assertRefused(Path file, Callable<?> read, String... words) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes() + directBytes();
        Throwable refusal = catchThrowable(read::call);
        long allocated = threads.getCurrentThreadAllocatedBytes() + directBytes() - before;
        assertThat(refusal).as("refusal of %s", file.getFileName()).isInstanceOf(MalformedFileException.class);
        assertThat(refusal.getMessage()).startsWith(file.toString()).doesNotContain("\n");
        for (String word : words) {
            assertThat(refusal.getMessage()).contains(word);
        }
        assertThat(allocated)
                .as("bytes allocated to refuse %s", file.getFileName())
                .isLessThan(MOST_BYTES);
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
