package dev.quern.train.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.kernels.Cuda;
import dev.quern.kernels.Engine;
import dev.quern.kernels.Processor;
import dev.quern.kernels.Quern;
import dev.quern.nn.Pointwise;
import dev.quern.nn.Precision;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.global.torch;

/**
 * Where a run computes. The first six parts decide bits of the result and must be the same when a run is resumed.
 *
 * @param libtorch version of LibTorch
 * @param cpuCapability instruction set that LibTorch uses
 * @param threads of LibTorch, OpenBLAS and Quern's pool
 * @param precision of convolutions
 * @param pointwise how 1×1 convolutions run on the CPU
 * @param device "cpu", or the name of a CUDA device
 * @param quern version of the native kernels
 * @param isa tier that Quern's kernels use, which changes no bit
 * @param processor its name, its data caches and whether it hides them
 */
public record RunEnvironment(
        String libtorch,
        String cpuCapability,
        int threads,
        Precision precision,
        Pointwise pointwise,
        String device,
        String quern,
        String isa,
        Processor processor) {

    /** This process. */
    public static RunEnvironment current(Engine engine, int threads, Precision precision) {
        String configuration = text(torch.show_config());
        return new RunEnvironment(
                between(configuration, "TORCH_VERSION=", ","),
                between(configuration, "CPU capability usage: ", "\n"),
                threads,
                precision,
                Pointwise.chosen(),
                Cuda.describe(engine.device()),
                Quern.state().version(),
                engine.isa().name(),
                Processor.current());
    }

    /** With the versions of Java and the system. */
    public ObjectNode toJson() {
        ObjectNode node = Json.mapper().valueToTree(this);
        node.put("java", System.getProperty("java.version"));
        node.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        return node;
    }

    private static String text(BytePointer pointer) {
        try (pointer) {
            return pointer.getString();
        }
    }

    private static String between(String text, String before, String after) {
        int start = text.indexOf(before);
        if (start < 0) {
            return "unknown";
        }
        int from = start + before.length();
        int end = text.indexOf(after, from);
        return text.substring(from, end < 0 ? text.length() : end).strip();
    }
}
