package dev.quern.select.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.select.GumbelTopK;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EpochSelectionTest {
    private static final int SAMPLES = 500;

    @Test
    void fullDataIsEverySample() {
        assertThat(new FullData(3).select(9)).containsExactly(0, 1, 2);
    }

    @Test
    void aStaticSubsetStaysAndADynamicOneChanges() {
        StaticRandom fixed = new StaticRandom(SAMPLES, 0.3, 1);
        DynamicRandom fresh = new DynamicRandom(SAMPLES, 0.3, 1);
        assertThat(fixed.select(7)).isEqualTo(fixed.select(0)).hasSize(150);
        assertThat(fresh.select(7)).isNotEqualTo(fresh.select(0)).hasSize(150).isEqualTo(fresh.select(7));
        assertThat(new StaticRandom(SAMPLES, 0.3, 2).select(0)).isNotEqualTo(fixed.select(0));
        fixed.select(0)[0] = -1;
        assertThat(fixed.select(0)[0]).isNotNegative();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-9, 0.001, 0.3, 0.5, 0.999, 1})
    void aSelectionIsAscendingDistinctAndOfTheRightSize(double ratio) {
        int[] chosen = new DynamicRandom(SAMPLES, ratio, 4).select(2);
        assertThat(chosen)
                .hasSize((int) Math.max(1, Math.round(ratio * SAMPLES)))
                .doesNotHaveDuplicates()
                .isSorted();
        assertThat(Arrays.stream(chosen)).allMatch(i -> i >= 0 && i < SAMPLES);
    }

    @Test
    void equalScoresSelectWhatRandomSelects() {
        DensityConsistency joint = joint(0.3);
        DynamicRandom random = new DynamicRandom(SAMPLES, 0.3, 1);
        assertThat(joint.select(0)).isEqualTo(random.select(0));
        joint.density(new float[SAMPLES]);
        joint.consistency(new float[SAMPLES]);
        for (int epoch = 0; epoch < 20; epoch++) {
            assertThat(joint.select(epoch)).isEqualTo(random.select(epoch));
        }
    }

    @Test
    void samplesAreEqualUntilTheFirstDensity() {
        DensityConsistency joint = joint(0.3);
        joint.consistency(ramp());
        assertThat(joint.weights()).containsOnly(1);
        joint.density(new float[SAMPLES]);
        assertThat(joint.weights()[0]).isEqualTo(1e-3);
        assertThat(joint.weights()[SAMPLES - 1]).isEqualTo(1);
    }

    @Test
    void theWeightIsTheProductAndTheLatestDensityCounts() {
        DensityConsistency joint = joint(0.3);
        joint.density(reversed(ramp()));
        joint.density(ramp());
        joint.consistency(reversed(ramp()));
        double[] density = ProbabilityMap.MIN_MAX.apply("density", ramp());
        double[] consistency = ProbabilityMap.MIN_MAX.apply("consistency", reversed(ramp()));
        for (int i = 0; i < SAMPLES; i++) {
            assertThat(joint.weights()[i]).isEqualTo(density[i] * consistency[i]);
        }
    }

    @Test
    void thinRegionsArePreferredAndInconsistentSamplesKeptOut() {
        DensityConsistency joint = joint(0.3);
        joint.density(ramp());
        float[] consistency = new float[SAMPLES];
        Arrays.fill(consistency, 1);
        BitSet wrong = new BitSet();
        for (int i = 0; i < SAMPLES; i += 10) {
            consistency[i] = -1;
            wrong.set(i);
        }
        joint.consistency(consistency);
        VisitCount visits = new VisitCount(SAMPLES);
        for (int epoch = 0; epoch < 50; epoch++) {
            visits.add(joint.select(epoch));
        }
        int[] perSample = visits.perSample();
        int thick = IntStream.range(0, SAMPLES / 2).map(i -> perSample[i]).sum();
        assertThat(visits.total()).isEqualTo(50 * 150);
        assertThat(thick).isLessThan(50 * 150 / 3);
        assertThat(visits.wrongShare(wrong)).isLessThan(0.005);
    }

    @Test
    void visitsAreCounted() {
        VisitCount visits = new VisitCount(4);
        visits.add(new int[] {0, 1});
        visits.add(new int[] {1, 3});
        BitSet wrong = new BitSet();
        wrong.set(1);
        wrong.set(99);
        assertThat(visits.total()).isEqualTo(4);
        assertThat(visits.share(2)).isEqualTo(0.5);
        assertThat(visits.wrongShare(wrong)).isEqualTo(0.5);
        assertThat(VisitCount.wrongShare(new int[] {1, 2, 3}, wrong)).isEqualTo(1 / 3.0);
        assertThat(VisitCount.wrongShare(new int[0], wrong)).isZero();
        assertThat(new VisitCount(4).wrongShare(wrong)).isZero();
        VisitCount resumed = new VisitCount(visits.perSample());
        resumed.add(new int[] {2});
        assertThat(resumed.perSample()).containsExactly(1, 2, 1, 1);
        assertThat(resumed.total()).isEqualTo(5);
        assertThatThrownBy(() -> visits.share(0)).hasMessage("epochs is 0, allowed: ≥ 1");
        assertThatThrownBy(() -> new VisitCount(new int[] {1, -1})).hasMessage("visits[1] is -1, allowed: ≥ 0");
    }

    @Test
    void badArgumentsAreNamed() {
        assertThatThrownBy(() -> new DynamicRandom(5, 0, 1)).hasMessage("ratio is 0.0, allowed: above 0, at most 1");
        assertThatThrownBy(() -> new StaticRandom(5, 1.01, 1)).hasMessageContaining("ratio is 1.01");
        assertThatThrownBy(() -> new DynamicRandom(5, Double.NaN, 1)).hasMessageContaining("ratio is NaN");
        assertThatThrownBy(() -> new FullData(0)).hasMessage("samples is 0, allowed: ≥ 1");
        DensityConsistency joint = joint(0.5);
        assertThatThrownBy(() -> joint.density(new float[3])).hasMessage("density has 3 entries, allowed: 500");
        float[] broken = new float[SAMPLES];
        broken[42] = Float.NaN;
        assertThatThrownBy(() -> joint.consistency(broken)).hasMessageContaining("consistency[42] is NaN");
    }

    private static DensityConsistency joint(double ratio) {
        return new DensityConsistency(new int[SAMPLES], ratio, ProbabilityMap.MIN_MAX, GumbelTopK.global(1));
    }

    private static float[] ramp() {
        float[] ramp = new float[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            ramp[i] = i;
        }
        return ramp;
    }

    private static float[] reversed(float[] values) {
        float[] reversed = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            reversed[i] = values[values.length - 1 - i];
        }
        return reversed;
    }
}
