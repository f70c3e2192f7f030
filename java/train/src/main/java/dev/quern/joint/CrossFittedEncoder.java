package dev.quern.joint;

import dev.quern.clip.CrossFit;
import dev.quern.clip.DualEncoderTraining;
import dev.quern.data.ImageDataset;
import dev.quern.data.SubsetDataset;
import dev.quern.kernels.CosineConsistency;
import dev.quern.kernels.DType;
import dev.quern.kernels.NativeBuffer;
import dev.quern.nn.clip.DualEncoder;
import dev.quern.train.Inference;
import dev.quern.train.TrainListener;
import dev.quern.train.record.Phase;
import java.io.IOException;
import java.util.Arrays;

/**
 * Consistency from the data set alone: for each fold a {@link DualEncoder} learns from the other folds' images and given labels, and the
 * cosine of its image embedding with the text embedding of the label is taken for the fold's own samples.
 *
 * @param inference also says how images become inputs
 */
public record CrossFittedEncoder(
        ImageDataset data, Inference inference, ConsistencyConfig.CrossFitted config, long seed, TrainListener listener)
        implements ConsistencySource {
    @Override
    public float[] consistency() throws IOException {
        float[] consistency = new float[data.size()];
        DualEncoderTraining training = new DualEncoderTraining(data, inference, config.epochs(), seed);
        CrossFit[] folds = CrossFit.folds(data.size(), config.folds(), seed);
        for (int fold = 0; fold < folds.length; fold++) {
            listener.phase(Phase.DUAL_ENCODER, fold);
            try (DualEncoder encoder = training.learn(folds[fold].learned(), fold)) {
                score(encoder, folds[fold].scored(), consistency);
            }
        }
        return consistency;
    }

    /** Writes the cosines of {@code samples} into their places in {@code consistency}. */
    private void score(DualEncoder encoder, int[] samples, float[] consistency) throws IOException {
        SubsetDataset held = new SubsetDataset(data.name() + " fold", data, samples);
        int[] labels = Arrays.stream(samples).map(data::label).toArray();
        try (NativeBuffer images = inference.normalizedFeatures(encoder, held);
                NativeBuffer texts = DualEncoderTraining.texts(encoder);
                NativeBuffer index = NativeBuffer.copyOf(labels, labels.length);
                NativeBuffer cosines = NativeBuffer.allocate(DType.FLOAT32, samples.length)) {
            CosineConsistency.ofIndexedRows(inference.engine(), images, texts, index, cosines);
            float[] values = cosines.toFloats();
            for (int i = 0; i < samples.length; i++) {
                consistency[samples[i]] = values[i];
            }
        }
    }
}
