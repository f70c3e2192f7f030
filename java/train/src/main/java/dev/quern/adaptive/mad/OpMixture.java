package dev.quern.adaptive.mad;

import dev.quern.augment.Augmenter;
import dev.quern.augment.policy.PreferredOps;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.EraseBoxes;
import dev.quern.kernels.NativeBuffer;
import dev.quern.nn.TensorMemory;
import dev.quern.nn.adaptive.OpPolicy.Preferences;
import dev.quern.train.Inference;
import dev.quern.train.RawBatch;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Images through which a policy over ops can learn (MADAug, Hou et al. 2023): x̃ = Σ_o w_o·(o(x, m_o) + m_o − m_o held fixed). Weights have their
 * derivative, and every pixel after an op that of 1 by the op's magnitude.
 *
 * @param ops that are mixed
 * @param inference whose engine and input format are used
 */
record OpMixture(PreferredOps ops, Inference inference) {
    /**
     * The mixtures of a batch, float32 [B,3,H,W], to be differentiated by the preferences.
     *
     * @param visit to the samples of the batch, whose magnitudes the ops know
     * @param own weights and magnitudes of the samples
     */
    Tensor of(Augmenter.Visit visit, RawBatch images, Preferences own) {
        long[] shape = images.images().shape();
        long batch = images.size();
        int height = (int) shape[1];
        int width = (int) shape[2];
        shape[0] = PreferredOps.OPS * batch;
        try (NativeBuffer all = NativeBuffer.allocate(
                        inference.engine().device(), inference.kernel().dtype(), shape);
                AugmentBatch rows = new AugmentBatch((int) shape[0], 1)) {
            EraseBoxes squares = new EraseBoxes();
            ops.drawAll(visit, images.shown(), height, width, rows, squares);
            inference.kernel().apply(inference.engine(), images.images(), rows, all);
            squares.apply(inference.engine(), all, inference.kernel().layout());
            Tensor weights = own.weights().t().reshape(PreferredOps.OPS, batch, 1, 1, 1);
            Tensor moved = own.magnitudes().sub(own.magnitudes().detach());
            // A copy: the graph needs it when the buffer is gone.
            return TensorMemory.channelsLast(all, shape[0])
                    .to(ScalarType.Float, false, true, new MemoryFormatOptional())
                    .view(PreferredOps.OPS, batch, 3, height, width)
                    .mul(weights)
                    .sum(0)
                    .add(moved.mul(own.weights().detach()).sum(1).view(batch, 1, 1, 1));
        }
    }
}
