package dev.quern.nn.adaptive;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.InitialValue;
import dev.quern.nn.Initialization;
import dev.quern.nn.Mode;
import dev.quern.nn.Parameter;
import dev.quern.nn.Pass;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A learned augmentation of images (TeachAugment, Suzuki 2022): from noise and the class of an image a map of its pixels' colours, then an
 * affine map, each with a strength that is a relaxed Bernoulli variable of the class. At the start both are the identity.
 *
 * <p>Widths are those of the released code: noise of 128 numbers, hidden layers of 512, of 128 for pixels. Left out are its batch norms, so
 * an image's maps do not depend on the others of its batch, and that it leaves black borders black.
 */
public final class ImageAugmenter implements AutoCloseable {
    private static final int NOISE = 128;
    /** Above those of any network. */
    private static final int FIRST_SLOT = 1024;

    private final int classes;
    private final Setting setting;
    private final FlatParameters parameters = new FlatParameters();
    private final AffineMap geometry;
    private final ColorMap color;
    private final Parameter geometryChance;
    private final Parameter colorChance;

    /**
     * @param geometry scale of the affine map, in [0, 10]
     * @param color scale of the colours' factors, in [0, 10]
     * @param dropout in [0, 1)
     * @param temperature of the strengths, in (0, 10]: the lower, the nearer to 0 or 1
     */
    public record Setting(double geometry, double color, double dropout, double temperature) {
        private static final double MOST = 10;

        public Setting {
            require("geometry", geometry, geometry >= 0 && geometry <= MOST, "0 … 10");
            require("color", color, color >= 0 && color <= MOST, "0 … 10");
            require("dropout", dropout, dropout >= 0 && dropout < 1, "0 up to below 1");
            require("temperature", temperature, temperature > 0 && temperature <= MOST, "above 0, at most 10");
        }

        private static void require(String field, double value, boolean valid, String allowed) {
            if (!valid) {
                throw new IllegalArgumentException(field + " is " + value + ", allowed: " + allowed);
            }
        }
    }

    /**
     * What was made of B images, float32 [B,3,H,W] in [0, 1].
     *
     * @param recolored before the affine map
     * @param images after it
     */
    public record Augmented(Tensor recolored, Tensor images) {}

    /** Weights as {@link Initialization} draws them. */
    public ImageAugmenter(int classes, Setting setting, long seed) {
        this.classes = classes;
        this.setting = setting;
        int context = classes + NOISE;
        geometry = new AffineMap(parameters, context, setting.geometry(), setting.dropout(), FIRST_SLOT);
        color = new ColorMap(parameters, classes, context, setting.color(), setting.dropout(), FIRST_SLOT + 2);
        geometryChance = parameters.declare("geometry.chance", InitialValue.ZERO, classes);
        colorChance = parameters.declare("color.chance", InitialValue.ZERO, classes);
        parameters.allocate();
        Initialization.apply(parameters, seed);
    }

    /**
     * Augments images; can be differentiated with respect to the weights.
     *
     * @param images float32 [B,3,H,W] in [0, 1]
     * @param normalized the same as a network sees them
     * @param labels int64 [B]
     * @param step counted over the whole run; with the seed it decides all random numbers
     */
    public Augmented of(Tensor images, Tensor normalized, Tensor labels, long seed, long step) {
        Pass pass = new Pass(Mode.TRAIN, seed, step);
        long batch = labels.size(0);
        Tensor own = torch.one_hot(labels, classes).to(ScalarType.Float);
        Tensor context = torch.cat(new TensorVector(own, pass.normal(FIRST_SLOT + 6, own, batch, NOISE)), 1);
        Tensor p = strengths(geometryChance, labels, pass.uniform(FIRST_SLOT + 7, own, batch));
        Tensor q = strengths(colorChance, labels, pass.uniform(FIRST_SLOT + 8, own, batch));
        Tensor recolored = ColorMap.recolor(images, color.factors(normalized, own, context, q, pass));
        return new Augmented(recolored, AffineMap.warp(recolored, geometry.matrices(context, p, pass)));
    }

    private Tensor strengths(Parameter chance, Tensor labels, Tensor uniform) {
        return relaxedBernoulli(chance.value().index_select(0, labels), uniform, setting.temperature());
    }

    /** Between 0 and 1, and above ½ with probability σ(logits); for uniform numbers in [0, 1). */
    static Tensor relaxedBernoulli(Tensor logits, Tensor uniform, double temperature) {
        return uniform.logit().add(logits).div(new Scalar(temperature)).sigmoid();
    }

    /** Its weights. */
    public FlatParameters flat() {
        return parameters;
    }

    @Override
    public void close() {
        parameters.close();
    }
}
