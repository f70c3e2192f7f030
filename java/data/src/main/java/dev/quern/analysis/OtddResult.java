package dev.quern.analysis;

/**
 * A distance between two data sets and what it was made of.
 *
 * @param distance between the sets, in half squared units of the features
 * @param labelDistances [C1+C2,C1+C2] between the classes of the first set and then of the second
 * @param firstClasses [C1] labels of the classes that took part, ascending
 * @param secondClasses [C2]
 * @param firstRows [N] rows of the first set that took part, ascending
 * @param secondRows [M]
 * @param f [N] debiased potentials: how far each row is from the other set
 * @param g [M]
 * @param steps of the annealing
 */
public record OtddResult(
        double distance,
        double[][] labelDistances,
        int[] firstClasses,
        int[] secondClasses,
        int[] firstRows,
        int[] secondRows,
        float[] f,
        float[] g,
        long steps) {

    /** Higher is closer; 0 for equal sets in the paper's sense. */
    public double similarity() {
        return distance == 0 ? 0 : -distance;
    }
}
