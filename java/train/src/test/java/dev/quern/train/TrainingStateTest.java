package dev.quern.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.io.Tensor;
import dev.quern.kernels.Engine;
import dev.quern.nn.Precision;
import dev.quern.train.record.Checkpoint;
import dev.quern.train.record.Json;
import dev.quern.train.record.Progress;
import dev.quern.train.record.RunEnvironment;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TrainingStateTest {
    @Test
    void aCheckpointOfTheSameEnvironmentFits() throws IOException {
        check(environment -> {});
    }

    @Test
    void aCheckpointOfAnOtherWayOfPointwiseConvolutionsDoesNot() {
        assertThatThrownBy(() -> check(environment -> environment.put("pointwise", "SLOW")))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot resume: environment field 'pointwise' is ")
                .hasMessageEndingWith(", the checkpoint was written with \"SLOW\"");
    }

    @Test
    void aCheckpointFromBeforeThereWereTwoWaysFits() throws IOException {
        check(environment -> environment.remove("pointwise"));
    }

    @Test
    void theProcessorMayBeAnother() throws IOException {
        check(environment -> environment.putObject("processor").put("name", "another"));
    }

    private static void check(Consumer<ObjectNode> change) throws IOException {
        RunEnvironment environment;
        try (Engine engine = Engine.open()) {
            environment = RunEnvironment.current(engine, 1, Precision.FP32);
        }
        ObjectNode config = Json.mapper().createObjectNode();
        ObjectNode before = environment.toJson();
        change.accept(before);
        Map<String, String> metadata = Map.of(
                "config", Json.line(config),
                "environment", Json.line(before),
                "progress", new Progress().toJson());
        Checkpoint checkpoint = new Checkpoint(Map.of("model.w", Tensor.of(new float[] {1}, 1)), metadata);
        assertThat(new TrainingState(config, environment).check(checkpoint).toJson())
                .isEqualTo(new Progress().toJson());
    }
}
