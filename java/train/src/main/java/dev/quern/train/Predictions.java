package dev.quern.train;

/**
 * What a network says of N images.
 *
 * @param labels [N] as given
 * @param classes [N] of the highest score
 * @param confidences [N] probability of that class, by softmax
 */
public record Predictions(int[] labels, int[] classes, float[] confidences) {
    /** Share of images whose class is their label. */
    public double accuracy() {
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += isRight(i) ? 1 : 0;
        }
        return (double) right / labels.length;
    }

    boolean isRight(int image) {
        return classes[image] == labels[image];
    }
}
