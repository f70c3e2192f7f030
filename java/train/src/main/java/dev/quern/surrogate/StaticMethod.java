package dev.quern.surrogate;

import dev.quern.data.NearestName;
import dev.quern.select.GumbelTopK.Quota;
import dev.quern.select.sampling.StaticRandom;
import dev.quern.select.score.ComplexityGap;
import dev.quern.setting.Fields;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** The methods that choose once, before the training. */
public enum StaticMethod {
    /** A uniform subset: the control. */
    RANDOM("random", 0, StaticMethod::random),
    /** Largest errors in the first epochs (Paul et al. 2021). */
    EL2N("el2n", 1, SurrogateSelections::el2n),
    /** Largest gradients in the first epochs (Paul et al. 2021). */
    GRAND("grand", 1, SurrogateSelections::gradientNorm),
    /** Most often forgotten over the visits of a training (Toneva et al. 2019). */
    FORGETTING("forgetting", 2, SurrogateSelections::forgetting),
    /** Largest areas under the margin: what is learned late or never is held to be mislabelled (Pleiss et al. 2020). */
    AUM("aum", 1, SurrogateSelections::areaUnderMargin),
    /** Means like those of the classes (Welling 2009). */
    HERDING("herding", 1, SurrogateSelections::herding),
    /** Gradients like the mean gradient of the class (Killamsetty et al. 2021). */
    GLISTER("glister", 1, SurrogateSelections::glister),
    /** Hard for a wide network to tell from other classes (Nohyun et al. 2023); needs no training. */
    CG_SCORE("cg-score", 0, StaticMethod::complexityGap),
    /** Neither near nor far from the median of the class (Xia et al. 2023). */
    MODERATE("moderate", 1, SurrogateSelections::moderate),
    /** Least typical of the clusters of the features (Sorscher et al. 2022). */
    PROTOTYPES("prototypes", 1, SurrogateSelections::prototypes),
    /** Largest rise of the risk without the sample (Tan et al. 2023). */
    MOSO("moso", 1, SurrogateSelections::moso),
    /** All but those whose influences on the network cancel (Yang et al. 2023). */
    DP("dp", 1, SurrogateSelections::influencePruning),
    /** Difficulties covered evenly, but for the hardest (Zheng et al. 2023). */
    CCS("ccs", 1, SurrogateSelections::coverageCentric),
    /** Difficult and unlike what is chosen already (Maharana et al. 2024). */
    D2("d2", 1, SurrogateSelections::d2),
    /** Most uneven changes of the prediction (Zhang et al. 2024). */
    TDDS("tdds", 2, SurrogateSelections::tdds),
    /** Uncertain and hard, easier as less is kept (Cho et al. 2025). */
    DUAL("dual", 2, SurrogateSelections::dual),
    /** Images that agree with the text of their label and differ from their neighbours (Yang et al. 2025). */
    CLIP("clip", 0, EmbeddingSelection::of);

    private final String label;
    private final int leastEpochs;
    private final Maker maker;

    /** Makes a method ready. */
    private interface Maker {
        StaticSelection of(SelectionGround ground) throws IOException;
    }

    /** @param leastEpochs of the surrogate; 0: the method needs none */
    StaticMethod(String label, int leastEpochs, Maker maker) {
        this.label = label;
        this.leastEpochs = leastEpochs;
        this.maker = maker;
    }

    /** What the command line calls it. */
    public String label() {
        return label;
    }

    /** The method with that label; an unknown one is an error that names the nearest. */
    public static StaticMethod of(String label) {
        List<String> labels = Arrays.stream(values()).map(StaticMethod::label).toList();
        int place = labels.indexOf(label);
        if (place < 0) {
            throw new IllegalArgumentException("method is '" + label + "', nearest: " + NearestName.of(label, labels)
                    + "; allowed: " + String.join(", ", labels));
        }
        return values()[place];
    }

    /** Whether it watches a surrogate network. */
    boolean needsSurrogate() {
        return leastEpochs > 0;
    }

    /** Refuses, before anything is trained, what the method cannot do. */
    public void check(SelectionSetting setting, double ratio) {
        boolean below = this == CLIP;
        Fields.require(
                "ratio",
                ratio,
                ratio > 0 && (below ? ratio < 1 : ratio <= 1),
                below ? "above 0, below 1 for clip" : "above 0, at most 1");
        int epochs = setting.surrogate().epochs();
        Fields.require("surrogate epochs", epochs, epochs >= leastEpochs, "≥ " + leastEpochs + " for " + label);
    }

    /** What it looks at, in words. */
    String basis(SelectionSetting setting) {
        if (this == CLIP) {
            return setting.embeddings().isPresent()
                    ? "given embeddings, adapted"
                    : "dual encoders that learned from the data set, for want of CLIP embeddings";
        }
        return needsSurrogate() ? "surrogate " + setting.surrogate() : this == CG_SCORE ? "images" : "nothing";
    }

    StaticSelection prepare(SelectionGround ground) throws IOException {
        return maker.of(ground);
    }

    private static StaticSelection random(SelectionGround ground) {
        return StaticSelection.of(ratio -> new StaticRandom(ground.labels(), ratio, ground.sampler()).select(0));
    }

    private static StaticSelection complexityGap(SelectionGround ground) throws IOException {
        float[] pixels = ground.pixels();
        ComplexityGap.Setting setting = ComplexityGap.Setting.DEFAULT;
        double[] scores =
                ComplexityGap.scores(pixels, ground.dimension(pixels), ground.labels(), setting, ground.seed());
        return ground.largest("cg-score", scores, Quota.CLASS_BALANCED);
    }
}
