package dev.quern.augment.policy;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.FusedRow;
import dev.quern.augment.FusedStep;
import dev.quern.augment.PixelStep;
import dev.quern.augment.Step;
import dev.quern.kernels.AugmentOp;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Op number {@code slot} of a sub-policy found by Fast AutoAugment (Lim et al. 2019) or DADA (Li et al. 2020), with their ops: raw Pillow
 * transforms, translations of parts of pixels, and a grey cutout, which runs in Java. The steps of all slots, in order, draw one sub-policy.
 */
public record SearchedOps(List<List<Choice>> policies, int slot) implements FusedStep, PixelStep {
    private static final int SLOTS_PER_OP = 4;
    private static final byte[] GREY = {125, 123, 114};

    /**
     * An op of a sub-policy.
     *
     * @param op null: cutout
     * @param probability in [0, 1]
     * @param level in [0, 1], a place in the op's range
     */
    public record Choice(AugmentOp op, double probability, double level) {
        public Choice {
            Arguments.share("prob", probability);
            Arguments.share("level01", level);
        }
    }

    /** One step per slot. */
    public static List<Step> steps(List<List<Choice>> policies) {
        int slots = policies.stream().mapToInt(List::size).max().orElseThrow();
        return IntStream.range(0, slots)
                .<Step>mapToObj(slot -> new SearchedOps(policies, slot))
                .toList();
    }

    @Override
    public Stage stage() {
        return Stage.OPS;
    }

    @Override
    public int chain() {
        return 1;
    }

    @Override
    public void draw(Draws draws, int height, int width, FusedRow row) {
        Draws shared = draws.before(slot);
        Choice choice = choice(shared);
        if (choice != null && choice.op() != null) {
            row.op(0, choice.op(), value(choice.op(), choice.level(), shared.sign(at(1)), height, width));
        }
    }

    @Override
    public void edit(Draws draws, int height, int width, byte[] image) {
        Draws shared = draws.before(slot);
        Choice choice = choice(shared);
        if (choice != null && choice.op() == null && choice.level() > 0) {
            double side = 0.2 * choice.level() * width;
            int x0 = (int) Math.max(0, shared.uniform(0, width, at(2)) - side / 2);
            int y0 = (int) Math.max(0, shared.uniform(0, height, at(3)) - side / 2);
            fill(image, height, width, y0, x0, Math.min(height - 1, (int) (y0 + side)), (int) (x0 + side));
        }
    }

    /** The op that is applied, or null. */
    private Choice choice(Draws shared) {
        List<Choice> chosen = policies.get(shared.below(policies.size(), 0));
        boolean applied =
                slot < chosen.size() && shared.happens(chosen.get(slot).probability(), at(0));
        return applied ? chosen.get(slot) : null;
    }

    private int at(int draw) {
        return 1 + SLOTS_PER_OP * slot + draw;
    }

    /** Rows and columns up to and with the last. */
    private static void fill(byte[] image, int height, int width, int y0, int x0, int lastY, int lastX) {
        for (int y = y0; y <= Math.min(height - 1, lastY); y++) {
            for (int x = x0; x <= Math.min(width - 1, lastX); x++) {
                System.arraycopy(GREY, 0, image, 3 * (y * width + x), 3);
            }
        }
    }

    /** The physical value of an op at a level in [0, 1]. */
    static double value(AugmentOp op, double level, int sign, int height, int width) {
        return switch (op) {
            case IDENTITY, AUTO_CONTRAST, EQUALIZE, INVERT -> 0;
            case SHEAR_X, SHEAR_Y -> sign * (level * (0.3 + 0.3) - 0.3);
            case TRANSLATE_X -> sign * (level * (0.45 + 0.45) - 0.45) * width;
            case TRANSLATE_Y -> sign * (level * (0.45 + 0.45) - 0.45) * height;
            case ROTATE -> sign * (level * 60 - 30);
            case SOLARIZE -> level * 256;
            case POSTERIZE -> (int) (level * 4 + 4);
            default -> level * (1.9 - 0.1) + 0.1;
        };
    }

    /** The names a policy file may use. */
    static List<String> names() {
        return Arrays.asList(
                "ShearX",
                "ShearY",
                "TranslateX",
                "TranslateY",
                "Rotate",
                "AutoContrast",
                "Invert",
                "Equalize",
                "Solarize",
                "Posterize",
                "Contrast",
                "Color",
                "Brightness",
                "Sharpness",
                "Cutout");
    }
}
