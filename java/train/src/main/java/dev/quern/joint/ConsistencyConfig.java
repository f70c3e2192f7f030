package dev.quern.joint;

import dev.quern.setting.Fields;
import java.nio.file.Path;

/** Where the agreement of images with the text of their labels comes from. */
public sealed interface ConsistencyConfig {

    /**
     * A compact dual encoder trained on the data set itself, cross-fitted: no sample is scored by a model that saw its label.
     *
     * @param folds models trained, 2 … 20
     * @param epochs each is trained, ≥ 1
     */
    record CrossFitted(int folds, int epochs) implements ConsistencyConfig {
        private static final int MOST_FOLDS = 20;

        public static final CrossFitted DEFAULT = new CrossFitted(3, 8);

        public CrossFitted {
            Fields.require("folds", folds, folds >= 2 && folds <= MOST_FOLDS, "2 … " + MOST_FOLDS);
            Fields.atLeast("encoderEpochs", epochs, 1);
        }
    }

    /**
     * Embeddings of another model, as .npy files or safetensors files with one tensor.
     *
     * @param images [N,D], a row per training sample
     * @param texts [C,D], a row per class
     */
    record Given(Path images, Path texts) implements ConsistencyConfig {}

    /** All samples agree alike: selection by density alone. */
    record None() implements ConsistencyConfig {}
}
