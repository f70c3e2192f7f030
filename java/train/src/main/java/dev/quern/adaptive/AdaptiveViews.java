package dev.quern.adaptive;

import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.NoAugment;
import dev.quern.augment.policy.MagnitudeAugment;
import dev.quern.augment.policy.MagnitudeAugment.OpDraw;
import dev.quern.augment.policy.MagnitudeSpace;
import dev.quern.augment.policy.Placement;
import dev.quern.augment.policy.Placement.Part;
import dev.quern.data.ImageDataset;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/** How AdaAugment and EntAugment show an image to the network: an op, a crop of the image padded by 4 pixels, a flip, a cutout. */
public record AdaptiveViews(MagnitudeSpace space, int height, int width) {
    private static final int PADDING = 4;
    private static final Set<Part> ALL = EnumSet.allOf(Part.class);

    /** Of a data set's images. */
    public static AdaptiveViews of(AdaptiveConfig adaptive, ImageDataset data) {
        return new AdaptiveViews(adaptive.space().orElseThrow(), data.height(), data.width());
    }

    /** TrivialAugment over the same ops, before there are magnitudes. */
    public AugmentPolicy trivial() {
        return placed(MagnitudeAugment.trivial(space, 0), ALL, 0);
    }

    /** Each sample at its magnitude. */
    public AugmentPolicy adaptive(String name, IntToDoubleFunction magnitudes) {
        return placed(MagnitudeAugment.of(name, space, OpDraw.EVERY_SAMPLE, magnitudes, 0), ALL, 0);
    }

    /** Not augmented: placed alike, without a cutout. */
    public AugmentPolicy plain() {
        return placed(new NoAugment(), EnumSet.of(Part.FLIP), 0);
    }

    /** Not augmented: a crop of its own and nothing else. */
    public AugmentPolicy plainUnmatched() {
        return placed(new NoAugment(), Set.of(), 1);
    }

    /** At the largest magnitude: the op of the adaptive view, or one for the run. */
    public AugmentPolicy full(OpDraw ops, Geometry geometry) {
        int opView = ops == OpDraw.ONCE ? 2 : 0;
        int placeView = geometry == Geometry.UNMATCHED ? 2 : 0;
        return placed(MagnitudeAugment.of("full", space, ops, sample -> 1, opView), ALL, placeView);
    }

    /** Whether a view is placed as the adaptive one. */
    public enum Geometry {
        MATCHED,
        UNMATCHED
    }

    private AugmentPolicy placed(AugmentPolicy inner, Set<Part> parts, int view) {
        return new Placement(inner, height, width, PADDING, parts, view);
    }
}
