package dev.quern.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.Seed;
import java.io.IOException;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DiversityTest {
    @Test
    void theToyDataHaveTheGoldenDiversity() {
        Diversity diversity = Diversity.of(Toys.golden(), Toys.goldenAugmented());

        assertThat(diversity.classes().get(0)).containsExactly(sixAndThree(3.821102, 5.695932), within(1e-6));
        assertThat(diversity.classes().get(1)).containsExactly(sixAndThree(3.664239, 5.242203), within(1e-6));
        assertThat(diversity.released()[8]).isCloseTo((5.695932 + 5.242203) / 2, within(1e-6));
        assertThat(diversity.stable()).isTrue();
    }

    @Test
    void theIdentityHasTheGoldenOffsetAndNoNormalisedDiversity() {
        Diversity diversity = Diversity.of(Toys.golden(), Toys.golden());

        assertThat(diversity.classes().get(0)).containsExactly(sixAndThree(3.948512, 5.737598), within(1e-6));
        assertThat(diversity.value()).isCloseTo(0, within(1e-5));
    }

    private static double[] sixAndThree(double six, double three) {
        return IntStream.range(0, 9).mapToDouble(t -> t < 6 ? six : three).toArray();
    }

    @Test
    void randomProblemsAreSolvedAsByTheReference() throws IOException {
        for (JsonNode problem : OtddTest.problems()) {
            Diversity diversity = Diversity.of(OtddTest.features(problem, "1"), OtddTest.features(problem, "2"));
            for (int label : diversity.classes().keySet()) {
                double[] expected = OtddTest.doubles(problem.get("diversity").get(label));
                // LAPACK's signs of eigenvectors depend on the processor, and the guard of 1e-6 in each component sees
                // them.
                assertThat(diversity.classes().get(label)).containsExactly(expected, within(1e-5));
            }
        }
    }

    @Test
    void theScatterOfDirectionsHasTheNumberOfSamplesAsItsTrace() {
        Random random = new Random(Seed.of("scatter"));
        LabelledFeatures set = Toys.gaussian(random, 5000, 7, 1);

        Scatter scatter = Scatter.of(new Cloud(set, set.rowsByClass().get(0)));

        assertThat(scatter.samples()).isEqualTo(5000);
        assertThat(scatter.matrix().trace()).isCloseTo(5000, within(1e-6));
    }

    @Test
    void diversityGrowsAsSamplesLeaveTheDirectionsOfTheirClass() {
        Random random = new Random(Seed.of("growth"));
        double last = -1;
        double[] flat = new double[300 * 3];
        double[] lifts = random.doubles(300, -1, 1).toArray();
        for (int i = 0; i < 300; i++) {
            flat[3 * i] = 3 * random.nextGaussian();
            flat[3 * i + 1] = random.nextGaussian();
        }
        LabelledFeatures originals = LabelledFeatures.of("flat", flat, new int[300]);
        for (double lift : new double[] {0, 0.5, 2, 8}) {
            double[] lifted = flat.clone();
            for (int i = 0; i < 300; i++) {
                lifted[3 * i + 2] += lift * lifts[i];
            }
            double value = Diversity.of(originals, LabelledFeatures.of("lifted", lifted, new int[300]))
                    .value();
            assertThat(value).isGreaterThan(last);
            last = value;
        }
    }

    @Test
    void directionsOfEqualWeightAreReportedAsUnstable() {
        double[] cross = {1, 0, -1, 0, 0, 1, 0, -1};
        LabelledFeatures round = LabelledFeatures.of("round", cross, new int[4]);

        assertThat(Diversity.of(round, round).stable()).isFalse();
    }

    @Test
    void sampleAtTheMeanOfItsClassCountsForNothing() {
        double[] line = {-1, 0, 0, 0, 1, 0};
        LabelledFeatures set = LabelledFeatures.of("line", line, new int[3]);

        assertThat(Diversity.of(set, set).released()[0]).isCloseTo(2, within(1e-5));
    }

    @Test
    void setsThatCannotBeComparedAreRefused() {
        LabelledFeatures plane = Toys.gaussian(new Random(1), 10, 2, 2);
        LabelledFeatures space = Toys.gaussian(new Random(1), 10, 3, 2);
        LabelledFeatures other = LabelledFeatures.of(
                "other", new float[20], IntStream.range(20, 30).toArray());
        LabelledFeatures same = LabelledFeatures.of("same", new float[20], new int[10]);

        assertThatThrownBy(() -> Diversity.of(plane, space))
                .hasMessage("augmented has vectors of 3, allowed: 2, as in originals");
        assertThatThrownBy(() -> Diversity.of(plane, other))
                .hasMessage("originals has no class of 2 or more rows that augmented has too, allowed: at least one");
        assertThatThrownBy(() -> Diversity.of(same, same))
                .hasMessage("class 0 has nothing but equal vectors, allowed: at least two that differ");
    }
}
