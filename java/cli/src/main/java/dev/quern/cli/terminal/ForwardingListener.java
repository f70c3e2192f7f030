package dev.quern.cli.terminal;

import dev.quern.augment.AugmentPolicy;
import dev.quern.data.ImageDataset;
import dev.quern.train.TrainListener;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.Phase;
import java.io.IOException;

/** Passes on what it hears. */
public class ForwardingListener implements TrainListener {
    private TrainListener next = TrainListener.SILENT;

    /** From now on tells {@code listener} too. */
    public final void then(TrainListener listener) {
        next = listener;
    }

    @Override
    public final void phase(Phase phase, int epoch) {
        next.phase(phase, epoch);
    }

    @Override
    public final void step(int epoch, int epochs, int step, int steps, double imagesPerSecond) {
        next.step(epoch, epochs, step, steps, imagesPerSecond);
    }

    @Override
    public void epoch(EpochMetrics metrics) {
        next.epoch(metrics);
    }

    @Override
    public void finished(ImageDataset train, AugmentPolicy policy, int lastEpoch) throws IOException {
        next.finished(train, policy, lastEpoch);
    }

    @Override
    public final void warning(String message) {
        next.warning(message);
    }
}
