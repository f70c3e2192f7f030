package dev.quern.surrogate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.data.ImageDataset;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.FusedAugment.Layout;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.nn.Initialization;
import dev.quern.nn.Mode;
import dev.quern.nn.Network;
import dev.quern.nn.Parameter;
import dev.quern.nn.Precision;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.TorchThreads;
import dev.quern.nn.model.Model;
import dev.quern.run.TinyRun;
import dev.quern.select.score.MovingOneSampleOut;
import dev.quern.train.Inference;
import dev.quern.train.StopSignal;
import dev.quern.train.optimizer.CrossEntropy;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SampleGradientsTest {
    private static final int SAMPLES = 7;
    private static final ImageDataset DATA = TinyRun.shapes(SAMPLES, 2).train();

    private static Engine engine;
    private static Network network;
    private static SampleGradients gradients;

    @BeforeAll
    static void open() {
        TorchThreads.set(1);
        engine = Engine.open(TorchThreads.engineOptions(1));
        network = Model.RESNET20.create(DATA.classNames().size());
        Initialization.apply(network, 3);
        FusedAugment kernel = FusedAugment.UINT8.normalized(DType.FLOAT32, Layout.NHWC, Normalization.CIFAR10);
        gradients = new SampleGradients(network, new Inference(engine, kernel, Precision.FP32, 3, new StopSignal()));
    }

    @AfterAll
    static void close() {
        network.close();
        engine.close();
    }

    @Test
    void theLastLayersClosedFormIsAutograds() throws IOException {
        double[] autograd = new double[SAMPLES];
        gradients.forEach(DATA, 1, (sample, gradient) -> {
            double squares = 0;
            for (Parameter parameter : network.classifier()) {
                Tensor own = parameter.value().grad();
                squares += own.mul(own).sum().item_double();
            }
            autograd[sample] = Math.sqrt(squares);
        });
        assertThat(gradients.lastLayer(DATA).norms()).containsExactly(autograd, within(1e-4));
    }

    /** Along its own direction a loss rises by the length of its gradient. */
    @Test
    void theNormByAllParametersIsTheSlopeOfTheLoss() throws IOException {
        double[] norms = Arrays.stream(gradients.products(DATA).squares())
                .map(Math::sqrt)
                .toArray();
        Map<Integer, float[]> directions = new HashMap<>();
        gradients.forEach(DATA, 1, (sample, gradient) -> directions.put(sample, floats(gradient)));
        double reach = 1e-3;
        for (int sample = 0; sample < SAMPLES; sample++) {
            double rise = lossAfter(sample, directions.get(sample), reach / norms[sample])
                    - lossAfter(sample, directions.get(sample), -reach / norms[sample]);
            assertThat(rise / (2 * reach)).isCloseTo(norms[sample], within(0.01 * norms[sample]));
        }
    }

    private static double lossAfter(int sample, float[] direction, double step) throws IOException {
        double[] losses = new double[SAMPLES];
        try (PointerScope scope = new PointerScope()) {
            move(direction, step);
            gradients.inference().forEachBatch(network, DATA, (first, features, labels) -> {
                float[] each = floats(CrossEntropy.ofSamples(network.classify(features), labels));
                for (int i = 0; i < each.length; i++) {
                    losses[first + i] = each[i];
                }
            });
            move(direction, -step);
        }
        return losses[sample];
    }

    private static void move(float[] direction, double step) {
        try (NoGradGuard guard = new NoGradGuard()) {
            network.flat().values().add_(TensorMemory.copyOf(direction), new Scalar(step));
        }
    }

    private static float[] floats(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        TensorMemory.bytes(tensor).asFloatBuffer().get(values);
        return values;
    }

    @Test
    void moSoByProductsIsMoSoByTheGradientsThemselves() throws IOException {
        int size = (int) network.flat().count();
        float[] all = new float[SAMPLES * size];
        gradients.forEach(
                DATA, 1, (sample, gradient) -> System.arraycopy(floats(gradient), 0, all, sample * size, size));
        MovingOneSampleOut whole = new MovingOneSampleOut(SAMPLES);
        whole.add(0.1, all, size);
        MovingOneSampleOut byProducts = new MovingOneSampleOut(SAMPLES);
        byProducts.add(0.1, gradients.products(DATA));
        double scale = whole.scores()[0];
        assertThat(scale).isGreaterThan(0);
        assertThat(byProducts.scores()).containsExactly(whole.scores(), within(1e-4 * scale));
    }

    @Test
    void theNetworkIsLeftAsItWas() throws IOException {
        float[] before = floats(network.flat().runningStatistics());
        network.mode(Mode.TRAIN);
        gradients.products(DATA);
        assertThat(floats(network.flat().runningStatistics())).isEqualTo(before);
        assertThat(floats(network.flat().gradients())).containsOnly(0);
    }
}
