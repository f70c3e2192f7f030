package dev.quern.augment.policy;

import dev.quern.kernels.AugmentOp;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The published policies of AutoAugment (Cubuk et al. 2019): op, probability, level of 10 for each of the two ops of 25 sub-policies. */
public enum AutoAugment {
    CIFAR10("""
            Invert .1 0 Contrast .2 6; Rotate .7 2 TranslateX .3 9; Sharpness .8 1 Sharpness .9 3;
            ShearY .5 8 TranslateY .7 9; AutoContrast .5 0 Equalize .9 0; ShearY .2 7 Posterize .3 7;
            Color .4 3 Brightness .6 7; Sharpness .3 9 Brightness .7 9; Equalize .6 0 Equalize .5 0;
            Contrast .6 7 Sharpness .6 5; Color .7 7 TranslateX .5 8; Equalize .3 0 AutoContrast .4 0;
            TranslateY .4 3 Sharpness .2 6; Brightness .9 6 Color .2 8; Solarize .5 2 Invert 0 0;
            Equalize .2 0 AutoContrast .6 0; Equalize .2 0 Equalize .6 0; Color .9 9 Equalize .6 0;
            AutoContrast .8 0 Solarize .2 8; Brightness .1 3 Color .7 0; Solarize .4 5 AutoContrast .9 0;
            TranslateY .9 9 TranslateY .7 9; AutoContrast .9 0 Solarize .8 3; Equalize .8 0 Invert .1 0;
            TranslateY .7 9 AutoContrast .9 0"""),
    SVHN("""
            ShearX .9 4 Invert .2 0; ShearY .9 8 Invert .7 0; Equalize .6 0 Solarize .6 6;
            Invert .9 0 Equalize .6 0; Equalize .6 0 Rotate .9 3; ShearX .9 4 AutoContrast .8 0;
            ShearY .9 8 Invert .4 0; ShearY .9 5 Solarize .2 6; Invert .9 0 AutoContrast .8 0;
            Equalize .6 0 Rotate .9 3; ShearX .9 4 Solarize .3 3; ShearY .8 8 Invert .7 0;
            Equalize .9 0 TranslateY .6 6; Invert .9 0 Equalize .6 0; Contrast .3 3 Rotate .8 4;
            Invert .8 0 TranslateY 0 2; ShearY .7 6 Solarize .4 8; Invert .6 0 Rotate .8 4;
            ShearY .3 7 TranslateX .9 3; ShearX .1 6 Invert .6 0; Solarize .7 2 TranslateY .6 7;
            ShearY .8 4 Invert .8 0; ShearX .7 9 TranslateY .8 3; ShearY .8 5 AutoContrast .7 0;
            ShearX .7 2 Invert .1 0"""),
    IMAGENET("""
            Posterize .4 8 Rotate .6 9; Solarize .6 5 AutoContrast .6 0; Equalize .8 0 Equalize .6 0;
            Posterize .6 7 Posterize .6 6; Equalize .4 0 Solarize .2 4; Equalize .4 0 Rotate .8 8;
            Solarize .6 3 Equalize .6 0; Posterize .8 5 Equalize 1 0; Rotate .2 3 Solarize .6 8;
            Equalize .6 0 Posterize .4 6; Rotate .8 8 Color .4 0; Rotate .4 9 Equalize .6 0;
            Equalize 0 0 Equalize .8 0; Invert .6 0 Equalize 1 0; Color .6 4 Contrast 1 8;
            Rotate .8 8 Color 1 2; Color .8 8 Solarize .8 7; Sharpness .4 7 Invert .6 0;
            ShearX .6 5 Equalize 1 0; Color .4 0 Equalize .6 0; Equalize .4 0 Solarize .2 4;
            Solarize .6 5 AutoContrast .6 0; Invert .6 0 Equalize 1 0; Color .6 4 Contrast 1 8;
            Equalize .8 0 Equalize .6 0""");

    private static final int WORDS_PER_OP = 3;

    private final List<List<SubPolicies.Choice>> policies;

    AutoAugment(String table) {
        policies = Arrays.stream(table.split(";")).map(AutoAugment::policy).toList();
    }

    /** The 25 sub-policies. */
    public List<List<SubPolicies.Choice>> policies() {
        return policies;
    }

    /** The policy with torchvision's magnitudes. */
    public SubPolicies ops() {
        return new SubPolicies(TorchvisionSpace.AUTO_AUGMENT, policies);
    }

    /** The op of a CamelCase name, as published policies write them. */
    static AugmentOp op(String name) {
        return AugmentOp.valueOf(name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT));
    }

    private static List<SubPolicies.Choice> policy(String text) {
        String[] words = text.strip().split("\\s+");
        return List.of(choice(words, 0), choice(words, WORDS_PER_OP));
    }

    private static SubPolicies.Choice choice(String[] words, int at) {
        return new SubPolicies.Choice(
                op(words[at]), Double.parseDouble(words[at + 1]), Integer.parseInt(words[at + 2]));
    }
}
