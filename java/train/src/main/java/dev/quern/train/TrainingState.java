package dev.quern.train;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import dev.quern.nn.StateDict;
import dev.quern.nn.TensorMemory;
import dev.quern.train.optimizer.GradientScaler;
import dev.quern.train.record.Checkpoint;
import dev.quern.train.record.Json;
import dev.quern.train.record.Progress;
import dev.quern.train.record.RunEnvironment;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts the state of a run into a {@link Checkpoint} and takes it out again, checked. */
final class TrainingState {
    private static final List<String> LEARNER = List.of("optimizer.momentum", "average.weights", "average.statistics");
    private static final String SCALER = "scaler";
    private static final String SAMPLES = "epoch.samples";

    private final JsonNode config;
    private final RunEnvironment environment;

    TrainingState(JsonNode config, RunEnvironment environment) {
        this.config = config;
        this.environment = environment;
    }

    /** @param samples of the epoch under way; null between epochs */
    Checkpoint save(Trainer.Task task, Learner learner, Progress progress, int[] samples) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        StateDict.of(task.network()).forEach((name, tensor) -> tensors.put("model." + name, tensor));
        List<org.bytedeco.pytorch.Tensor> state = learner.state();
        for (int i = 0; i < state.size(); i++) {
            tensors.put(LEARNER.get(i), view(state.get(i)));
        }
        learner.scaler().ifPresent(scaler -> tensors.put(SCALER, view(scaler)));
        task.curriculum().state().forEach((name, tensor) -> tensors.put("selection." + name, tensor));
        task.adaptation().state().forEach((name, tensor) -> tensors.put("adaptation." + name, tensor));
        if (samples != null) {
            tensors.put(SAMPLES, Tensor.of(samples, samples.length));
        }
        Map<String, String> metadata = Map.of(
                "config", Json.line(config),
                "environment", Json.line(environment.toJson()),
                "progress", progress.toJson());
        return new Checkpoint(tensors, metadata);
    }

    /** Checks that a checkpoint belongs to this run and reads how far it had come. */
    Progress check(Checkpoint checkpoint) throws IOException {
        compare("config", Json.read(text(checkpoint, "config"), "checkpoint config"), config);
        JsonNode before = Json.read(text(checkpoint, "environment"), "checkpoint environment");
        JsonNode now = environment.toJson();
        for (String field : List.of("libtorch", "cpuCapability", "threads", "precision", "device")) {
            compareField("environment", field, before.path(field), now.path(field));
        }
        if (before.has("pointwise")) {
            compareField("environment", "pointwise", before.path("pointwise"), now.path("pointwise"));
        }
        return Progress.fromJson(text(checkpoint, "progress"), "checkpoint");
    }

    /** Fills network, optimiser, selection and adaptation; returns the samples of the epoch under way, or null. */
    int[] restore(Checkpoint checkpoint, Trainer.Task task, Learner learner) throws IOException {
        StateDict.load(task.network(), checkpoint.part("model."), "checkpoint");
        List<org.bytedeco.pytorch.Tensor> state = learner.state();
        for (int i = 0; i < state.size(); i++) {
            Tensor found = require(checkpoint, LEARNER.get(i), view(state.get(i)));
            TensorMemory.fill(state.get(i), found.bytes());
        }
        if (learner.scaler().isPresent()) {
            GradientScaler scaler = learner.scaler().get();
            scaler.restore(require(checkpoint, SCALER, view(scaler)).toDoubles());
        }
        task.curriculum().restore(checkpoint.part("selection."));
        task.adaptation().restore(checkpoint.part("adaptation."));
        Tensor samples = checkpoint.tensors().get(SAMPLES);
        return samples == null ? null : samples.toInts();
    }

    /** @param target what it is to fill */
    private static Tensor require(Checkpoint checkpoint, String name, Tensor target) throws IOException {
        Tensor found = checkpoint.tensors().get(name);
        if (found == null || found.type() != target.type() || found.count() != target.count()) {
            throw new IOException("checkpoint: tensor '" + name + "' is " + found + ", allowed: " + target);
        }
        return found;
    }

    private static String text(Checkpoint checkpoint, String key) throws IOException {
        String text = checkpoint.metadata().get(key);
        if (text == null) {
            throw new IOException("checkpoint: metadata '" + key + "' is missing");
        }
        return text;
    }

    private static void compare(String what, JsonNode before, JsonNode now) throws IOException {
        JsonNode read = Json.read(Json.line(now), what);
        Set<String> fields = new LinkedHashSet<>();
        now.fieldNames().forEachRemaining(fields::add);
        before.fieldNames().forEachRemaining(fields::add);
        for (String field : fields) {
            compareField(what, field, before.path(field), read.path(field));
        }
    }

    private static void compareField(String what, String field, JsonNode before, JsonNode now) throws IOException {
        if (!before.equals(now)) {
            throw new IOException("cannot resume: " + what + " field '" + field + "' is " + orMissing(now)
                    + ", the checkpoint was written with " + orMissing(before));
        }
    }

    private static String orMissing(JsonNode node) {
        return node.isMissingNode() ? "missing" : node.toString();
    }

    private static Tensor view(GradientScaler scaler) {
        double[] state = scaler.state();
        return Tensor.of(state, state.length);
    }

    private static Tensor view(org.bytedeco.pytorch.Tensor flat) {
        return new Tensor(TensorType.F32, flat.shape(), TensorMemory.bytes(flat));
    }
}
