package dev.quern.augment.policy;

import dev.quern.data.NearestName;
import dev.quern.data.format.CsvReader;
import dev.quern.io.MalformedFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the sub-policies of Fast AutoAugment and DADA: comma-separated values with the header {@code subpolicy,op_index,op,prob,level01},
 * sub-policies and their ops counted from 0.
 */
final class PolicyFile {
    private static final List<String> HEADER = List.of("subpolicy", "op_index", "op", "prob", "level01");
    private static final int MOST_OPS = 4;
    private static final int MOST_POLICIES = 10_000;

    private final Path file;
    private final List<List<SearchedOps.Choice>> policies = new ArrayList<>();

    private PolicyFile(Path file) {
        this.file = file;
    }

    /** @throws IOException naming the file, the line and what is allowed there */
    static List<List<SearchedOps.Choice>> read(Path file) throws IOException {
        List<CsvReader.Row> rows = CsvReader.read(file);
        if (rows.isEmpty() || !rows.get(0).fields().equals(HEADER)) {
            String found =
                    rows.isEmpty() ? "nothing" : String.join(",", rows.get(0).fields());
            throw new MalformedFileException(file, "first line", found, String.join(",", HEADER));
        }
        PolicyFile reader = new PolicyFile(file);
        for (CsvReader.Row row : rows.subList(1, rows.size())) {
            reader.add(row);
        }
        if (reader.policies.isEmpty()) {
            throw new MalformedFileException(file, "number of sub-policies", 0, "at least 1");
        }
        return reader.policies;
    }

    private void add(CsvReader.Row row) throws MalformedFileException {
        if (row.fields().size() != HEADER.size()) {
            throw refused(row, "number of fields", row.fields().size(), String.valueOf(HEADER.size()));
        }
        int last = policies.size() - 1;
        int policy = (int) number(row, 0, MOST_POLICIES - 1);
        if (policy == last + 1) {
            policies.add(new ArrayList<>());
        } else if (policy != last) {
            throw refused(row, "subpolicy", policy, Math.max(last, 0) + " or " + (last + 1));
        }
        List<SearchedOps.Choice> ops = policies.get(policy);
        if (ops.size() == MOST_OPS || number(row, 1, MOST_OPS - 1) != ops.size()) {
            throw refused(row, "op_index", row.fields().get(1), ops.size() + ", below " + MOST_OPS);
        }
        String name = row.fields().get(2);
        if (!SearchedOps.names().contains(name)) {
            throw refused(row, "op", name, "nearest " + NearestName.of(name, SearchedOps.names()));
        }
        ops.add(new SearchedOps.Choice(
                name.equals("Cutout") ? null : AutoAugment.op(name), number(row, 3, 1), number(row, 4, 1)));
    }

    private double number(CsvReader.Row row, int field, double most) throws MalformedFileException {
        String text = row.fields().get(field);
        double value = Double.NaN;
        try {
            value = Double.parseDouble(text);
        } catch (NumberFormatException notANumber) {
            // NaN is refused below.
        }
        boolean whole = field < 2;
        if (!(value >= 0 && value <= most) || whole && value != Math.rint(value)) {
            throw refused(row, HEADER.get(field), text, (whole ? "whole numbers 0 … " : "0 … ") + (long) most);
        }
        return value;
    }

    private MalformedFileException refused(CsvReader.Row row, String what, Object found, String allowed) {
        return new MalformedFileException(file, what + " in line " + row.line(), found, allowed);
    }
}
