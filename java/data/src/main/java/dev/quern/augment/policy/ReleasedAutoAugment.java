package dev.quern.augment.policy;

import dev.quern.augment.Draws;
import dev.quern.augment.FusedRow;
import dev.quern.augment.FusedStep;
import dev.quern.augment.PixelStep;
import dev.quern.augment.Step;
import dev.quern.augment.step.PillowAffine;
import dev.quern.kernels.AugmentOp;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Op number {@code slot} of an {@link AutoAugment} policy with the ops of widely copied released code: geometric ops leave grey 128, shear is
 * bicubic, translations keep parts of pixels. The geometric ops run in Java. The steps of all slots, in order, draw one sub-policy.
 */
public record ReleasedAutoAugment(List<List<SubPolicies.Choice>> policies, int slot) implements FusedStep, PixelStep {
    private static final int GREY = 128;
    private static final int SLOTS_PER_OP = 2;
    private static final double TOP_LEVEL = 9;

    /** One step for each of the two ops. */
    public static List<Step> steps(AutoAugment policy) {
        return IntStream.range(0, 2)
                .<Step>mapToObj(slot -> new ReleasedAutoAugment(policy.policies(), slot))
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
        SubPolicies.Choice choice = choice(shared);
        if (choice != null && !isGeometric(choice.op())) {
            row.op(0, choice.op(), value(choice, shared.sign(at(1))));
        }
    }

    @Override
    public void edit(Draws draws, int height, int width, byte[] image) {
        Draws shared = draws.before(slot);
        SubPolicies.Choice choice = choice(shared);
        if (choice != null && isGeometric(choice.op())) {
            double value = value(choice, shared.sign(at(1)));
            byte[] moved = moved(image, choice.op(), value, height, width);
            System.arraycopy(moved, 0, image, 0, moved.length);
        }
    }

    private static byte[] moved(byte[] image, AugmentOp op, double value, int height, int width) {
        return switch (op) {
            case SHEAR_X -> PillowAffine.bicubic(image, 3, height, width, new double[] {1, value, 0, 0, 1, 0}, GREY);
            case SHEAR_Y -> PillowAffine.bicubic(image, 3, height, width, new double[] {1, 0, 0, value, 1, 0}, GREY);
            case TRANSLATE_X ->
                PillowAffine.nearest(image, 3, height, width, new double[] {1, 0, value * width, 0, 1, 0}, GREY);
            case TRANSLATE_Y ->
                PillowAffine.nearest(image, 3, height, width, new double[] {1, 0, 0, 0, 1, value * height}, GREY);
            default -> PillowAffine.nearest(image, 3, height, width, PillowAffine.rotation(value, height, width), GREY);
        };
    }

    private static boolean isGeometric(AugmentOp op) {
        return switch (op) {
            case SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y, ROTATE -> true;
            default -> false;
        };
    }

    /** The op that is applied, or null. */
    private SubPolicies.Choice choice(Draws shared) {
        SubPolicies.Choice chosen =
                policies.get(shared.below(policies.size(), 0)).get(slot);
        return shared.happens(chosen.probability(), at(0)) ? chosen : null;
    }

    private int at(int draw) {
        return 1 + SLOTS_PER_OP * slot + draw;
    }

    private static double value(SubPolicies.Choice choice, int sign) {
        double share = choice.level() / TOP_LEVEL;
        return switch (choice.op()) {
            case IDENTITY, AUTO_CONTRAST, EQUALIZE, INVERT -> 0;
            case SHEAR_X, SHEAR_Y -> sign * 0.3 * share;
            case TRANSLATE_X, TRANSLATE_Y -> sign * (150.0 / 331) * share;
            case ROTATE -> sign * 30 * share;
            case SOLARIZE -> 256 - 256 * share;
            case POSTERIZE -> Math.rint(8 - 4 * share);
            default -> 1 + sign * 0.9 * share;
        };
    }
}
