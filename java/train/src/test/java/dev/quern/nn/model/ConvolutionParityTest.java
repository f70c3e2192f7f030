package dev.quern.nn.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.nn.ConvolutionCheck;
import dev.quern.nn.ConvolutionCheck.Shape;
import dev.quern.nn.Pointwise;
import dev.quern.nn.Precision;
import dev.quern.nn.TorchThreads;
import dev.quern.nn.Work;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every convolution of every network, with its own sizes, strides and precisions, at five batch sizes and two thread counts, beside float64. In a
 * process of its own, since some processors' convolutions end it.
 */
@Tag("long")
class ConvolutionParityTest {
    private static final long[] BATCHES = {1, 2, 7, 64, 128};
    private static final int[] THREADS = {1, 2};
    /** Multiply-adds above which a batch is left out: float64 would take minutes. */
    private static final double LARGEST = 2e9;

    private static final String TRIED = "tried ";
    private static final String WRONG = "wrong ";

    /** Arguments: the network, and how many of its cases to leave out. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            List<Shape> shapes = shapes(Model.valueOf(arguments[0]));
            int first = Integer.parseInt(arguments[1]);
            int place = 0;
            for (int threads : THREADS) {
                TorchThreads.set(threads);
                for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
                    for (Shape shape : shapes) {
                        for (long batch : BATCHES) {
                            if (batch * shape.multiplyAdds() <= LARGEST && place++ >= first) {
                                System.out.println(TRIED + shape + ", " + precision + ", batch " + batch + ", "
                                        + threads + " threads");
                                ConvolutionCheck.error(shape, batch, precision)
                                        .ifPresent(error -> System.out.println(WRONG + error));
                            }
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyConvolutionAgreesWithFloat64(Model model) throws IOException, InterruptedException {
        int tried = 0;
        List<String> wrong = new ArrayList<>();
        List<String> crashed = new ArrayList<>();
        for (boolean over = false; !over; ) {
            Process child = start(model, tried);
            String last = "none";
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith(TRIED)) {
                        tried++;
                        last = line;
                    } else if (line.startsWith(WRONG)) {
                        wrong.add(line);
                    }
                }
            }
            over = child.waitFor() == 0;
            if (!over) {
                assertThat(crashed).as("the child cannot start").doesNotContain(last);
                crashed.add(last);
            }
        }
        System.out.printf(
                "%s: %d convolutions tried, %d wrong, %d crashed%n",
                model.label(), tried, wrong.size(), crashed.size());
        assertThat(wrong).isEmpty();
        assertThat(crashed).isEmpty();
    }

    /** The distinct convolutions of a network at all sizes it is published for. */
    private static List<Shape> shapes(Model model) {
        Set<Shape> shapes = new LinkedHashSet<>();
        for (Model.Setting setting : model.settings()) {
            model.show(setting, new Work() {
                @Override
                public void convolution(Tensor x, Tensor weight, long stride) {
                    shapes.add(new Shape(weight.size(1), weight.size(0), weight.size(2), stride, x.size(2)));
                }
            });
        }
        return List.copyOf(shapes);
    }

    private static Process start(Model model, int first) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-D" + Pointwise.SETTING + "=" + System.getProperty(Pointwise.SETTING, "auto"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        model.name(),
                        Integer.toString(first))
                .redirectErrorStream(true)
                .start();
    }
}
