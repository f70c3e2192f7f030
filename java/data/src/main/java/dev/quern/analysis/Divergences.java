package dev.quern.analysis;

import java.util.List;

/** Entropic optimal transport between clouds, with the schedule of geomloss (Feydy et al. 2019). */
interface Divergences {
    /**
     * Biased values of pairs of clouds with cost scale·‖x − y‖².
     *
     * @param pairs places in {@code clouds}, two each
     * @param diameter from which ε is annealed, &gt; 0; NaN: of the bounding box of each pair
     */
    double[] ofPairs(List<Cloud> clouds, List<int[]> pairs, double scale, double diameter);

    /** Debiased divergence with cost ½‖x − y‖² + ½·table[class of x, class of y]. */
    Solution between(LabelledCloud x, LabelledCloud y, double[][] table, double diameter);

    /**
     * Points and their classes.
     *
     * @param classes [cloud size] places in the table
     */
    record LabelledCloud(Cloud cloud, int[] classes) {}

    /**
     * What a divergence came to.
     *
     * @param f [N] debiased potentials
     * @param g [M]
     */
    record Solution(double value, float[] f, float[] g, long steps) {}
}
