package dev.quern.augment.policy;

import dev.quern.data.NearestName;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** The arguments behind a policy's name: {@code key=value} pairs and at most one file, separated by commas. */
final class PolicyArguments {
    private final String policy;
    private final Map<String, String> given = new LinkedHashMap<>();
    private final TreeSet<String> known = new TreeSet<>();
    private String file;

    PolicyArguments(String policy, String text) {
        this.policy = policy;
        for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals > 0) {
                given.put(part.substring(0, equals), part.substring(equals + 1));
            } else if (file == null && !part.isEmpty()) {
                file = part;
            } else {
                throw new IllegalArgumentException(
                        "policy " + policy + " has argument '" + part + "', allowed: key=value");
            }
        }
    }

    int whole(String key, int standard) {
        known.add(key);
        String text = given.remove(key);
        try {
            return text == null ? standard : Integer.parseInt(text);
        } catch (NumberFormatException notANumber) {
            throw refused(key, text, "a whole number");
        }
    }

    double number(String key, double standard) {
        known.add(key);
        String text = given.remove(key);
        try {
            return text == null ? standard : Double.parseDouble(text);
        } catch (NumberFormatException notANumber) {
            throw refused(key, text, "a number");
        }
    }

    /** A constant, written in lower case with dashes. */
    <E extends Enum<E>> E word(String key, E standard) {
        known.add(key);
        String text = given.remove(key);
        if (text == null) {
            return standard;
        }
        E[] all = standard.getDeclaringClass().getEnumConstants();
        return Arrays.stream(all)
                .filter(constant -> word(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> refused(
                        key,
                        text,
                        String.join(
                                ", ",
                                Arrays.stream(all).map(PolicyArguments::word).toList())));
    }

    /** The file that must be named. */
    Path file() {
        if (file == null) {
            throw new IllegalArgumentException("policy " + policy + " has no file, allowed: " + policy + ":FILE");
        }
        try {
            Path path = Path.of(file);
            file = null;
            return path;
        } catch (InvalidPathException noPath) {
            throw new IllegalArgumentException("policy " + policy + " has file '" + file + "': " + noPath.getMessage());
        }
    }

    /** Refuses what no method asked for. */
    void requireAllUsed() {
        if (file != null) {
            throw new IllegalArgumentException(
                    "policy " + policy + " has argument '" + file + "', allowed: " + allowed());
        }
        for (String key : given.keySet()) {
            throw new IllegalArgumentException("policy " + policy + " has argument '" + key + "', nearest: '"
                    + NearestName.of(key, known) + "', allowed: " + allowed());
        }
    }

    private String allowed() {
        return known.isEmpty() ? "none" : String.join(", ", known);
    }

    private IllegalArgumentException refused(String key, String text, String allowed) {
        return new IllegalArgumentException(
                "policy " + policy + " has " + key + " '" + text + "', allowed: " + allowed);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
