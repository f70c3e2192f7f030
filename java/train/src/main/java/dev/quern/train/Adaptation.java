package dev.quern.train;

import dev.quern.augment.AugmentPolicy;
import dev.quern.io.Tensor;
import dev.quern.nn.Network;
import dev.quern.train.record.MagnitudeMetrics;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Augmentation that adapts to what the network makes of each sample. Called on the training thread. */
public interface Adaptation extends StepObserver, AutoCloseable {
    /** Adapts nothing. */
    Adaptation NONE = new Adaptation() {};

    /** What has to be known before the first epoch; not called when a run is resumed. */
    default void prepare(Network network) throws IOException {}

    /**
     * The views of each sample in an epoch. The network learns from the first; the others are only observed.
     *
     * @param policy of the epoch
     */
    default List<AugmentPolicy> views(AugmentPolicy policy) {
        return List.of(policy);
    }

    /**
     * Looks at a batch before its images are augmented.
     *
     * @param policy of the first view
     * @return images that this and {@link #observe} show to the network beside the views
     */
    default long preview(AugmentPolicy policy, RawBatch batch) throws IOException {
        return 0;
    }

    /**
     * Changes a batch after its images are augmented, before the network sees them.
     *
     * @param policy of the first view
     * @param batch whose images may be written over
     * @return images that this and {@link #observe} show to the network beside the views
     */
    default long revise(AugmentPolicy policy, InputBatches batch) {
        return 0;
    }

    @Override
    default void observe(Observation step) {}

    /** Ends an epoch and tells what it came to. */
    default Optional<MagnitudeMetrics> finish(int epoch) {
        return Optional.empty();
    }

    /** Images that {@link #prepare} shows to the network. */
    default long preparationVisits() {
        return 0;
    }

    /** What a resumed run goes on from. */
    default Map<String, Tensor> state() {
        return Map.of();
    }

    /**
     * Takes up the state of an interrupted run.
     *
     * @throws IOException naming a tensor that is missing or has the wrong shape
     */
    default void restore(Map<String, Tensor> state) throws IOException {}

    @Override
    default void close() {}
}
