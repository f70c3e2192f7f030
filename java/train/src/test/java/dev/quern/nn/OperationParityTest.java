package dev.quern.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The operations of networks beside convolutions, values and gradients against float64 (see {@link ConvolutionCheck}). */
class OperationParityTest {
    /** Sides of matrices: heads, embeddings, perceptrons, and some around the widths of vectors and tiles. */
    private static final long[][] PRODUCTS = {
        {1, 64, 10},
        {7, 512, 100},
        {128, 64, 10},
        {197, 768, 768},
        {50, 768, 3072},
        {33, 97, 31},
        {16, 2048, 1000},
        {257, 17, 65}
    };

    private static final long[][] IMAGES = {
        {1, 16, 8, 8}, {2, 64, 7, 7}, {7, 24, 16, 16}, {32, 128, 4, 4}, {5, 3, 9, 11}
    };

    private interface Operation {
        /** Of x and y, float tensors of the same type. */
        Tensor apply(Tensor x, Tensor y);
    }

    enum Case {
        LINEAR(products(false), (x, y) -> torch.linear(x, y)),
        MATRIX_PRODUCT(products(true), Tensor::matmul),
        BATCHED_PRODUCT(batches(products(true)), Tensor::matmul),
        ATTENTION(
                batches(List.of(new long[][] {{12, 50, 64}, {12, 50, 64}}, new long[][] {{3, 17, 32}, {3, 17, 32}})),
                (x, y) -> torch.scaled_dot_product_attention(x, y, x)),
        BATCH_NORM(images(), (x, y) -> torch.batch_norm(x, none(), none(), none(), none(), true, 0.1, 1e-5, false)),
        AVERAGE(images(), (x, y) -> torch.avg_pool2d(x, 2, 2)),
        MAXIMUM(images(), (x, y) -> torch.max_pool2d(x, 2, 2)),
        GLOBAL_AVERAGE(images(), (x, y) -> x.mean(2, 3)),
        SUM_AND_PRODUCT(images(), (x, y) -> x.add(y).mul(x).relu()),
        GELU(images(), (x, y) -> torch.gelu(x));

        private final List<long[][]> shapes;
        private final Operation operation;

        Case(List<long[][]> shapes, Operation operation) {
            this.shapes = shapes;
            this.operation = operation;
        }
    }

    private static List<long[][]> products(boolean transposed) {
        List<long[][]> shapes = new ArrayList<>();
        for (long[] sides : PRODUCTS) {
            long[] second = transposed ? new long[] {sides[1], sides[2]} : new long[] {sides[2], sides[1]};
            shapes.add(new long[][] {{sides[0], sides[1]}, second});
        }
        return shapes;
    }

    private static List<long[][]> batches(List<long[][]> shapes) {
        return shapes.stream()
                .map(pair -> new long[][] {batch(pair[0]), batch(pair[1])})
                .toList();
    }

    private static long[] batch(long[] shape) {
        long[] batched = new long[shape.length + 1];
        batched[0] = 3;
        System.arraycopy(shape, 0, batched, 1, shape.length);
        return batched;
    }

    private static List<long[][]> images() {
        return List.of(IMAGES).stream()
                .map(shape -> new long[][] {shape, shape})
                .toList();
    }

    private static TensorOptional none() {
        return new TensorOptional();
    }

    @BeforeAll
    static void useTwoThreads() {
        TorchThreads.set(2);
    }

    @ParameterizedTest
    @EnumSource
    void valuesAndGradientsAreThoseOfFloat64(Case operation) {
        List<String> wrong = new ArrayList<>();
        for (long[][] shapes : operation.shapes) {
            for (ScalarType type : List.of(ScalarType.Float, ScalarType.BFloat16)) {
                try (PointerScope scope = new PointerScope()) {
                    Tensor x = ordered(torch.randn(shapes[0]).to(type));
                    Tensor y = ordered(torch.randn(shapes[1]).to(type));
                    List<Tensor> expected = run(operation, x, y, tensor -> tensor.to(ScalarType.Double));
                    List<Tensor> found = run(operation, x, y, tensor -> tensor);
                    for (int i = 0; i < found.size(); i++) {
                        double distance = distance(found.get(i), expected.get(i));
                        if (!(distance <= (type == ScalarType.Float ? 1e-4 : 3e-2))) {
                            wrong.add(Arrays.deepToString(shapes) + " " + type + " result " + i + ": " + distance);
                        }
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** The value and both gradients. */
    private static List<Tensor> run(Case operation, Tensor x, Tensor y, UnaryOperator<Tensor> conversion) {
        Tensor a = conversion.apply(x).detach().clone().requires_grad_(true);
        Tensor b = conversion.apply(y).detach().clone().requires_grad_(true);
        Tensor value = operation.operation.apply(a, b);
        // Whole numbers that both types hold.
        Tensor direction = torch.arange(new Scalar(value.numel()))
                .remainder(new Scalar(7L))
                .sub(new Scalar(3L))
                .view(value.shape())
                .to(value.scalar_type());
        value.backward(direction, new BoolOptional(), false, new TensorArrayRefOptional());
        List<Tensor> results = new ArrayList<>(List.of(value.detach(), a.grad()));
        if (b.grad().defined()) {
            results.add(b.grad());
        }
        return results;
    }

    private static Tensor ordered(Tensor x) {
        return x.dim() == 4 ? x.contiguous(MemoryFormat.ChannelsLast) : x;
    }

    private static double distance(Tensor found, Tensor expected) {
        return found.to(ScalarType.Double).sub(expected).abs().max().item_double()
                / Math.max(1e-30, expected.abs().max().item_double());
    }
}
