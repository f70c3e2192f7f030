package dev.quern.nn.adaptive;

import dev.quern.nn.FlatParameters;
import dev.quern.nn.Layer;
import dev.quern.nn.Pass;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A learned map of every pixel's colour (TeachAugment, Suzuki 2022): fold(a·v + b) with a = 1 + p·s·(σ(r) − ½) and b = p·(σ(t) − ½) of each
 * channel; r and t are what a perceptron makes of the pixel and its class plus what another makes of the image's context, p is a strength.
 */
final class ColorMap {
    private static final int HIDDEN = 512;
    private static final int PIXEL_HIDDEN = 128;
    private static final int CHANNELS = 3;
    private static final int DROPOUTS = 2;

    private final Layer whole;
    private final Layer ofPixel;
    private final Layer ofClass;
    private final Layer body;
    private final Layer output;
    private final double scale;
    private final double dropout;
    private final int slot;

    /** Float32 [B,3,H,W] each. */
    record Factors(Tensor scale, Tensor shift) {}

    /**
     * @param context length of a context vector
     * @param scale s, ≥ 0
     * @param slot of the dropouts' first draws
     */
    ColorMap(FlatParameters parameters, int classes, int context, double scale, double dropout, int slot) {
        whole = NoiseNet.of(parameters, "color.image", context, HIDDEN, 2, dropout, slot);
        ofPixel = NoiseNet.hidden(parameters, "color.pixel.0.", CHANNELS, PIXEL_HIDDEN);
        ofClass = NoiseNet.hidden(parameters, "color.class.", classes, PIXEL_HIDDEN);
        body = NoiseNet.hidden(parameters, "color.pixel.1.", PIXEL_HIDDEN, PIXEL_HIDDEN);
        output = NoiseNet.output(parameters, "color.pixel.2.", PIXEL_HIDDEN, 2 * CHANNELS);
        this.scale = scale;
        this.dropout = dropout;
        this.slot = slot + DROPOUTS;
    }

    /**
     * @param images float32 [B,3,H,W], normalised
     * @param classes float32 [B,C], one-hot
     * @param context float32 [B,context]
     * @param strengths p, float32 [B]
     */
    Factors factors(Tensor images, Tensor classes, Tensor context, Tensor strengths, Pass pass) {
        long batch = images.size(0);
        Tensor pixels = images.permute(0, 2, 3, 1);
        Tensor own = ofClass.forward(classes, pass).view(batch, 1, 1, PIXEL_HIDDEN);
        Tensor a = NoiseNet.leaky(ofPixel.forward(pixels, pass).add(own));
        Tensor b = NoiseNet.leaky(body.forward(pass.drop(a, dropout, slot, batch, 1, 1, PIXEL_HIDDEN), pass));
        Tensor found = output.forward(pass.drop(b, dropout, slot + 1, batch, 1, 1, PIXEL_HIDDEN), pass)
                .permute(0, 3, 1, 2);
        Tensor common = whole.forward(context, pass).view(batch, 2, 1, 1);
        Tensor p = strengths.view(batch, 1, 1, 1);
        Tensor scales = centred(found.narrow(1, 0, CHANNELS).add(common.narrow(1, 0, 1)));
        Tensor shifts = centred(found.narrow(1, CHANNELS, CHANNELS).add(common.narrow(1, 1, 1)));
        return new Factors(scales.mul(p).mul(new Scalar(scale)).add(new Scalar(1.0)), shifts.mul(p));
    }

    /** Colours [B,3,H,W] in [0, 1], mapped and folded back into [0, 1]. */
    static Tensor recolor(Tensor colors, Factors factors) {
        return fold(colors.mul(factors.scale()).add(factors.shift()));
    }

    /** The triangle wave of period 2 that is |x| in [−1, 1]. */
    static Tensor fold(Tensor x) {
        Scalar two = new Scalar(2.0);
        return x.sub(x.div(two).round().mul(two)).abs();
    }

    static Tensor centred(Tensor x) {
        return x.sigmoid().sub(new Scalar(0.5));
    }
}
