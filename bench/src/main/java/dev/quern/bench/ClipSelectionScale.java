package dev.quern.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.clip.ClipEmbeddings;
import dev.quern.clip.ClipSelection;
import dev.quern.clip.ClipSelection.Settings;
import dev.quern.kernels.Engine;
import dev.quern.nn.TorchThreads;
import dev.quern.random.Philox;
import dev.quern.train.StopSignal;
import java.io.IOException;
import java.time.LocalDate;
import java.util.stream.IntStream;

/**
 * Seconds and memory of CLIP-powered selection by phase, on clusters of made-up embeddings, as {@code quern select} does it by default. Arguments:
 * samples, classes, dimension, folds, threads. Prints JSON.
 */
final class ClipSelectionScale {
    private static final double RATIO = 0.3;
    private static final float SPREAD = 0.7f;

    private ClipSelectionScale() {}

    public static void main(String[] arguments) throws IOException {
        int[] sizes =
                IntStream.range(0, 5).map(i -> Integer.parseInt(arguments[i])).toArray();
        PeakMemory memory = PeakMemory.begin();
        TorchThreads.set(sizes[4]);
        ClipEmbeddings embeddings = clusters(sizes[0], sizes[1], sizes[2]);
        Settings settings = Settings.DEFAULT.withFolds(sizes[3]);
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("date", LocalDate.now().toString()).put("samples", sizes[0]).put("classes", sizes[1]);
        node.put("dimension", sizes[2]).put("folds", sizes[3]).put("threads", sizes[4]);
        try (Engine engine = Engine.open(TorchThreads.engineOptions(sizes[4]))) {
            long start = System.nanoTime();
            ClipSelection selection = ClipSelection.of(engine, embeddings, settings, new StopSignal());
            long scored = System.nanoTime();
            int kept = selection.select(RATIO).length;
            node.put("learning_seconds", selection.seconds().learning());
            node.put("alignment_seconds", selection.seconds().alignment());
            node.put("diversity_seconds", selection.seconds().diversity());
            node.put("choice_seconds", (System.nanoTime() - scored) * 1e-9);
            node.put("total_seconds", (System.nanoTime() - start) * 1e-9).put("kept", kept);
        }
        node.put("resident_growth_bytes", memory.growth());
        System.out.println(node.toPrettyString());
    }

    private static ClipEmbeddings clusters(int samples, int classes, int dimension) {
        float[] texts = new float[classes * dimension];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = Philox.uniformFloat(0, 0, i, 64) - 0.5f;
        }
        float[] images = new float[samples * dimension];
        int[] labels = new int[samples];
        IntStream.range(0, samples).parallel().forEach(i -> {
            labels[i] = i % classes;
            for (int j = 0; j < dimension; j++) {
                float noise = Philox.uniformFloat(0, 0, (long) i * dimension + j, 65) - 0.5f;
                images[i * dimension + j] = texts[labels[i] * dimension + j] + SPREAD * noise;
            }
        });
        return new ClipEmbeddings(images, texts, labels, dimension);
    }
}
