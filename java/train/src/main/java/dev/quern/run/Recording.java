package dev.quern.run;

import dev.quern.data.ImageDataset;
import dev.quern.nn.Network;
import dev.quern.train.Curriculum;
import dev.quern.train.Inference;
import java.io.IOException;
import java.nio.file.Path;

/** What a run leaves beside its result: something that follows the curriculum it trains on. */
@FunctionalInterface
public interface Recording {
    /** A curriculum that passes on another and is told the end. */
    interface Recorded extends Curriculum {
        /** Follows the last epoch of a run that was not stopped. */
        void finish(int epoch, Network network) throws IOException;
    }

    /**
     * Starts or goes on with recording a run.
     *
     * @param curriculum that is passed on
     * @param folder of the run
     */
    Recorded of(Curriculum curriculum, ImageDataset data, Inference inference, Path folder) throws IOException;
}
