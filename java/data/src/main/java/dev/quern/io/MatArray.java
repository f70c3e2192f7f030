package dev.quern.io;

import java.util.List;
import java.util.Map;

/** An array of a MAT file; its entries stand in column order. */
sealed interface MatArray {
    /** A numeric array of any class. */
    record Numbers(double[] values) implements MatArray {}

    /** One row of characters. */
    record Text(String value) implements MatArray {}

    record Cells(List<MatArray> entries) implements MatArray {}

    /** @param fields the entries of every field, by its name */
    record Structs(Map<String, List<MatArray>> fields) implements MatArray {}
}
