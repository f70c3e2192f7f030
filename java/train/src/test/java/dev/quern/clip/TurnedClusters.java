package dev.quern.clip;

import dev.quern.random.Philox;

/** Embeddings in clusters around turned texts, so that adapters have something to learn. */
final class TurnedClusters {
    private TurnedClusters() {}

    /**
     * Classes in turn; the image embeddings have the texts' coordinates in reverse order, and noise.
     *
     * @param wrongEvery every so manieth sample of a cluster has the label of another, each in turn; 0: none
     */
    static ClipEmbeddings of(int samples, int classes, int dimension, int wrongEvery) {
        float[] texts = new float[classes * dimension];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = (float) gaussian(i, 64);
        }
        float[] images = new float[samples * dimension];
        int[] labels = new int[samples];
        for (int i = 0; i < samples; i++) {
            int cluster = i % classes;
            int round = i / classes;
            boolean wrong = wrongEvery > 0 && round % wrongEvery == 0;
            labels[i] = wrong ? (cluster + 1 + round / wrongEvery % (classes - 1)) % classes : cluster;
            for (int j = 0; j < dimension; j++) {
                float center = texts[cluster * dimension + dimension - 1 - j];
                images[i * dimension + j] = center + 0.3f * (float) gaussian((long) i * dimension + j, 66);
            }
        }
        return new ClipEmbeddings(images, texts, labels, dimension);
    }

    private static double gaussian(long place, int slot) {
        double radius = Math.sqrt(-2 * Math.log(1 - Philox.uniform(11, 0, place, slot)));
        return radius * Math.cos(2 * Math.PI * Philox.uniform(11, 0, place, slot + 1));
    }
}
