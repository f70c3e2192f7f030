package dev.quern.analysis;

import java.nio.FloatBuffer;

/**
 * Some rows of a feature set.
 *
 * @param rows of {@code features}, at least one
 */
record Cloud(LabelledFeatures features, int[] rows) {
    int size() {
        return rows.length;
    }

    int dimension() {
        return features.dimension();
    }

    double at(int point, int column) {
        return features.at(rows[point], column);
    }

    void copyTo(FloatBuffer target) {
        for (int row : rows) {
            for (int column = 0; column < dimension(); column++) {
                target.put((float) features.at(row, column));
            }
        }
    }

    double[] toDoubles() {
        double[] values = new double[Math.multiplyExact(size(), dimension())];
        for (int i = 0; i < values.length; i++) {
            values[i] = at(i / dimension(), i % dimension());
        }
        return values;
    }

    /** Whether both hold the same vectors in the same order. */
    boolean hasValuesOf(Cloud other) {
        if (size() != other.size()) {
            return false;
        }
        for (int point = 0; point < size(); point++) {
            for (int column = 0; column < dimension(); column++) {
                if (at(point, column) != other.at(point, column)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Widens the bounding box {@code low} … {@code high}, [D] each. */
    void widen(double[] low, double[] high) {
        for (int point = 0; point < size(); point++) {
            for (int column = 0; column < dimension(); column++) {
                low[column] = Math.min(low[column], at(point, column));
                high[column] = Math.max(high[column], at(point, column));
            }
        }
    }
}
