package dev.quern.data;

import dev.quern.data.image.BrokenImages;
import dev.quern.data.image.Framing;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * How a data set is opened.
 *
 * @param framing how image files are brought to one shape
 * @param brokenImages what happens to image files that cannot be decoded
 * @param seed of the hold-out split, and of procedural data
 * @param testShare share held out for testing where the data has no test split, in (0, 1)
 * @param decoding when image files are decoded
 */
@RecordBuilder
public record DatasetOptions(Framing framing, BrokenImages brokenImages, long seed, double testShare, Decoding decoding)
        implements DatasetOptionsBuilder.With {
    /** When image files are decoded. */
    public enum Decoding {
        /** Once, at opening, if the decoded images fit in memory; else at every visit. */
        ONCE_IF_SMALL,
        /** Whenever a sample is read. */
        AT_EVERY_VISIT
    }

    public static final DatasetOptions DEFAULT =
            new DatasetOptions(Framing.AS_FIRST, BrokenImages.REFUSE, 0, 1.0 / 6, Decoding.ONCE_IF_SMALL);

    public DatasetOptions {
        if (!(testShare > 0 && testShare < 1)) {
            throw new IllegalArgumentException("testShare is " + testShare + ", allowed: above 0 and below 1");
        }
    }
}
