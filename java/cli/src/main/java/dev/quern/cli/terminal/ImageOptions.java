package dev.quern.cli.terminal;

import dev.quern.data.image.Framing;
import picocli.CommandLine.Option;

/** The options of data sets of image files. */
public final class ImageOptions {
    @Option(
            names = "--image-size",
            paramLabel = "PX",
            defaultValue = "0",
            description = "side that image files are resized to; 0: the size of the first (default: ${DEFAULT-VALUE})")
    private int side;

    @Option(
            names = "--image-fit",
            paramLabel = "F",
            defaultValue = "stretch",
            description =
                    "of images of another proportion: stretch, or crop to the largest centre (default: ${DEFAULT-VALUE})")
    private String fit;

    /** The framing as configured. */
    public Framing resolve() {
        return new Framing(side, Names.find("--image-fit", fit, Framing.Fit.values(), Names::word));
    }
}
