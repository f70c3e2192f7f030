package dev.quern.augment.policy;

import dev.quern.augment.Cutout;
import dev.quern.augment.Step;
import dev.quern.augment.StepPolicy;
import dev.quern.augment.policy.Published.Benchmark;
import dev.quern.augment.step.AdvMask;
import dev.quern.augment.step.Crop;
import dev.quern.augment.step.CutMix;
import dev.quern.augment.step.Flip;
import dev.quern.augment.step.GridMask;
import dev.quern.augment.step.HideAndSeek;
import dev.quern.augment.step.Mixup;
import dev.quern.augment.step.PatchGaussian;
import dev.quern.augment.step.RandomErasing;
import dev.quern.data.NearestName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes policies from text: a name with arguments ({@code randaugment:n=2,m=9}, {@code fast-autoaugment:FILE}) or an expression
 * ({@code basic()+cutout(16,1.0)}). Named policies bring crop and flip along.
 */
public final class Policies {
    /** Named policies and the arguments each takes; all take {@code settings=cifar10|cifar100|svhn|imagenet}. */
    public enum Name {
        NONE("none", ""),
        HAS("has", "p"),
        CUTOUT("cutout", "size,p"),
        RANDOM_ERASING("random-erasing", "p"),
        GRIDMASK("gridmask", "least,most,ratio,rotate,p,ramp"),
        MIXUP("mixup", "alpha"),
        CUTMIX("cutmix", "alpha,p"),
        AUTOAUGMENT("autoaugment", "policy,cutout"),
        FAST_AUTOAUGMENT("fast-autoaugment", "FILE,cutout"),
        DADA("dada", "FILE,cutout"),
        RANDAUGMENT("randaugment", "n,m,cutout"),
        TRIVIALAUGMENT("trivialaugment", "space,cutout"),
        AUGMIX("augmix", "severity,width"),
        ADVMASK("advmask", "FILE"),
        PATCH_GAUSSIAN("patch-gaussian", "size,maxscale");

        private final String word;
        private final String arguments;

        Name(String word, String arguments) {
            this.word = word;
            this.arguments = arguments;
        }

        /** How it is written. */
        public String word() {
            return word;
        }

        /** Names of its arguments, separated by commas; {@value Policies#FILE}, the first, stands for a file. */
        public String arguments() {
            return arguments;
        }

        private static Name of(String word) {
            String meant = word.equals("trivial") ? TRIVIALAUGMENT.word : word.equals("basic") ? NONE.word : word;
            List<String> words = Stream.of(values()).map(Name::word).toList();
            if (!words.contains(meant)) {
                throw new IllegalArgumentException(
                        "policy is '" + word + "', nearest: '" + NearestName.of(word, words) + "', allowed: "
                                + String.join(", ", words) + ", or an expression such as basic()+cutout(16,1)");
            }
            return values()[words.indexOf(meant)];
        }
    }

    /** Spaces of TrivialAugment. */
    private enum Space {
        STANDARD,
        FIXED,
        WIDE
    }

    private static final String FILE = "FILE";

    private final Published published;
    private final PolicyArguments arguments;

    private Policies(Published published, PolicyArguments arguments) {
        this.published = published;
        this.arguments = arguments;
    }

    /**
     * Makes a policy; what its text does not say comes from the published settings.
     *
     * @throws IllegalArgumentException naming what is wrong, and for an unknown name the nearest valid one
     * @throws IOException naming the file a policy is read from and what is wrong with it
     */
    public static StepPolicy parse(String text, Published published) throws IOException {
        if (text.contains("(")) {
            return PolicyExpression.parse(text, published);
        }
        Name name = name(text);
        PolicyArguments arguments = arguments(name, text);
        Benchmark benchmark = arguments.word("settings", published.benchmark());
        Policies made = new Policies(published.withBenchmark(benchmark), arguments);
        List<Step> steps = made.steps(name);
        arguments.requireAllUsed();
        return published.policy(text, steps);
    }

    /**
     * The file that a policy is read from, if any.
     *
     * @throws IllegalArgumentException for an unknown name, or if the file is not given
     */
    public static Optional<Path> file(String text) {
        if (text.contains("(") || !name(text).arguments.startsWith(FILE)) {
            return Optional.empty();
        }
        return Optional.of(arguments(name(text), text).file());
    }

    private static Name name(String text) {
        int colon = text.indexOf(':');
        return Name.of(colon < 0 ? text : text.substring(0, colon));
    }

    private static PolicyArguments arguments(Name name, String text) {
        int colon = text.indexOf(':');
        return new PolicyArguments(name.word, colon < 0 ? "" : text.substring(colon + 1));
    }

