package dev.quern.cli.study;

import dev.quern.analysis.LabelledFeatures;
import dev.quern.cli.terminal.NpyArrays;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Labelled features as npy files. */
final class FeatureFiles {
    private FeatureFiles() {}

    /** float32 or float64 [N,D] and integers [N]. */
    static LabelledFeatures read(String option, Path features, String labelOption, Path labels) throws IOException {
        Tensor values = NpyArrays.readFloats(option, features);
        NpyArrays.requireRank(option, features, values, 2);
        int[] classes = labels(labelOption, labels);
        if (classes.length != values.shape()[0]) {
            throw new IllegalArgumentException(labelOption + " " + labels + " has " + classes.length
                    + " labels, allowed: " + values.shape()[0] + ", one a row of " + option);
        }
        return values.type() == TensorType.F64
                ? LabelledFeatures.of(option, values.toDoubles(), classes)
                : LabelledFeatures.of(option, values.toFloats(), classes);
    }

    private static int[] labels(String option, Path file) throws IOException {
        Tensor labels = NpyFile.read(file);
        NpyArrays.requireRank(option, file, labels, 1);
        if (!Arrays.asList(TensorType.I32, TensorType.I64, TensorType.U8).contains(labels.type())) {
            throw new IllegalArgumentException(
                    option + " " + file + " holds " + labels + ", allowed: int32, int64 or uint8");
        }
        try {
            return labels.toInts();
        } catch (ArithmeticException tooLarge) {
            throw new IllegalArgumentException(
                    option + " " + file + " holds values beyond 32 bits, allowed: labels that fit int32", tooLarge);
        }
    }
}
