package dev.quern.joint;

import java.io.IOException;

/** Where the agreement of each image with the text of its label comes from. */
@FunctionalInterface
interface ConsistencySource {
    /** Cosines [N] in [−1, 1], larger where image and label agree. */
    float[] consistency() throws IOException;
}
