package dev.quern.cli.page;

import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.policy.MagnitudeSpace;
import dev.quern.cli.terminal.ForwardingListener;
import dev.quern.cli.terminal.Names;
import dev.quern.data.ImageDataset;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.NativeBuffer;
import dev.quern.run.TrainConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Remembers what a run's augmentation made of some images, as long as its policy is there: before and after, and every op by magnitude. */
public final class SampleSheets extends ForwardingListener {
    private static final int IMAGES = 12;
    private static final int DRAWS = 3;
    private static final int MAGNITUDES = 8;

    private final TrainConfig config;
    private final Map<String, String> sheets = new LinkedHashMap<>();

    /** Of a run with this configuration. */
    public SampleSheets(TrainConfig config) {
        this.config = config;
    }

    /** Data addresses of PNG files by caption; empty before the end of the run. */
    public Map<String, String> sheets() {
        return sheets;
    }

    @Override
    public void finished(ImageDataset train, AugmentPolicy policy, int lastEpoch) throws IOException {
        super.finished(train, policy, lastEpoch);
        int shown = Math.min(IMAGES, train.size());
        List<byte[]> originals = AugmentedImages.originals(train, shown);
        try (Engine engine = Engine.open()) {
            List<byte[]> cells = new ArrayList<>(originals);
            FusedAugment kernel =
                    AugmentedImages.kernel(train).withCutout(config.adaptive().cutout());
            int[] epochs = IntStream.range(lastEpoch, lastEpoch + DRAWS).toArray();
            AugmentedImages.of(engine, kernel, train, policy, config.seed(), shown, epochs)
                    .forEach(made -> cells.addAll(made.pixels()));
            sheets.put(
                    "Training images, and below them what " + policy.name() + " makes of each at the end of the run, "
                            + DRAWS + " times.",
                    ContactSheet.address(cells, train.height(), train.width(), shown));
            if (config.adaptive().space().isPresent()) {
                List<byte[]> ops = ops(engine, config.adaptive().space().get(), originals.get(0), train);
                sheets.put(
                        "Every op at magnitudes from 0 to 1, one row each: " + names() + ".",
                        ContactSheet.address(ops, train.height(), train.width(), 1 + MAGNITUDES));
            }
        }
    }

    private static String names() {
        return String.join(", ", MagnitudeSpace.OPS.stream().map(Names::word).toList());
    }

    /** A row for every op: the image, then the image after it. */
    private static List<byte[]> ops(Engine engine, MagnitudeSpace space, byte[] original, ImageDataset train) {
        int height = train.height();
        int width = train.width();
        int count = MagnitudeSpace.OPS.size() * MAGNITUDES;
        List<byte[]> cells = new ArrayList<>();
        try (NativeBuffer image = NativeBuffer.copyOf(original, 1, height, width, 3);
                NativeBuffer made = NativeBuffer.allocate(DType.UINT8, count, height, width, 3);
                AugmentBatch batch = new AugmentBatch(count, 1)) {
            for (int row = 0; row < count; row++) {
                AugmentOp op = MagnitudeSpace.OPS.get(row / MAGNITUDES);
                double magnitude = row % MAGNITUDES / (MAGNITUDES - 1.0);
                batch.image(row, 0).op(row, 0, op, space.value(op, magnitude, 1));
            }
            FusedAugment.UINT8.apply(engine, image, batch, made);
            ByteBuffer bytes = made.bytes();
            for (int row = 0; row < count; row++) {
                if (row % MAGNITUDES == 0) {
                    cells.add(original);
                }
                byte[] pixels = new byte[original.length];
                bytes.get(row * pixels.length, pixels);
                cells.add(pixels);
            }
        }
        return cells;
    }
}