    private List<Step> steps(Name name) throws IOException {
        return switch (name) {
            case NONE -> cropFlipThen();
            case HAS -> cropFlipThen(hideAndSeek(published, arguments.number("p", 0.5)));
            case CUTOUT ->
                cropFlipThen(
                        new Cutout(arguments.whole("size", published.benchmark().cutout()), arguments.number("p", 1)));
            case RANDOM_ERASING -> cropFlipThen(randomErasing(arguments.number("p", 0.5)));
            case GRIDMASK -> cropFlipThen(gridMask());
            case MIXUP -> cropFlipThen(new Mixup(arguments.number("alpha", published.large() ? 0.2 : 1)));
            case CUTMIX ->
                cropFlipThen(
                        new CutMix(arguments.number("alpha", 1), arguments.number("p", published.large() ? 1 : 0.5)));
            case AUTOAUGMENT -> withCutout(cropFlipThen(autoAugment()), !published.large());
            case FAST_AUTOAUGMENT, DADA ->
                withCutout(thenCropFlip(SearchedOps.steps(PolicyFile.read(arguments.file()))), searchedCutout(name));
            case RANDAUGMENT -> withCutout(thenCropFlip(List.of(randAugment())), published.released());
            case TRIVIALAUGMENT -> withCutout(thenCropFlip(List.of(trivialAugment())), published.released());
            case AUGMIX -> cropFlipThen(new AugMix(arguments.whole("severity", 3), arguments.whole("width", 3)));
            case ADVMASK -> List.of(new Crop(published.padding()), AdvMask.read(arguments.file(), published.epochs()));
            case PATCH_GAUSSIAN ->
                cropFlipThen(new PatchGaussian(
                        arguments.whole("size", published.large() ? 250 : 25),
                        arguments.number("maxscale", published.large() ? 1 : 0.1)));
        };
    }

    private List<Step> cropFlipThen(Step... steps) {
        return Stream.concat(cropFlip(), Stream.of(steps)).toList();
    }

    private List<Step> thenCropFlip(List<Step> steps) {
        return Stream.concat(steps.stream(), cropFlip()).toList();
    }

    private Stream<Step> cropFlip() {
        return Stream.of(new Crop(published.padding()), new Flip(Flip.Axis.HORIZONTAL, 0.5));
    }

    private List<Step> withCutout(List<Step> steps, boolean usual) {
        int size = arguments.whole("cutout", usual ? published.benchmark().cutout() : 0);
        List<Step> all = new ArrayList<>(steps);
        if (size > 0) {
            all.add(new Cutout(size, 1));
        }
        return all;
    }

    /** The authors' comparison ran Fast AutoAugment without cutout. */
    private boolean searchedCutout(Name name) {
        return !published.large() && !(name == Name.FAST_AUTOAUGMENT && published.released());
    }

    static HideAndSeek hideAndSeek(Published published, double probability) {
        List<Integer> large = List.of(0, 16, 32, 44, 56);
        if (published.released()) {
            return new HideAndSeek(large, probability, HideAndSeek.Tiles.BANDS);
        }
        List<Integer> sizes = published.large() ? large : List.of(0, 4, 8, 16);
        return new HideAndSeek(sizes, probability, HideAndSeek.Tiles.SQUARES);
    }

    private RandomErasing randomErasing(double probability) {
        return published.large() ? RandomErasing.torchvision(probability) : RandomErasing.cifar(probability);
    }

    private GridMask gridMask() {
        GridMask usual = published.large() ? GridMask.imageNet() : GridMask.cifar(0.8);
        return new GridMask(
                arguments.whole("least", usual.least()),
                arguments.whole("most", usual.most()),
                arguments.number("ratio", usual.ratio()),
                arguments.whole("rotate", usual.rotations()),
                arguments.number("p", usual.probability()),
                arguments.whole("ramp", usual.ramp()));
    }

    private Step[] autoAugment() {
        AutoAugment policy = arguments.word(
                "policy",
                switch (published.benchmark()) {
                    case CIFAR10, CIFAR100 -> AutoAugment.CIFAR10;
                    case SVHN -> AutoAugment.SVHN;
                    case IMAGENET -> AutoAugment.IMAGENET;
                });
        return autoAugment(policy, published);
    }

    static Step[] autoAugment(AutoAugment policy, Published published) {
        List<Step> steps = published.released() ? ReleasedAutoAugment.steps(policy) : List.of(policy.ops());
        return steps.toArray(new Step[0]);
    }

    private RandomOps randAugment() {
        boolean released = published.released();
        int n = released
                ? 1
                : switch (published.benchmark()) {
                    case CIFAR10, SVHN -> 3;
                    case CIFAR100, IMAGENET -> 2;
                };
        int m = released
                ? 30
                : switch (published.benchmark()) {
                    case CIFAR10 -> 5;
                    case CIFAR100 -> 14;
                    case SVHN, IMAGENET -> 9;
                };
        return RandomOps.randAugment(arguments.whole("n", n), arguments.whole("m", m));
    }

    private RandomOps trivialAugment() {
        Space usual = published.released() ? Space.STANDARD : published.large() ? Space.WIDE : Space.FIXED;
        int pixels = published.large() ? 70 : 10;
        return RandomOps.trivialAugment(
                switch (arguments.word("space", usual)) {
                    case WIDE -> TorchvisionSpace.TRIVIAL_WIDE;
                    case FIXED -> new TrivialSpace(TrivialSpace.Posterize.EIGHT_DOWN_TO_FOUR, 31, pixels);
                    case STANDARD ->
                        new TrivialSpace(
                                TrivialSpace.Posterize.FOUR_DOWN_TO_NONE, published.released() ? 30 : 31, pixels);
                });
    }
}
