package dev.quern.augment.policy;

import dev.quern.augment.Cutout;
import dev.quern.augment.Step;
import dev.quern.augment.StepPolicy;
import dev.quern.augment.step.Blur;
import dev.quern.augment.step.CircularShift;
import dev.quern.augment.step.Crop;
import dev.quern.augment.step.CutMix;
import dev.quern.augment.step.FixedOp;
import dev.quern.augment.step.Flip;
import dev.quern.augment.step.GridMask;
import dev.quern.augment.step.Mixup;
import dev.quern.augment.step.PatchGaussian;
import dev.quern.augment.step.RandomErasing;
import dev.quern.data.NearestName;
import dev.quern.kernels.AugmentOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The expressions of the similarity and diversity study (Yang et al. 2024): {@code name(arguments)} items joined by {@code +}, applied in the
 * order in which they are written, those on bytes first.
 */
final class PolicyExpression {
    private static final Pattern ITEM = Pattern.compile("\\s*(\\w+)\\(([^()]*)\\)\\s*");
    private static final int VARIABLE_SLOT = 1;
    private static final int SIGN_SLOT = 2;
    private static final Map<String, String> SYNTAX = new TreeMap<>(Map.ofEntries(
            Map.entry("original", ""),
            Map.entry("basic", ""),
            Map.entry("color", "mag,p"),
            Map.entry("brightness", "mag,p"),
            Map.entry("contrast", "mag,p"),
            Map.entry("sharpness", "mag,p"),
            Map.entry("posterize", "bits,p"),
            Map.entry("solarize", "threshold,p"),
            Map.entry("equalize", "p"),
            Map.entry("invert", ""),
            Map.entry("flipLR", "p"),
            Map.entry("flipUD", "p"),
            Map.entry("blur", "p"),
            Map.entry("rotate", "deg,p,mode"),
            Map.entry("shearX", "p,off,mode"),
            Map.entry("cutout", "len,p"),
            Map.entry("crop", "len,p"),
            Map.entry("randomerasing", "p"),
            Map.entry("gridmask", "p"),
            Map.entry("has", ""),
            Map.entry("patchgaussian", "size,maxscale"),
            Map.entry("autoaugment", ""),
            Map.entry("randaugment", "n,m"),
            Map.entry("mixup", ""),
            Map.entry("cutmix", "")));

    private final Published published;
    private final String name;
    private final String[] arguments;

    private PolicyExpression(Published published, String name, String[] arguments) {
        this.published = published;
        this.name = name;
        this.arguments = arguments;
    }

    /** @throws IllegalArgumentException naming the item, what is wrong and what is allowed */
    static StepPolicy parse(String text, Published published) {
        List<Step> steps = new ArrayList<>();
        for (String part : text.split("\\+(?![^(]*\\))", -1)) {
            Matcher item = ITEM.matcher(part);
            if (!item.matches()) {
                throw new IllegalArgumentException(
                        "policy has item '" + part.strip() + "', allowed: name(arguments) joined by +");
            }
            steps.addAll(item(published, item.group(1), item.group(2).strip()));
        }
        return published.policy(text, steps);
    }

    private static Collection<Step> item(Published published, String name, String text) {
        String syntax = SYNTAX.get(name);
        if (syntax == null) {
            throw new IllegalArgumentException("policy item is '" + name + "', nearest: '"
                    + NearestName.of(name, SYNTAX.keySet()) + "', allowed: " + String.join(", ", SYNTAX.keySet()));
        }
        String[] arguments = text.isEmpty() ? new String[0] : text.split("\\s*,\\s*", -1);
        int needed = syntax.isEmpty() ? 0 : syntax.split(",").length;
        if (arguments.length != needed) {
            throw new IllegalArgumentException("policy item " + name + " has " + arguments.length
                    + " arguments, allowed: " + name + "(" + syntax + ")");
        }
        return new PolicyExpression(published, name, arguments).steps();
    }

