package dev.quern.nn;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.quern.nn.ConvolutionCheck.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both ways of 1×1 convolutions agree with float64, and no convolution sees channels before pixels. */
class ConvolutionTest {
    /** A sample of the networks' convolutions; {@link ConvolutionParityTest} takes all of them. */
    private static final List<Shape> SAMPLE = List.of(
            new Shape(3, 16, 3, 1, 32),
            new Shape(3, 8, 3, 1, 7),
            new Shape(8, 24, 3, 1, 8),
            new Shape(24, 48, 3, 2, 14),
            new Shape(64, 64, 3, 1, 4),
            new Shape(128, 32, 3, 1, 1),
            new Shape(3, 64, 7, 2, 64),
            new Shape(3, 48, 8, 8, 32));

    /** As {@link #SAMPLE}, of kernels of one pixel, those that divide by zero where caches are hidden among them. */
    private static final List<Shape> POINTWISE = List.of(
            new Shape(3, 8, 1, 1, 5),
            new Shape(64, 256, 1, 1, 8),
            new Shape(256, 64, 1, 1, 8),
            new Shape(256, 512, 1, 2, 8),
            new Shape(256, 1024, 1, 1, 8),
            new Shape(128, 128, 1, 2, 7),
            new Shape(512, 32, 1, 1, 1));

    private static final List<Long> BATCHES = List.of(1L, 2L, 7L);

    @BeforeAll
    static void useTwoThreads() {
        TorchThreads.set(2);
    }

    @AfterEach
    void chooseByMachine() {
        System.clearProperty(Pointwise.SETTING);
    }

    static Stream<Shape> sample() {
        return SAMPLE.stream();
    }

    @ParameterizedTest
    @MethodSource("sample")
    void valuesAndGradientsAreThoseOfFloat64(Shape shape) {
        assertNoError(shape);
    }

    /** Where caches are hidden {@link Pointwise#CONVOLUTION} would end the process. */
    static Stream<Pointwise> ways() {
        return Stream.of(Pointwise.values())
                .filter(way -> way == Pointwise.LINEAR || Pointwise.chosen() == Pointwise.CONVOLUTION);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void pointwiseConvolutionsAreThoseOfFloat64EitherWay(Pointwise way) {
        choose(way);
        POINTWISE.forEach(ConvolutionTest::assertNoError);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void pointwiseConvolutionsHaveTheSameBitsFromRunToRun(Pointwise way) {
        choose(way);
        try (PointerScope scope = new PointerScope()) {
            Tensor x = torch.randn(9, 64, 14, 14);
            Tensor weight = torch.randn(96, 64, 1, 1);
            Tensor first = Convolution.convolve(x, weight, new TensorOptional(), 2, 0);
            for (int run = 0; run < 20; run++) {
                assertThat(Convolution.convolve(x, weight, new TensorOptional(), 2, 0)
                                .equal(first))
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theResultIsInChannelsLastOrderHoweverTheInputLies(Pointwise way) {
        choose(way);
        try (PointerScope scope = new PointerScope()) {
            Tensor whole = torch.randn(4, 8, 6, 6);
            List<Tensor> inputs = List.of(
                    whole,
                    whole.contiguous(MemoryFormat.ChannelsLast),
                    whole.transpose(2, 3),
                    whole.narrow(3, 1, 4),
                    whole.narrow(1, 2, 3),
                    torch.randn(1, 8, 6, 6),
                    torch.randn(4, 8, 1, 1),
                    torch.randn(1, 8, 1, 1),
                    torch.randn(4, 8, 1, 1).expand(4, 8, 5, 5));
            for (Tensor x : inputs) {
                for (int kernel : new int[] {1, 3}) {
                    Tensor weight = torch.randn(16, x.size(1), kernel, kernel);
                    Tensor y = Convolution.convolve(x, weight, new TensorOptional(), 1, kernel / 2);
                    assertThat(order(y)).isEqualTo(MemoryFormat.ChannelsLast);
                    assertThat(y.shape()).containsExactly(x.size(0), 16, x.size(2), x.size(3));
                    Tensor plain =
                            Convolution.convolve(x.contiguous().clone(), weight, new TensorOptional(), 1, kernel / 2);
                    assertThat(y.equal(plain)).isTrue();
                }
            }
        }
    }

    @Test
    void noOtherClassConvolves() {
        DescribedPredicate<AccessTarget> convolution = DescribedPredicate.describe(
                "a convolution of LibTorch",
                target -> target.getOwner().getName().startsWith("org.bytedeco.pytorch")
                        && target.getName().contains("conv"));
        noClasses()
                .that()
                .doNotBelongToAnyOf(Convolution.class)
                .should()
                .callMethodWhere(JavaCall.Predicates.target(convolution))
                .check(new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("dev.quern"));
    }

    @Test
    void theSettingIsOneOfThree() {
        System.setProperty(Pointwise.SETTING, "fast");
        assertThatThrownBy(Pointwise::chosen)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("quern.pointwise is 'fast', allowed: auto, convolution, linear");
    }

    @Test
    void whatIsWrongIsFound() {
        assertThat(ConvolutionCheck.error(SAMPLE.get(0), 2, Precision.FP32, 0))
                .hasValueSatisfying(error -> assertThat(error)
                        .startsWith(
                                "values of a convolution in fp32, 3×3 from 3 to 16 channels, stride 1, 32×32 pixels, "
                                        + "batch 2, are off by ")
                        .endsWith(" of the largest, allowed: 0"));
    }

    private static MemoryFormat order(Tensor x) {
        return x.suggest_memory_format().intern();
    }

    private static void assertNoError(Shape shape) {
        List<String> errors = new ArrayList<>();
        for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
            for (long batch : BATCHES) {
                ConvolutionCheck.error(shape, batch, precision).ifPresent(errors::add);
            }
        }
        assertThat(errors).isEmpty();
    }

    private static void choose(Pointwise way) {
        System.setProperty(Pointwise.SETTING, way.name().toLowerCase(Locale.ROOT));
    }
}
