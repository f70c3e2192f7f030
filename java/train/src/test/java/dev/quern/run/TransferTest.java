package dev.quern.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.io.SafetensorsFile;
import dev.quern.nn.Initialization;
import dev.quern.nn.Network;
import dev.quern.nn.StateDict;
import dev.quern.nn.model.Model;
import dev.quern.run.TrainConfig.Visits;
import dev.quern.setting.OptimizerConfig;
import dev.quern.train.StopSignal;
import dev.quern.train.TrainListener;
import dev.quern.train.record.RunFolder.Start;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransferTest {
    private static final long SEED = 5;
    /** One epoch of the released schedule stands still, so that the run ends with the weights it began with. */
    private static final TrainConfig STILL = TinyRun.config(Method.FULL)
            .withEpochs(1, Visits.EQUAL_EPOCHS)
            .withOptimizer(OptimizerConfig.RELEASED.withBatch(16));

    @TempDir
    private Path folder;

    @Test
    void aRunStartsFromAllWeightsForAsManyClasses() throws IOException {
        Path file = weights(Model.RESNET20, classes());
        assertThat(hearWhatStarts(file)).containsExactly("starts from all weights of " + file);
        for (String name : List.of("conv1.weight", "layer3.2.conv2.weight", "fc.weight", "fc.bias")) {
            assertThat(ended(name)).as(name).isEqualTo(values(file, name));
        }
    }

    @Test
    void aRunStartsFromTheTrunkForOtherClasses() throws IOException {
        Path file = weights(Model.RESNET20, classes() + 1);
        assertThat(hearWhatStarts(file))
                .containsExactly("starts from the trunk of " + file + "; its classifier is for other classes");
        assertThat(ended("layer3.2.conv2.weight")).isEqualTo(values(file, "layer3.2.conv2.weight"));
        try (Network fresh = Model.RESNET20.create(classes())) {
            Initialization.apply(fresh, STILL.seed());
            assertThat(ended("fc.weight"))
                    .isEqualTo(StateDict.of(fresh).get("fc.weight").toFloats());
        }
    }

    @Test
    void weightsOfAnotherNetworkAreRefused() throws IOException {
        Path file = weights(Model.RESNET18, classes());
        assertThatThrownBy(() -> hearWhatStarts(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": not the weights of this network: missing [");
        Path lost = folder.resolve("lost.safetensors");
        assertThatThrownBy(() -> hearWhatStarts(lost)).hasMessage(lost + " does not exist");
    }

    private List<String> hearWhatStarts(Path weights) throws IOException {
        List<String> heard = new ArrayList<>();
        TrainListener listener = new TrainListener() {
            @Override
            public void warning(String message) {
                heard.add(message);
            }
        };
        TinyRun.run(STILL.withWeights(weights), folder.resolve("run"), Start.NEW, listener, new StopSignal());
        return heard;
    }

    private Path weights(Model model, int classes) throws IOException {
        Path file = folder.resolve("pretrained.safetensors");
        try (Network network = model.create(classes)) {
            Initialization.apply(network, SEED);
            StateDict.save(network, file, Map.of());
        }
        return file;
    }

    private static int classes() {
        return TinyRun.shapes(2, 2).train().classNames().size();
    }

    private float[] ended(String name) throws IOException {
        return values(folder.resolve("run").resolve("weights.safetensors"), name);
    }

    private static float[] values(Path file, String name) throws IOException {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return tensors.read(name).toFloats();
        }
    }
}
