package dev.quern.nn.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.Mode;
import dev.quern.nn.Pass;
import dev.quern.nn.TensorMemory;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImageAugmenterTest {
    private static final ImageAugmenter.Setting SETTING = new ImageAugmenter.Setting(0.5, 0.8, 0.8, 0.05);
    private static final Pass PASS = new Pass(Mode.TRAIN, 1, 0);

    private final PointerScope scope = new PointerScope();

    @AfterEach
    void release() {
        scope.close();
    }

    @Test
    void anAugmenterThatHasNotLearnedLeavesImagesAsTheyAre() {
        Tensor images = torch.rand(4, 3, 5, 6);
        try (ImageAugmenter augmenter = new ImageAugmenter(3, SETTING, 1)) {
            ImageAugmenter.Augmented made = augmenter.of(images, images, labels(0, 2, 1, 2), 1, 0);
            assertThat(difference(made.recolored(), images)).isLessThan(1e-6);
            assertThat(difference(made.images(), images)).isLessThan(1e-5);
        }
    }

    @Test
    void itsRandomNumbersChangeWithTheStepAlone() {
        Tensor images = torch.rand(4, 3, 5, 6);
        Tensor labels = labels(0, 2, 1, 2);
        try (ImageAugmenter augmenter = new ImageAugmenter(3, SETTING, 1)) {
            augmenter.flat().values().add_(new Scalar(0.1));
            Tensor first = augmenter.of(images, images, labels, 1, 7).images();
            assertThat(difference(augmenter.of(images, images, labels, 1, 7).images(), first))
                    .isZero();
            assertThat(difference(augmenter.of(images, images, labels, 1, 8).images(), first))
                    .isGreaterThan(0.01);
        }
    }

    @Test
    void aWarpTakesEachPlaceFromWhereItsMatrixSays() {
        Tensor row = tensor(1, 2, 3, 4).view(1, 1, 1, 4);
        // Of a width of 2, half is one pixel of four.
        Tensor moved = AffineMap.warp(row, tensor(1, 0, 0.5f, 0, 1, 0).view(1, 2, 3));
        assertThat(TensorMemory.floats(moved)).containsExactly(2, 3, 4, 0);
        Tensor mirrored = AffineMap.warp(row, tensor(-1, 0, 0, 0, 1, 0).view(1, 2, 3));
        assertThat(TensorMemory.floats(mirrored)).containsExactly(4, 3, 2, 1);
    }

    /** σ(ln 3) − ½ = ¼. */
    @Test
    void anAffineMapIsTheIdentityAndAResidualOfItsScaleAndStrength() {
        FlatParameters parameters = new FlatParameters();
        AffineMap map = new AffineMap(parameters, 2, 0.5, 0, 0);
        parameters.allocate();
        set(parameters, "geometry.2.bias", (float) Math.log(3), 0, 0, 0, 0, (float) -Math.log(3));
        Tensor matrices = map.matrices(torch.ones(2, 2), tensor(1, 0.4f), PASS);
        assertThat(TensorMemory.floats(matrices))
                .containsExactly(new float[] {1.125f, 0, 0, 0, 1, -0.125f, 1.05f, 0, 0, 0, 1, -0.05f}, within(1e-6f));
        parameters.close();
    }

    @Test
    void aColorMapScalesAndShiftsEachChannelByPixelAndImageTogether() {
        FlatParameters parameters = new FlatParameters();
        ColorMap map = new ColorMap(parameters, 2, 2, 0.8, 0, 0);
        parameters.allocate();
        float quarter = (float) Math.log(3);
        set(parameters, "color.pixel.2.bias", quarter, 0, 0, 0, 0, -quarter);
        set(parameters, "color.image.2.bias", 0, quarter);
        Tensor colors = tensor(0.8f, 0.5f, 0.1f).view(1, 3, 1, 1);
        ColorMap.Factors factors = map.factors(colors, torch.ones(1, 2), torch.ones(1, 2), tensor(1), PASS);
        assertThat(TensorMemory.floats(factors.scale())).containsExactly(new float[] {1.2f, 1, 1}, within(1e-6f));
        assertThat(TensorMemory.floats(factors.shift())).containsExactly(new float[] {0.25f, 0.25f, 0}, within(1e-6f));
        // 1.2 · 0.8 + 0.25 = 1.21 is folded.
        assertThat(TensorMemory.floats(ColorMap.recolor(colors, factors)))
                .containsExactly(new float[] {0.79f, 0.75f, 0.1f}, within(1e-6f));
        parameters.close();
    }

    @Test
    void theTriangleWaveFoldsColorsBackAndTurnsTheirSlope() {
        Tensor x = tensor(-1.5f, -0.25f, 0, 0.75f, 1, 1.25f, 2.5f).requires_grad_(true);
        Tensor folded = ColorMap.fold(x);
        assertThat(TensorMemory.floats(folded.detach())).containsExactly(0.5f, 0.25f, 0, 0.75f, 1, 0.75f, 0.5f);
        folded.sum().backward();
        float[] slopes = TensorMemory.floats(x.grad());
        assertThat(slopes).contains(1, org.assertj.core.data.Index.atIndex(3));
        assertThat(slopes).contains(-1, org.assertj.core.data.Index.atIndex(5));
        assertThat(slopes).contains(1, org.assertj.core.data.Index.atIndex(6));
    }

    /** σ((ln(0.6/0.4) + 0)/0.05) = σ(8.1093). */
    @Test
    void aRelaxedBernoulliVariableIsNearOneAsOftenAsItsLogitSays() {
        assertThat(TensorMemory.floats(ImageAugmenter.relaxedBernoulli(tensor(0, 0), tensor(0.5f, 0.6f), 0.05)))
                .containsExactly(new float[] {0.5f, 0.999699f}, within(1e-5f));
        Tensor uniform = torch.arange(new Scalar(1000)).to(ScalarType.Float).div(new Scalar(1000.0));
        Tensor logits = torch.ones(1000).mul(new Scalar(Math.log(3)));
        Tensor strengths = ImageAugmenter.relaxedBernoulli(logits, uniform, 0.05);
        assertThat(strengths.gt(new Scalar(0.5)).sum().item_long()).isBetween(748L, 751L);
    }

    @Test
    void aSettingOutOfRangeIsRefusedByName() {
        assertThatThrownBy(() -> new ImageAugmenter.Setting(0.5, 0.8, 1, 0.05))
                .hasMessage("dropout is 1.0, allowed: 0 up to below 1");
        assertThatThrownBy(() -> new ImageAugmenter.Setting(0.5, 0.8, 0, 0))
                .hasMessage("temperature is 0.0, allowed: above 0, at most 10");
    }

    private static void set(FlatParameters parameters, String name, float... values) {
        parameters.parameters().stream()
                .filter(parameter -> parameter.name().equals(name))
                .forEach(parameter ->
                        TensorMemory.bytes(parameter.value()).asFloatBuffer().put(values));
    }

    private static Tensor tensor(float... values) {
        return TensorMemory.copyOf(values);
    }

    private static Tensor labels(int... labels) {
        return torch.tensor(labels).to(ScalarType.Long);
    }

    private static double difference(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item_double();
    }
}
