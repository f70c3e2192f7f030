package dev.quern.nn;

import dev.quern.kernels.Device;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The weights, gradients and buffers of a network, each kind in one flat tensor of which the named ones are views: an optimiser step, a
 * gradient norm or a weight average is one vector operation whatever the depth of the network.
 */
public final class FlatParameters implements AutoCloseable {
    private final List<Parameter> parameters = new ArrayList<>();
    private final Map<String, BatchNorm> norms = new LinkedHashMap<>();
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private final Map<String, Constant> constants = new LinkedHashMap<>();
    private final List<Tensor> gradientViews = new ArrayList<>();
    private Tensor values;
    private Tensor gradients;
    private Tensor runningStatistics;
    private Tensor batchCounts;

    /** None yet. */
    public FlatParameters() {}

    /** Adds a weight; it has memory once all are declared. */
    public Parameter declare(String name, InitialValue start, long... shape) {
        Parameter parameter = new Parameter(name, start, shape);
        parameters.add(parameter);
        return parameter;
    }

    void declare(String name, BatchNorm norm) {
        norms.put(name, norm);
    }

    /** Numbers that a public state dict holds although they never change. */
    public Constant constant(String name, long... numbers) {
        Constant constant = new Constant(numbers);
        constants.put(name, constant);
        return constant;
    }

    /** Makes the memory and binds every declared weight and buffer to its view. */
    public void allocate() {
        allocate((type, length) -> torch.zeros(new long[] {length}, new TensorOptions(type)));
    }

    /** Binds every declared weight and buffer to one and the same zero, for where only shapes matter. */
    public void allocateShapes() {
        allocate((type, length) ->
                torch.zeros(new long[] {1}, new TensorOptions(type)).expand(length));
    }

    private void allocate(BiFunction<ScalarType, Long, Tensor> memory) {
        try (PointerScope scope = new PointerScope()) {
            long count = parameters.stream().mapToLong(Parameter::size).sum();
            long channels =
                    norms.values().stream().mapToLong(BatchNorm::channels).sum();
            values = keep(memory.apply(ScalarType.Float, count));
            gradients = keep(memory.apply(ScalarType.Float, count));
            runningStatistics = keep(memory.apply(ScalarType.Float, 2 * channels));
            batchCounts = keep(memory.apply(ScalarType.Long, (long) norms.size()));
            bindParameters();
            bindNorms();
            constants.values().forEach(Constant::allocate);
        }
    }

    /**
     * Moves all of it to a device; views of before are no longer valid. Before optimisers and averages are made, whose memory lies beside it.
     */
    public void to(Device device) {
        try (PointerScope scope = new PointerScope()) {
            List<Tensor> before = List.of(values, gradients, runningStatistics, batchCounts);
            closeViews();
            values = keep(TensorMemory.on(device, values));
            gradients = keep(TensorMemory.on(device, gradients));
            runningStatistics = keep(TensorMemory.on(device, runningStatistics));
            batchCounts = keep(TensorMemory.on(device, batchCounts));
            before.forEach(Tensor::close);
            bindParameters();
            bindNorms();
            constants.values().forEach(constant -> constant.to(device));
        }
    }

    private void bindParameters() {
        long offset = 0;
        for (Parameter parameter : parameters) {
            Tensor value = keep(slice(values, offset, parameter.size(), parameter.shape()));
            Tensor gradient = keep(slice(gradients, offset, parameter.size(), parameter.shape()));
            value.set_requires_grad(true);
            value.mutable_grad().put(gradient);
            gradientViews.add(gradient);
            parameter.bind(value);
            offset += parameter.size();
        }
    }

    private void bindNorms() {
        long offset = 0;
        long index = 0;
        for (Map.Entry<String, BatchNorm> entry : norms.entrySet()) {
            String name = entry.getKey();
            long width = entry.getValue().channels();
            Tensor mean = keep(slice(runningStatistics, offset, width, width));
            Tensor variance = keep(slice(runningStatistics, offset + width, width, width));
            buffers.put(name + ".running_mean", mean);
            buffers.put(name + ".running_var", variance);
            buffers.put(name + ".num_batches_tracked", keep(slice(batchCounts, index, 1)));
            entry.getValue().bind(mean, variance);
            offset += 2 * width;
            index++;
        }
    }

    private static Tensor slice(Tensor flat, long offset, long size, long... shape) {
        return flat.narrow(0, offset, size).view(shape).detach();
    }

    /** Lets a tensor outlive the scope it was made in, until it is closed. */
    private static Tensor keep(Tensor tensor) {
        return tensor.retainReference();
    }

    /** The weights in the order of the state dict. */
    public List<Parameter> parameters() {
        return List.copyOf(parameters);
    }

    /** Running means, variances (float32) and batch counts (int64 scalars) by their state-dict names. */
    public Map<String, Tensor> buffers() {
        return Collections.unmodifiableMap(buffers);
    }

    /** Numbers that never change, int64, by their state-dict names. */
    public Map<String, Tensor> constants() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        constants.forEach((name, constant) -> tensors.put(name, constant.value()));
        return tensors;
    }

    /** All weights, float32 [count]. */
    public Tensor values() {
        return values;
    }

    /** All gradients, in the order of {@link #values()}; backward passes add to them. */
    public Tensor gradients() {
        return gradients;
    }

    /** All running means and variances, float32. */
    public Tensor runningStatistics() {
        return runningStatistics;
    }

    /** How many batches each batch norm has seen, int64. */
    public Tensor batchCounts() {
        return batchCounts;
    }

    /** Number of trainable values. */
    public long count() {
        return parameters.stream().mapToLong(Parameter::size).sum();
    }

    /** Sets every gradient to zero, keeping its memory. */
    public void zeroGradients() {
        gradients.zero_();
    }

    /** Counts a batch seen by the batch norms. */
    public void countBatch() {
        try (Scalar one = new Scalar(1L)) {
            batchCounts.add_(one);
        }
    }

    private void closeViews() {
        parameters.forEach(parameter -> parameter.value().close());
        gradientViews.forEach(Tensor::close);
        gradientViews.clear();
        buffers.values().forEach(Tensor::close);
        norms.values().forEach(BatchNorm::close);
    }

    @Override
    public void close() {
        closeViews();
        constants.values().forEach(constant -> constant.value().close());
        List.of(values, gradients, runningStatistics, batchCounts).forEach(Tensor::close);
    }

    /** Numbers of a network that are not learned. */
    public static final class Constant {
        private final long[] numbers;
        private Tensor value;

        private Constant(long[] numbers) {
            this.numbers = numbers;
        }

        private void allocate() {
            value = keep(torch.tensor(numbers));
        }

        private void to(Device device) {
            Tensor before = value;
            value = keep(TensorMemory.on(device, before));
            before.close();
        }

        /** The numbers, on the network's device. */
        public Tensor value() {
            return value;
        }
    }
}
