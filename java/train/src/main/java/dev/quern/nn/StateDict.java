package dev.quern.nn;

import dev.quern.io.SafetensorsFile;
import dev.quern.io.SafetensorsWriter;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The weights and buffers of a network by the names of the public PyTorch state dicts. */
public final class StateDict {
    private static final int NAMES_IN_A_MESSAGE = 4;

    /** How much of a network is loaded. */
    public enum Part {
        WHOLE,
        /** All but the classifier, which keeps its values whatever the source has under its names: for training on other classes. */
        TRUNK
    }

    private StateDict() {}

    /** Every weight and buffer: on the CPU views that follow the network as it learns, on a device copies. */
    public static Map<String, Tensor> of(Network network) {
        Map<String, Tensor> state = new LinkedHashMap<>();
        tensors(network)
                .forEach((name, tensor) -> state.put(
                        name,
                        view(
                                tensor,
                                tensor.scalar_type().intern() == ScalarType.Long ? TensorType.I64 : TensorType.F32)));
        return state;
    }

    private static Map<String, org.bytedeco.pytorch.Tensor> tensors(Network network) {
        Map<String, org.bytedeco.pytorch.Tensor> tensors = new LinkedHashMap<>();
        network.parameters().forEach(parameter -> tensors.put(parameter.name(), parameter.value()));
        tensors.putAll(network.buffers());
        tensors.putAll(network.flat().constants());
        return tensors;
    }

    /** Replaces {@code file} by a safetensors file with the network's weights and buffers. */
    public static void save(Network network, Path file, Map<String, String> metadata) throws IOException {
        SafetensorsWriter.write(file, of(network), metadata, SafetensorsWriter.Seal.NONE);
    }

    /**
     * Fills a network from a safetensors file. Floats of a smaller type are widened.
     *
     * @throws IOException naming the missing, unexpected or mis-shaped tensors; the network is then unchanged
     */
    public static void load(Network network, Path file, Part part) throws IOException {
        Map<String, Tensor> found = new LinkedHashMap<>();
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            Set<String> names = new TreeSet<>(tensors.names());
            names.removeAll(left(network, part));
            requireNames(file.toString(), part(network, part).keySet(), names);
            for (String name : names) {
                found.put(name, tensors.read(name));
            }
        }
        load(network, found, part, file.toString());
    }

    /** What a file can fill of a network: all of it, or the trunk where it has no classifier for as many classes. */
    public static Part fitting(Network network, Path file) throws IOException {
        Parameter classifier = network.classifier().get(0);
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            boolean fits = tensors.names().contains(classifier.name())
                    && Arrays.equals(tensors.shape(classifier.name()), classifier.shape());
            return fits ? Part.WHOLE : Part.TRUNK;
        }
    }

    private static Map<String, Tensor> part(Network network, Part part) {
        Map<String, Tensor> state = of(network);
        state.keySet().removeAll(left(network, part));
        return state;
    }

    private static Set<String> left(Network network, Part part) {
        return part == Part.WHOLE
                ? Set.of()
                : network.classifier().stream().map(Parameter::name).collect(Collectors.toSet());
    }

    /**
     * Fills a network from tensors by name.
     *
     * @param source what a message calls their origin
     * @throws IOException naming the missing, unexpected or mis-shaped tensors; the network is then unchanged
     */
    public static void load(Network network, Map<String, Tensor> found, String source) throws IOException {
        load(network, found, Part.WHOLE, source);
    }

    private static void load(Network network, Map<String, Tensor> found, Part part, String source) throws IOException {
        Map<String, Tensor> state = part(network, part);
        requireNames(source, state.keySet(), found.keySet());
        for (Map.Entry<String, Tensor> entry : state.entrySet()) {
            requireFit(source, entry.getKey(), entry.getValue(), found.get(entry.getKey()));
        }
        for (String name : network.flat().constants().keySet()) {
            if (!state.get(name).bytes().equals(found.get(name).bytes())) {
                throw new IOException(source + ": tensor '" + name + "' differs from the constant of this network");
            }
        }
        Map<String, org.bytedeco.pytorch.Tensor> targets = tensors(network);
        state.forEach((name, target) -> {
            Tensor given = found.get(name);
            Tensor fitting = given.type() == target.type() ? given : Tensor.of(given.toFloats(), given.shape());
            TensorMemory.fill(targets.get(name), fitting.bytes());
        });
    }

    private static void requireNames(String source, Set<String> wanted, Set<String> found) throws IOException {
        Set<String> missing = new TreeSet<>(wanted);
        missing.removeAll(found);
        Set<String> unexpected = new TreeSet<>(found);
        unexpected.removeAll(wanted);
        unexpected.remove(SafetensorsFile.SEAL);
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            throw new IOException(source + ": not the weights of this network: missing " + some(missing)
                    + ", unexpected " + some(unexpected));
        }
    }

    private static String some(Set<String> names) {
        List<String> first = names.stream().limit(NAMES_IN_A_MESSAGE).toList();
        return names.size() > first.size()
                ? first + " and " + (names.size() - first.size()) + " more"
                : first.toString();
    }

    private static void requireFit(String source, String name, Tensor target, Tensor found) throws IOException {
        boolean integers = target.type() == TensorType.I64;
        boolean convertible = switch (found.type()) {
            case F32, BF16, F16 -> !integers;
            case I64 -> integers;
            default -> false;
        };
        if (!convertible || !Arrays.equals(target.shape(), found.shape())) {
            throw new IOException(source + ": tensor '" + name + "' is " + found + ", allowed: " + target);
        }
    }

    private static Tensor view(org.bytedeco.pytorch.Tensor tensor, TensorType type) {
        ByteBuffer bytes = TensorMemory.bytes(tensor);
        if (bytes.order() != ByteOrder.LITTLE_ENDIAN) {
            throw new IllegalStateException("state dicts are read and written on little-endian machines only");
        }
        return new Tensor(type, tensor.shape(), bytes);
    }
}
