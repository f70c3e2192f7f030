package dev.quern.bench.workload;

import dev.quern.augment.NoAugment;
import dev.quern.bench.peer.PeerProcess;
import dev.quern.data.ImageDataset;
import dev.quern.data.format.ShapesDataset;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.Isa;
import dev.quern.nn.CpuFeatures;
import dev.quern.nn.Initialization;
import dev.quern.nn.Mode;
import dev.quern.nn.Network;
import dev.quern.nn.Precision;
import dev.quern.nn.StateDict;
import dev.quern.nn.TorchThreads;
import dev.quern.nn.model.Model;
import dev.quern.train.Adaptation;
import dev.quern.train.InputBatches;
import dev.quern.train.Learner;
import dev.quern.train.TrainerSettings;
import dev.quern.train.optimizer.Timeline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Forward pass, backward pass and Nesterov step on one batch that is in memory, in bfloat16 where the processor has it. The learning rate is
 * next to nothing, so that every step sees the same weights, and its loss is checked against the loss in float32.
 */
final class TrainingStepWorkload implements Workload {
    private static final int BATCH = 128;
    private static final int CLASSES = 10;
    private static final double STILL = 1e-30;
    private static final int STEPS = 1_000_000;

    private final double operations;
    private final Precision precision = CpuFeatures.fastestPrecision();
    private final FusedAugment.Normalization normalization = FusedAugment.Normalization.CIFAR10;
    private final ImageDataset data = ShapesDataset.generate(ShapesDataset.Options.DEFAULT.withSizes(BATCH, CLASSES))
            .train();
    private final Network network;
    private Subject subject;
    private double expected;
    private double loss;

    /** The network's learner and its batch, in one precision. */
    private record Subject(Learner learner, InputBatches batches) implements AutoCloseable {
        double step() {
            return learner.step(batches, 0, Adaptation.NONE);
        }

        @Override
        public void close() {
            learner.close();
            batches.close();
        }
    }

    /** @param products of one image's forward pass; a backward pass has twice as many */
    private TrainingStepWorkload(Model model, double products) {
        operations = 3 * 2 * products * BATCH;
        network = model.create(CLASSES);
        Initialization.apply(network, 1);
        network.mode(Mode.TRAIN);
    }

    static TrainingStepWorkload resnet18() {
        return new TrainingStepWorkload(Model.RESNET18, 555_422_720);
    }

    static TrainingStepWorkload resnet20() {
        return new TrainingStepWorkload(Model.RESNET20, 40_551_040);
    }

    @Override
    public void run(Engine engine) {
        if (subject == null) {
            TorchThreads.set(engine.threads());
            try (Subject exact = subject(engine, Precision.FP32)) {
                expected = exact.step();
            }
            subject = subject(engine, precision);
        }
        loss = subject.step();
    }

    private Subject subject(Engine engine, Precision precision) {
        FusedAugment kernel = FusedAugment.UINT8.normalized(precision.input(), FusedAugment.Layout.NHWC, normalization);
        InputBatches batches = new InputBatches(engine, kernel, data, BATCH, 1, 0);
        batches.start(new InputBatches.Pass(IntStream.range(0, BATCH).toArray(), List.of(new NoAugment()), 0, 0));
        try {
            batches.next();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        TrainerSettings settings = new TrainerSettings(
                1, 1, BATCH, TrainerSettings.Schedule.ONE_CYCLE, STILL, 1, 5e-4, 0, 0, 0, 0, precision, 0, 0, 1);
        return new Subject(new Learner(network, settings, Timeline.uniform(1, STEPS)), batches);
    }

    @Override
    public float[] output() {
        return new float[] {(float) loss};
    }

    @Override
    public double error(float[] output) {
        return Math.abs(output[0] - expected);
    }

    @Override
    public double tolerance() {
        return precision == Precision.BF16 ? 1e-2 : 1e-5;
    }

    @Override
    public Limit limit(Ceilings ceilings) {
        return ceilings.operations(precision == Precision.BF16 ? "GEMM bf16" : "GEMM fp32", operations);
    }

    @Override
    public void save(Path folder) throws IOException {
        ByteBuffer images = ByteBuffer.allocate(BATCH * data.imageBytes());
        int[] labels = new int[BATCH];
        for (int i = 0; i < BATCH; i++) {
            data.read(i, images);
            labels[i] = data.label(i);
        }
        write(folder, "images", Tensor.of(images.array(), BATCH, data.height(), data.width(), 3));
        write(folder, "labels", Tensor.of(labels, BATCH));
        write(folder, "mean", Tensor.of(normalization.mean(), 3));
        write(folder, "std", Tensor.of(normalization.std(), 3));
        write(folder, "bfloat16", Tensor.of(new int[] {precision == Precision.BF16 ? 1 : 0}, 1));
        for (Map.Entry<String, Tensor> weight : StateDict.of(network).entrySet()) {
            write(folder, weight.getKey(), weight.getValue());
        }
    }

    private static void write(Path folder, String name, Tensor tensor) throws IOException {
        NpyFile.write(folder.resolve(name + ".npy"), tensor);
    }

    @Override
    public List<PeerProcess.Kind> peers() {
        return List.of(PeerProcess.Kind.PYTHON);
    }

    @Override
    public List<Isa> tiers() {
        return List.of(Isa.AUTO);
    }

    @Override
    public void close() {
        if (subject != null) {
            subject.close();
        }
        network.close();
    }
}
