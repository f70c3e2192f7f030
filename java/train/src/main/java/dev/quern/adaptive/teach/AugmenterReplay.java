package dev.quern.adaptive.teach;

import dev.quern.nn.adaptive.ImageAugmenter;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Augmenters of earlier epochs, which go on making images beside the one that learns (TeachAugment, Suzuki 2022). */
final class AugmenterReplay implements AutoCloseable {
    private final ImageAugmenter present;
    private final ImageAugmenter past;
    private final int most;
    private final double decay;
    private final List<Tensor> kept = new ArrayList<>();

    /**
     * @param present that learns
     * @param past of the same size, to be overwritten and closed
     * @param most that are kept, the newest, ≥ 1
     * @param decay how much less often one is used than the next newer one, above 0, at most 1
     */
    AugmenterReplay(ImageAugmenter present, ImageAugmenter past, int most, double decay) {
        this.present = present;
        this.past = past;
        this.most = most;
        this.decay = decay;
    }

    /** Keeps the present weights. */
    void store() {
        if (kept.size() == most) {
            kept.remove(0).close();
        }
        add();
        kept.get(kept.size() - 1).copy_(present.flat().values());
    }

    private void add() {
        try (PointerScope scope = new PointerScope()) {
            kept.add(torch.zeros_like(present.flat().values()).retainReference());
        }
    }

    /** Makes room for the weights of {@code count} augmenters, oldest first, in {@link #weights()}. */
    void resize(int count) {
        close(kept);
        while (kept.size() < count) {
            add();
        }
    }

    /** The weights of the past augmenters, oldest first. */
    List<Tensor> weights() {
        return List.copyOf(kept);
    }

    /** How old a drawn augmenter is: 0 the present one, 1 the newest of the past; for a uniform number in [0, 1). */
    int age(double uniform) {
        double weight = 1;
        double all = 0;
        for (int age = 0; age <= kept.size(); age++) {
            all += weight;
            weight *= decay;
        }
        double left = uniform * all;
        int age = 0;
        for (weight = 1; age < kept.size() && left >= weight; weight *= decay) {
            left -= weight;
            age++;
        }
        return age;
    }

    /** An augmenter of an age, valid until the next. */
    ImageAugmenter of(int age) {
        if (age == 0) {
            return present;
        }
        try (NoGradGuard guard = new NoGradGuard()) {
            past.flat().values().copy_(kept.get(kept.size() - age));
        }
        return past;
    }

    private static void close(List<Tensor> tensors) {
        tensors.forEach(Tensor::close);
        tensors.clear();
    }

    @Override
    public void close() {
        close(kept);
        past.close();
    }
}
