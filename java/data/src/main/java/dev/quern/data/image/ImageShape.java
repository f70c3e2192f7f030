package dev.quern.data.image;

/** The shape of a data set's images, and how others are brought to it: the part that fits, resized. */
public record ImageShape(int height, int width, Framing.Fit fit) {

    /** The image in this shape. */
    public RgbImage of(RgbImage image) {
        RgbImage part = fit == Framing.Fit.CROP ? centre(image) : image;
        return PillowResize.resize(part, height, width, PillowResize.Filter.BILINEAR);
    }

    /** The largest part around the centre that is as wide for its height as this shape, to the nearest pixel. */
    private RgbImage centre(RgbImage image) {
        int rows = Math.min(image.height(), round((double) image.width() * height / width));
        int columns = Math.min(image.width(), round((double) image.height() * width / height));
        return image.window((image.height() - rows) / 2, (image.width() - columns) / 2, rows, columns);
    }

    private static int round(double length) {
        return (int) Math.max(1, Math.round(length));
    }
}