    private List<Step> steps() {
        return switch (name) {
            case "original" -> List.of();
            case "basic" -> List.of(new Crop(4), new Flip(Flip.Axis.HORIZONTAL, 0.5));
            case "color" -> enhance(AugmentOp.COLOR, 0);
            case "brightness" -> enhance(AugmentOp.BRIGHTNESS, 0);
            case "contrast" -> enhance(AugmentOp.CONTRAST, 0);
            case "sharpness" -> enhance(AugmentOp.SHARPNESS, 1);
            case "posterize" -> List.of(FixedOp.of(AugmentOp.POSTERIZE, whole(0, 0, 8), number(1)));
            case "solarize" -> List.of(FixedOp.of(AugmentOp.SOLARIZE, inside(0, 0, 256), number(1)));
            case "equalize" -> List.of(FixedOp.of(AugmentOp.EQUALIZE, 0, number(0)));
            // The study's code hands the image on unchanged.
            case "invert" -> published.released() ? List.of() : List.of(FixedOp.of(AugmentOp.INVERT, 0, 1));
            case "flipLR" -> List.of(new Flip(Flip.Axis.HORIZONTAL, number(0)));
            case "flipUD" -> List.of(new Flip(Flip.Axis.VERTICAL, number(0)));
            case "blur" -> List.of(new Blur(number(0)));
            case "rotate" -> List.of(rotate());
            case "shearX" -> List.of(new CircularShift(number(1), mode(), number(0)));
            case "cutout", "crop" -> List.of(new Cutout(whole(0, 0, 16_384) / 2 * 2, number(1)));
            case "randomerasing" -> List.of(RandomErasing.cifar(number(0)));
            // The study's code ignores the probability.
            case "gridmask" -> List.of(GridMask.cifar(published.released() ? 1 : number(0)));
            case "has" -> List.of(Policies.hideAndSeek(published, 0.5));
            case "patchgaussian" -> List.of(new PatchGaussian(whole(0, 1, 16_384), number(1)));
            case "autoaugment" -> autoAugment();
            case "randaugment" -> List.of(RandomOps.randAugment(whole(0, 1, 4), whole(1, 0, 30)));
            case "mixup" -> List.of(new Mixup(1));
            default -> List.of(new CutMix(1, 1));
        };
    }

    private List<Step> enhance(AugmentOp op, double offset) {
        return List.of(FixedOp.of(op, offset + number(0), number(1)));
    }

    private List<Step> autoAugment() {
        List<Step> steps = new ArrayList<>(List.of(new Crop(4), new Flip(Flip.Axis.HORIZONTAL, 0.5)));
        steps.addAll(Arrays.asList(Policies.autoAugment(AutoAugment.CIFAR10, published)));
        steps.add(new Cutout(8, 1));
        return steps;
    }

    private Step rotate() {
        int degrees = whole(0, 0, 360);
        return switch (arguments[2]) {
            case "fixed" -> new FixedOp(AugmentOp.ROTATE, draws -> draws.sign(SIGN_SLOT) * degrees, number(1));
            case "variable" ->
                new FixedOp(
                        AugmentOp.ROTATE,
                        draws -> draws.sign(SIGN_SLOT) * draws.below(degrees + 1, VARIABLE_SLOT),
                        number(1));
            case "square" -> new FixedOp(AugmentOp.ROTATE, draws -> 90 * draws.below(4, VARIABLE_SLOT), number(1));
            default -> throw refused(2, "fixed, variable, square");
        };
    }

    private CircularShift.Mode mode() {
        return switch (arguments[2]) {
            case "fixed" -> CircularShift.Mode.FIXED;
            case "variable" -> CircularShift.Mode.VARIABLE;
            default -> throw refused(2, "fixed, variable");
        };
    }

    private int whole(int index, int low, int high) {
        double value = inside(index, low, high);
        if (value != Math.rint(value)) {
            throw refused(index, "a whole number");
        }
        return (int) value;
    }

    private double inside(int index, int low, int high) {
        double value = number(index);
        if (!(value >= low && value <= high)) {
            throw refused(index, low + " … " + high);
        }
        return value;
    }

    private double number(int index) {
        try {
            double value = Double.parseDouble(arguments[index]);
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            // Refused below.
        }
        throw refused(index, "a number");
    }

    private IllegalArgumentException refused(int index, String allowed) {
        return new IllegalArgumentException("policy item " + name + " has "
                + SYNTAX.get(name).split(",")[index] + " '" + arguments[index] + "', allowed: " + allowed);
    }
}
