package dev.quern.cli.train;

import dev.quern.adaptive.ada.AdaAugmentConfig;
import dev.quern.cli.page.LineChart;
import dev.quern.run.TrainConfig;
import java.util.Arrays;
import java.util.Optional;

/** The mean magnitude of AdaAugment's published runs of ResNet-18 over 300 epochs (Yang et al. 2025, log of the released code). */
enum PublishedMagnitudes {
    CIFAR10("cifar10", new double[][] {
        {0, 0.51},
        {30, 0.54},
        {60, 0.50},
        {90, 0.52},
        {120, 0.59},
        {150, 0.64},
        {180, 0.81},
        {210, 0.80},
        {240, 0.87},
        {270, 0.90},
        {299, 0.89}
    }),
    CIFAR100(
            "cifar100",
            new double[][] {{0, 0.49}, {30, 0.46}, {60, 0.56}, {90, 0.93}, {120, 0.96}, {150, 0.98}, {299, 0.96}});

    private static final double LAST_EPOCH = 299;

    private final String dataset;
    private final double[][] points;

    PublishedMagnitudes(String dataset, double[][] points) {
        this.dataset = dataset;
        this.points = points;
    }

    /** The published curve of a run's data set, stretched to its number of epochs. */
    static Optional<LineChart.Series> of(TrainConfig config, int epochs) {
        if (!(config.adaptive() instanceof AdaAugmentConfig)) {
            return Optional.empty();
        }
        return Arrays.stream(values())
                .filter(published -> config.dataset().startsWith(published.dataset + ":"))
                .findFirst()
                .map(published -> published.stretched(epochs));
    }

    private LineChart.Series stretched(int epochs) {
        return new LineChart.Series(
                "published",
                Arrays.stream(points)
                        .mapToDouble(point -> point[0] * (epochs - 1) / LAST_EPOCH)
                        .toArray(),
                Arrays.stream(points).mapToDouble(point -> point[1]).toArray());
    }
}
