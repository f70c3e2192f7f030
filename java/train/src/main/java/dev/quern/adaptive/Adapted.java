package dev.quern.adaptive;

import dev.quern.augment.AugmentPolicy;
import dev.quern.train.Adaptation;
import java.util.function.IntFunction;

/** Augmentation of selected samples by epoch, and what adapts it. */
public record Adapted(IntFunction<AugmentPolicy> policy, Adaptation adaptation) implements AutoCloseable {
    @Override
    public void close() {
        adaptation.close();
    }
}
