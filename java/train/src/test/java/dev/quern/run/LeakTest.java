package dev.quern.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.run.TrainConfig.Visits;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("slow")
class LeakTest {
    private static final int WARM_UP = 4;
    private static final int FEW_EPOCHS = 8;
    private static final int MANY_EPOCHS = 24;
    private static final long ALLOWED_GROWTH = 16 << 20;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(Method.class)
    void nativeMemoryIsFlatOverTheEpochs(Method method) throws IOException {
        requireFlat(TinyRun.config(method));
    }

    @ParameterizedTest
    @Tag("long")
    @EnumSource(Method.class)
    void nativeMemoryIsFlatOverManyEpochs(Method method) throws IOException {
        requireFlat(TinyRun.config(method), MANY_EPOCHS);
    }

    @ParameterizedTest
    @EnumSource
    void nativeMemoryIsFlatWithAdaptiveAugmentation(TinyRun.Adaptive adaptive) throws IOException {
        requireFlat(TinyRun.adaptive(adaptive));
    }

    @Test
    void nativeMemoryIsFlatWhileSimilarityIsTracked() throws IOException {
        requireFlat(TinyRun.tracked(TinyRun.adaptive(TinyRun.Adaptive.ADA_PAPER)));
    }

    private void requireFlat(TrainConfig base) throws IOException {
        requireFlat(base, FEW_EPOCHS);
    }

    private void requireFlat(TrainConfig base, int epochs) throws IOException {
        List<Long> pointers = new ArrayList<>();
        List<Long> resident = new ArrayList<>();
        TrainListener listener = new TrainListener() {
            @Override
            public void epoch(EpochMetrics metrics) {
                pointers.add(Pointer.totalCount());
                resident.add(Pointer.physicalBytes());
            }
        };
        TrainConfig config = base.withAnnealing(1).withEpochs(epochs, Visits.EQUAL_EPOCHS);
        TinyRun.run(config, folder, Start.NEW, listener, new StopSignal());
        // The collector may still take a pointer or two away; none may be added.
        assertThat(pointers.subList(WARM_UP, epochs)).allMatch(count -> count <= pointers.get(WARM_UP));
        assertThat(resident.get(epochs - 1) - resident.get(WARM_UP)).isLessThan(ALLOWED_GROWTH);
    }
}
