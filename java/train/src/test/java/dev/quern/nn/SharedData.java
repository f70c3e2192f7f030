package dev.quern.nn;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Reference material outside the repository, found through the system property {@code quern.shared}. */
public final class SharedData {
    private SharedData() {}

    /** A file or folder of it; the test is skipped, and says so, where it is absent. */
    public static Path path(String relative) {
        Path path =
                Path.of(System.getProperty("quern.shared", "../../../shared")).resolve(relative);
        assumeTrue(
                Files.exists(path), "skipped: " + relative + " is not beside the repository (-Dquern.shared=FOLDER)");
        return path;
    }
}
