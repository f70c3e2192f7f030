package dev.quern.clip;

import dev.quern.augment.AugmentPolicy;
import dev.quern.data.ImageDataset;
import dev.quern.kernels.DType;
import dev.quern.kernels.NativeBuffer;
import dev.quern.nn.Initialization;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.clip.DualEncoder;
import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.setting.Augmentation;
import dev.quern.train.Adaptation;
import dev.quern.train.Inference;
import dev.quern.train.InputBatches;
import dev.quern.train.Learner;
import dev.quern.train.TrainerSettings;
import dev.quern.train.optimizer.Timeline;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * How a {@link DualEncoder} learns from the images and given labels of a data set, and what it makes of them.
 *
 * @param inference also says how images become inputs
 * @param epochs ≥ 1
 */
public record DualEncoderTraining(ImageDataset data, Inference inference, int epochs, long seed) {
    private static final int BATCH = 128;
    private static final double LEARNING_RATE = 0.1;
    private static final double WEIGHT_DECAY = 5e-4;

    /**
     * An encoder that has learned from {@code samples}, to be closed by the caller.
     *
     * @param fold its number; each starts from other weights
     */
    public DualEncoder learn(int[] samples, int fold) throws IOException {
        DualEncoder encoder = new DualEncoder(data.classNames().size());
        try {
            Initialization.apply(encoder, seed + fold);
            encoder.to(inference.engine().device());
            learn(encoder, samples);
            return encoder;
        } catch (IOException | RuntimeException failure) {
            encoder.close();
            throw failure;
        }
    }

    private void learn(DualEncoder encoder, int[] samples) throws IOException {
        AugmentPolicy policy = Augmentation.NONE.of("", data, epochs);
        int stepsPerEpoch = (samples.length + BATCH - 1) / BATCH;
        try (Learner learner = new Learner(encoder, settings(), Timeline.uniform(epochs, stepsPerEpoch));
                InputBatches batches = new InputBatches(
                        inference.engine(),
                        inference.kernel(),
                        data,
                        Math.min(BATCH, samples.length),
                        1,
                        policy.chain())) {
            long step = 0;
            for (int epoch = 0; epoch < epochs; epoch++) {
                int[] order = Philox.shuffle(samples.clone(), seed, epoch, Slot.SHUFFLE);
                batches.start(new InputBatches.Pass(order, List.of(policy), seed, epoch));
                while (batches.next()) {
                    inference.stop().check();
                    learner.step(batches, step++, Adaptation.NONE);
                }
            }
        }
    }

    private TrainerSettings settings() {
        return new TrainerSettings(
                epochs,
                epochs,
                BATCH,
                TrainerSettings.Schedule.ONE_CYCLE,
                LEARNING_RATE,
                1,
                WEIGHT_DECAY,
                0,
                0,
                0,
                0,
                inference.precision(),
                seed,
                0,
                1);
    }

    /** Embeddings of all images and classes, each of length 1. */
    ClipEmbeddings embed(DualEncoder encoder) throws IOException {
        int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
        try (NativeBuffer images = inference.normalizedFeatures(encoder, data);
                NativeBuffer texts = texts(encoder);
                PointerScope scope = new PointerScope()) {
            return new ClipEmbeddings(
                    TensorMemory.floats(TensorMemory.view(images)), texts.toFloats(), labels, encoder.featureSize());
        }
    }

    /** Text embeddings of the classes FLOAT32 [C,D], to be closed by the caller. */
    public static NativeBuffer texts(DualEncoder encoder) {
        NativeBuffer texts = NativeBuffer.allocate(DType.FLOAT32, encoder.classes(), encoder.featureSize());
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            TensorMemory.view(texts).copy_(encoder.textEmbeddings());
        }
        return texts;
    }
}
