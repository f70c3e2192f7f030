package dev.quern.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.data.Profile;
import dev.quern.run.Method;
import dev.quern.run.TinyRun;
import dev.quern.run.TrainConfig;
import dev.quern.setting.Augmentation;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.FeedMetrics;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimilarityTrackerTest {
    @TempDir
    private Path folder;

    @Test
    void allImagesAsTheyAreAreTheTrainingSet() throws IOException {
        for (FeedMetrics feed : tracked(Augmentation.ORIGINAL, 1)) {
            assertThat(feed.similarity()).isZero();
            assertThat(feed.diversity()).isLessThan(1e-4);
        }
    }

    @Test
    void augmentationTakesTheFeedAwayFromTheTrainingSet() throws IOException {
        for (FeedMetrics feed : tracked(new Augmentation("rotate(90,1,fixed)", Profile.PAPER), 1)) {
            assertThat(feed.similarity()).isNegative();
            assertThat(feed.diversity()).isGreaterThan(1e-3);
        }
    }

    @Test
    void measuresEveryEpochThatIsAsked() throws IOException {
        assertThat(tracked(Augmentation.TRIVIAL, 2)).hasSize(1);
    }

    private List<FeedMetrics> tracked(Augmentation augmentation, int every) throws IOException {
        List<Optional<FeedMetrics>> epochs = new ArrayList<>();
        TrainListener listener = new TrainListener() {
            @Override
            public void epoch(EpochMetrics metrics) {
                epochs.add(metrics.feed());
            }
        };
        TrainConfig config = TinyRun.tracked(TinyRun.config(Method.FULL));
        config = config.withAugmentation(augmentation)
                .withAnnealing(1)
                .withTracking(config.tracking().withEvery(every));
        TinyRun.run(config, folder, Start.NEW, listener, new StopSignal());
        assertThat(epochs).hasSize(3);
        return epochs.stream().flatMap(Optional::stream).toList();
    }
}
