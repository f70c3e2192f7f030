package dev.quern.pipeline;

import dev.quern.augment.AugmentPolicy;
import dev.quern.data.ImageDataset;
import dev.quern.data.Philox;
import dev.quern.data.Slot;
import dev.quern.data.SubsetDataset;
import dev.quern.kernels.CosineConsistency;
import dev.quern.kernels.DType;
import dev.quern.kernels.NativeBuffer;
import dev.quern.nn.DualEncoder;
import dev.quern.nn.Initialization;
import dev.quern.nn.TensorMemory;
import dev.quern.train.Adaptation;
import dev.quern.train.Inference;
import dev.quern.train.InputBatches;
import dev.quern.train.Learner;
import dev.quern.train.Phase;
import dev.quern.train.Timeline;
import dev.quern.train.TrainListener;
import dev.quern.train.TrainerSettings;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * Consistency from the data set alone: for each fold a {@link DualEncoder} learns from the other folds' images and given labels, and the
 * cosine of its image embedding with the text embedding of the label is taken for the fold's own samples.
 *
 * @param inference also says how images become inputs
 */
record CrossFittedEncoder(
        ImageDataset data, Inference inference, ConsistencyConfig.CrossFitted config, long seed, TrainListener listener)
        implements ConsistencySource {
    private static final int BATCH = 128;
    private static final double LEARNING_RATE = 0.1;
    private static final double WEIGHT_DECAY = 5e-4;

    @Override
    public float[] consistency() throws IOException {
        float[] consistency = new float[data.size()];
        CrossFit[] folds = CrossFit.folds(data.size(), config.folds(), seed);
        for (int fold = 0; fold < folds.length; fold++) {
            listener.phase(Phase.DUAL_ENCODER, fold);
            try (DualEncoder encoder = new DualEncoder(data.classNames().size())) {
                Initialization.apply(encoder, seed + fold);
                learn(encoder, folds[fold].learned());
                score(encoder, folds[fold].scored(), consistency);
            }
        }
        return consistency;
    }

    private void learn(DualEncoder encoder, int[] samples) throws IOException {
        AugmentPolicy policy = Augmentation.NONE.of("", data, config.epochs());
        int stepsPerEpoch = (samples.length + BATCH - 1) / BATCH;
        try (Learner learner = new Learner(encoder, settings(), Timeline.uniform(config.epochs(), stepsPerEpoch));
                InputBatches batches = new InputBatches(
                        inference.engine(),
                        inference.kernel(),
                        data,
                        Math.min(BATCH, samples.length),
                        1,
                        policy.chain())) {
            long step = 0;
            for (int epoch = 0; epoch < config.epochs(); epoch++) {
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
                config.epochs(),
                config.epochs(),
                BATCH,
                TrainerSettings.Schedule.ONE_CYCLE,
                LEARNING_RATE,
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

    /** Writes the cosines of {@code samples} into their places in {@code consistency}. */
    private void score(DualEncoder encoder, int[] samples, float[] consistency) throws IOException {
        SubsetDataset held = new SubsetDataset(data.name() + " fold", data, samples);
        int[] labels = Arrays.stream(samples).map(data::label).toArray();
        try (NativeBuffer images = inference.normalizedFeatures(encoder, held);
                NativeBuffer texts = textEmbeddings(encoder);
                NativeBuffer index = NativeBuffer.copyOf(labels, labels.length);
                NativeBuffer cosines = NativeBuffer.allocate(DType.FLOAT32, samples.length)) {
            CosineConsistency.ofIndexedRows(inference.engine(), images, texts, index, cosines);
            float[] values = cosines.toFloats();
            for (int i = 0; i < samples.length; i++) {
                consistency[samples[i]] = values[i];
            }
        }
    }

    private static NativeBuffer textEmbeddings(DualEncoder encoder) {
        NativeBuffer texts = NativeBuffer.allocate(DType.FLOAT32, encoder.classes(), encoder.featureSize());
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            TensorMemory.view(texts).copy_(encoder.textEmbeddings());
        }
        return texts;
    }
}
