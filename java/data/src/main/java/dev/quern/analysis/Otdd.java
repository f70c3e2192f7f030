package dev.quern.analysis;

import dev.quern.kernels.Engine;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Optimal transport dataset distance (Alvarez-Melis and Fusi 2020): the debiased Sinkhorn divergence of two labelled sets under the ground cost
 * ½‖x − x'‖² + ½·W(y, y'), W being a distance between the features of two classes. Never stores N×M values.
 *
 * @param epsilon entropic regularisation of both levels, in units of the cost, 1e-30 … 1e30
 * @param labelDistance W
 * @param quirks of the released code that are kept; none is the paper's distance
 * @param samples most rows of a set, ≥ 2; more are subsampled
 * @param classSamples most rows of a class that enter W, ≥ 2
 * @param seed of the subsampling
 * @param arithmetic of the transport
 */
@RecordBuilder
public record Otdd(
        double epsilon,
        LabelDistance labelDistance,
        Set<OtddQuirk> quirks,
        int samples,
        int classSamples,
        long seed,
        Arithmetic arithmetic)
        implements OtddBuilder.With {
    /** Exactly 0 for equal sets. */
    public static final Otdd PAPER =
            new Otdd(0.1, LabelDistance.EXACT, Set.of(), Integer.MAX_VALUE, Integer.MAX_VALUE, 0, Arithmetic.FLOAT32);

    /** As the released code of the similarity study (Yang et al. 2024) on CIFAR. */
    public static final Otdd RELEASED =
            PAPER.withQuirks(EnumSet.allOf(OtddQuirk.class)).withSamples(40_000);

    public Otdd {
        if (!(epsilon >= 1e-30 && epsilon <= 1e30)) {
            throw new IllegalArgumentException("epsilon is " + epsilon + ", allowed: 1e-30 … 1e30");
        }
        if (samples < 2) {
            throw new IllegalArgumentException("samples is " + samples + ", allowed: ≥ 2");
        }
        if (classSamples < 2) {
            throw new IllegalArgumentException("classSamples is " + classSamples + ", allowed: ≥ 2");
        }
        quirks = Set.copyOf(quirks);
    }

    /**
     * The distance between two sets. Classes of one row take no part; labels of the two sets need not have anything in common.
     *
     * @throws IllegalArgumentException naming the argument, its value and what is allowed
     */
    public OtddResult between(Engine engine, LabelledFeatures first, LabelledFeatures second) {
        Sides sides = sides(first, second);
        Divergences divergences = arithmetic == Arithmetic.FLOAT32
                ? new NativeDivergences(engine, epsilon)
                : new Float64Divergences(epsilon);
        double[][] table =
                new LabelDistances(labelDistance, quirks, divergences).table(sides.firstClouds, sides.secondClouds);
        Divergences.Solution solution = divergences.between(
                sides.labelled(sides.first, sides.firstRows, 0),
                sides.labelled(sides.second, sides.secondRows, sides.first.classes().length),
                table,
                sides.diameter());
        return new OtddResult(
                solution.value(),
                table,
                sides.first.classes(),
                sides.second.classes(),
                sides.firstRows,
                sides.secondRows,
                solution.f(),
                solution.g(),
                solution.steps());
    }

    /** What {@link #between} would take, without doing it. */
    public OtddEstimate estimate(LabelledFeatures first, LabelledFeatures second) {
        Sides sides = sides(first, second);
        List<Cloud> classes = new ArrayList<>(sides.firstClouds);
        classes.addAll(sides.secondClouds);
        return OtddEstimate.of(this, classes, sides.firstRows.length, sides.secondRows.length, sides.diameter());
    }

    private Sides sides(LabelledFeatures first, LabelledFeatures second) {
        if (first.dimension() != second.dimension()) {
            throw new IllegalArgumentException("second has vectors of " + second.dimension() + ", allowed: "
                    + first.dimension() + ", as in first");
        }
        ClassedRows one = ClassedRows.of("first", first);
        ClassedRows other = ClassedRows.of("second", second);
        int stream = quirks.contains(OtddQuirk.INDEPENDENT_SUBSAMPLING) ? 1 : 0;
        return new Sides(
                one,
                other,
                one.clouds(classSamples, seed),
                other.clouds(classSamples, seed),
                one.sample(samples, seed, 0),
                other.sample(samples, seed, stream));
    }

    /** Both sets, and the rows of each that take part. */
    private record Sides(
            ClassedRows first,
            ClassedRows second,
            List<Cloud> firstClouds,
            List<Cloud> secondClouds,
            int[] firstRows,
            int[] secondRows) {

        Divergences.LabelledCloud labelled(ClassedRows side, int[] rows, int offset) {
            return new Divergences.LabelledCloud(new Cloud(side.features(), rows), side.places(rows, offset));
        }

        /** With the place of the class as one more coordinate, as in the reference; it only decides the number of annealing steps. */
        double diameter() {
            List<Cloud> both =
                    List.of(new Cloud(first.features(), firstRows), new Cloud(second.features(), secondRows));
            return Box.of(both).diameter(first.classes().length + second.classes().length - 1);
        }
    }
}
