package dev.quern.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.Seed;
import dev.quern.kernels.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OtddTest {
    private static final Set<OtddQuirk> UNHALVED =
            EnumSet.of(OtddQuirk.BIASED_LABEL_DISTANCE, OtddQuirk.INDEPENDENT_SUBSAMPLING);
    private static Engine engine;

    @BeforeAll
    static void open() {
        engine = Engine.open();
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @ParameterizedTest
    @EnumSource(Arithmetic.class)
    void theToyDataHaveTheGoldenDistances(Arithmetic arithmetic) {
        double tolerance = arithmetic == Arithmetic.FLOAT64 ? 1e-6 : 1e-3;
        Otdd released = Otdd.RELEASED.withArithmetic(arithmetic);

        OtddResult halved = released.between(engine, Toys.golden(), Toys.goldenAugmented());
        OtddResult plain = released.withQuirks(UNHALVED).between(engine, Toys.golden(), Toys.goldenAugmented());
        OtddResult self = released.between(engine, Toys.golden(), Toys.golden());

        assertThat(halved.distance()).isCloseTo(1.1895593142799994, within(tolerance));
        assertThat(plain.distance()).isCloseTo(1.5562622752268198, within(tolerance));
        assertThat(self.distance()).isCloseTo(0.08955001118009992, within(tolerance));
        assertThat(halved.steps()).isEqualTo(8);
        assertTable(
                halved,
                tolerance,
                26.449293432,
                31.1695092662,
                .5592452279,
                36.4626338218,
                22.3886724683,
                1.2656444753);
        assertTable(
                plain,
                tolerance,
                52.7161703977,
                62.1525031616,
                .9394591266,
                72.7424480654,
                44.5928591786,
                2.3522424597);
    }

    /** Within the first set, within the second, across in rows. */
    private static void assertTable(OtddResult result, double tolerance, double... expected) {
        double[][] table = result.labelDistances();
        double[] actual = {table[0][1], table[2][3], table[0][2], table[0][3], table[1][2], table[1][3]};
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(tolerance * Math.max(1, expected[i])));
        }
        assertThat(new double[] {table[0][0], table[1][1], table[2][2], table[3][3]})
                .containsOnly(0);
        assertThat(table[3][0]).isEqualTo(table[0][3]);
    }

    @ParameterizedTest
    @EnumSource(Arithmetic.class)
    void randomProblemsAreSolvedAsByTheReference(Arithmetic arithmetic) throws IOException {
        double tolerance = arithmetic == Arithmetic.FLOAT64 ? 1e-6 : 1e-3;
        for (JsonNode problem : problems()) {
            LabelledFeatures first = features(problem, "1");
            LabelledFeatures second = features(problem, "2");
            for (String name : new String[] {"plain", "halved"}) {
                JsonNode expected = problem.get("expected").get(name);
                OtddResult result = Otdd.RELEASED
                        .withArithmetic(arithmetic)
                        .withQuirks(name.equals("plain") ? UNHALVED : EnumSet.allOf(OtddQuirk.class))
                        .between(engine, first, second);
                assertThat(result.distance())
                        .isCloseTo(expected.get("distance").asDouble(), withinPercentage(100 * tolerance));
                assertThat(result.steps()).isEqualTo(expected.get("steps").asLong());
                for (int i = 0; i < result.labelDistances().length; i++) {
                    double[] row = doubles(expected.get("table").get(i));
                    assertThat(result.labelDistances()[i]).containsExactly(row, within(tolerance * largest(row)));
                }
            }
        }
    }

    private static double largest(double[] row) {
        return Math.max(1, Arrays.stream(row).max().orElseThrow());
    }

    static JsonNode problems() throws IOException {
        try (InputStream resource = OtddTest.class.getResourceAsStream("otdd_problems.json")) {
            return new ObjectMapper().readTree(resource);
        }
    }

    static LabelledFeatures features(JsonNode problem, String set) {
        double[] labels = doubles(problem.get("y" + set));
        return LabelledFeatures.of(
                "x" + set,
                doubles(problem.get("x" + set)),
                Arrays.stream(labels).mapToInt(value -> (int) value).toArray());
    }

    static double[] doubles(JsonNode array) {
        double[] values = new double[array.size()];
        Arrays.setAll(values, i -> array.get(i).asDouble());
        return values;
    }

    @ParameterizedTest
    @EnumSource(LabelDistance.class)
    void equalSetsAreAtDistanceZeroWhateverTheLabelDistance(LabelDistance distance) {
        Random random = new Random(Seed.of("equal sets"));
        LabelledFeatures set = Toys.gaussian(random, 200, 6, 4);
        LabelledFeatures copy = Toys.permuted(set, IntStream.range(0, 200).toArray());
        Otdd paper = Otdd.PAPER.withLabelDistance(distance);

        assertThat(paper.between(engine, set, copy).distance()).isZero();
        assertThat(paper.withSamples(50)
                        .withClassSamples(20)
                        .between(engine, set, copy)
                        .distance())
                .isZero();
        assertThat(paper.between(engine, set, copy).f()).containsOnly(0);
    }

    @Test
    void independentSubsamplingPutsASetAtADistanceFromItself() {
        LabelledFeatures set = Toys.gaussian(new Random(1), 200, 6, 4);

        OtddResult released = Otdd.RELEASED.withSamples(50).between(engine, set, set);

        assertThat(released.distance()).isGreaterThan(0.1);
        assertThat(released.firstRows()).hasSize(50).isSorted().isNotEqualTo(released.secondRows());
    }

    @ParameterizedTest
    @EnumSource(LabelDistance.class)
    void theDistanceIsSymmetricAndBlindToTheOrderOfRows(LabelDistance distance) {
        Random random = new Random(Seed.of("symmetry"));
        LabelledFeatures one = Toys.gaussian(random, 120, 5, 3);
        LabelledFeatures other = Toys.moved(Toys.gaussian(random, 90, 5, 2), 0.7);
        Otdd paper = Otdd.PAPER.withLabelDistance(distance);
        int[] reversed = IntStream.range(0, 120).map(i -> 119 - i).toArray();

        double expected = paper.between(engine, one, other).distance();

        assertThat(expected).isPositive();
        assertThat(paper.between(engine, other, one).distance()).isCloseTo(expected, withinPercentage(1e-3));
        assertThat(paper.between(engine, Toys.permuted(one, reversed), other).distance())
                .isCloseTo(expected, withinPercentage(1e-3));
    }

    @Test
    void theDistanceGrowsWithATranslation() {
        LabelledFeatures set = Toys.gaussian(new Random(2), 150, 4, 3);
        double last = 0;
        for (double shift : new double[] {0.1, 0.3, 1, 3, 10}) {
            double distance =
                    Otdd.PAPER.between(engine, set, Toys.moved(set, shift)).distance();
            assertThat(distance).isGreaterThan(last);
            last = distance;
        }
    }

    @Test
    void smallRegularisationNeverEndsInNotANumber() {
        for (double epsilon : new double[] {1, 0.1, 0.01, 1e-3, 1e-4}) {
            for (Arithmetic arithmetic : Arithmetic.values()) {
                double distance = Otdd.PAPER
                        .withEpsilon(epsilon)
                        .withArithmetic(arithmetic)
                        .between(engine, Toys.golden(), Toys.goldenAugmented())
                        .distance();
                assertThat(distance).isBetween(0.1, 10.0);
            }
        }
    }

    @Test
    void pointsThatAllCoincideAreAtDistanceZero() {
        LabelledFeatures same = LabelledFeatures.of("same", new float[4000 * 2], new int[4000]);

        assertThat(Otdd.PAPER.between(engine, same, same).distance()).isZero();
        assertThat(Otdd.RELEASED.between(engine, same, same).distance()).isCloseTo(0, within(1e-6));
    }

    @Test
    void classesOfOneRowAndGapsInTheLabelsTakeNoPart() {
        LabelledFeatures set = LabelledFeatures.of("set", new float[] {0, 1, 5, 6, 9}, new int[] {3, 3, 7, 7, 4});

        OtddResult result = Otdd.PAPER.between(engine, set, set);

        assertThat(result.firstClasses()).containsExactly(3, 7);
        assertThat(result.firstRows()).containsExactly(0, 1, 2, 3);
    }

    @Test
    void badSetsAreRefusedByName() {
        LabelledFeatures plane = Toys.gaussian(new Random(3), 10, 2, 2);
        LabelledFeatures space = Toys.gaussian(new Random(3), 10, 3, 2);
        LabelledFeatures single = LabelledFeatures.of("single", new float[] {1, 2}, new int[] {0, 1});

        assertThatThrownBy(() -> Otdd.PAPER.between(engine, plane, space))
                .hasMessage("second has vectors of 3, allowed: 2, as in first");
        assertThatThrownBy(() -> Otdd.PAPER.between(engine, single, single))
                .hasMessage("first has no class of 2 or more rows, allowed: at least one");
        assertThatThrownBy(() -> LabelledFeatures.of("--x1", new float[] {1, Float.NaN, 3, 4}, new int[2]))
                .hasMessage("--x1[0,1] is NaN, allowed: finite");
        assertThatThrownBy(() -> LabelledFeatures.of("--x1", new float[5], new int[2]))
                .hasMessage("--x1 has 5 values for 2 labels, allowed: one vector of ≥ 1 values each");
        assertThatThrownBy(() -> Otdd.PAPER.withEpsilon(0)).hasMessage("epsilon is 0.0, allowed: 1e-30 … 1e30");
        assertThatThrownBy(() -> Otdd.PAPER.withSamples(1)).hasMessage("samples is 1, allowed: ≥ 2");
    }

    @Test
    void theEstimateCountsTheWork() {
        LabelledFeatures set = Toys.gaussian(new Random(4), 100, 3, 2);

        OtddEstimate paper = Otdd.PAPER.estimate(set, Toys.moved(set, 1));
        OtddEstimate few = Otdd.PAPER
                .withSamples(50)
                .withLabelDistance(LabelDistance.MEANS)
                .estimate(set, set);

        assertThat(few.labelCells()).isZero();
        assertThat(paper.cells()).isGreaterThan(3.9 * few.cells());
        assertThat(paper.labelCells()).isBetween(0.5 * paper.cells(), 2 * paper.cells());
        assertThat(few.seconds(engine)).isPositive();
    }
}
