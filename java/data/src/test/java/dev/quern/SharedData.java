package dev.quern;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The reference data beside the project, found through the system property {@code quern.shared}. */
public final class SharedData {
    private SharedData() {}

    /** The path below the reference data; the test is skipped where it does not exist. */
    public static Path path(String relative) {
        String root = System.getProperty("quern.shared");
        Assumptions.assumeTrue(root != null, "system property quern.shared is not set");
        Path path = Path.of(root, relative);
        Assumptions.assumeTrue(Files.exists(path), () -> path + " does not exist");
        return path;
    }
}
