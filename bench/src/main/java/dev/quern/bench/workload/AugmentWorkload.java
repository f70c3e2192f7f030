package dev.quern.bench.workload;

import dev.quern.bench.peer.PeerProcess;
import dev.quern.bench.workload.Ceilings.Traffic;
import dev.quern.io.NpyFile;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.FusedAugment.Layout;
import dev.quern.kernels.FusedAugment.Normalization;
import dev.quern.kernels.FusedAugment.Resample;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** A random op of random magnitude for each of B images of S², then crop, flip, normalise into float32 NCHW. */
public final class AugmentWorkload implements Workload {
    private static final int CHECKED_IMAGES = 16;
    private static final Normalization NORMALIZATION =
            new Normalization(new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});

    private final Inputs inputs = new Inputs();
    private final NativeBuffer images;
    private final AugmentBatch draws;
    private final NativeBuffer batch;
    private final FusedAugment augment =
            FusedAugment.UINT8.withResample(Resample.BILINEAR).normalized(DType.FLOAT32, Layout.NCHW, NORMALIZATION);
    private final int count;
    private final int side;
    private float[] expected;

    /** {@code count} images of {@code side} by {@code side} pixels. */
    public AugmentWorkload(int count, int side) {
        this.count = count;
        this.side = side;
        SplittableRandom random = new SplittableRandom(5);
        images = inputs.add("images", photographs(random, count, side));
        draws = new AugmentBatch(count, 1);
        draw(random);
        inputs.add("mean", NativeBuffer.copyOf(NORMALIZATION.mean(), 3));
        inputs.add("std", NativeBuffer.copyOf(NORMALIZATION.std(), 3));
        batch = NativeBuffer.allocate(DType.FLOAT32, count, 3, side, side);
    }

    /** Smooth waves of colour with a little noise. */
    private static NativeBuffer photographs(SplittableRandom random, int count, int side) {
        NativeBuffer images = NativeBuffer.allocate(DType.UINT8, count, side, side, 3);
        ByteBuffer bytes = images.bytes();
        for (int image = 0; image < count; image++) {
            double[] waves = random.doubles(9, 0, 2 * Math.PI).toArray();
            for (int i = 0; i < side * side; i++) {
                for (int c = 0; c < 3; c++) {
                    double phase = waves[c] + waves[3 + c] * (i / side) / side + waves[6 + c] * (i % side) / side;
                    bytes.put((byte) (128 + 100 * Math.sin(phase) + random.nextInt(-12, 13)));
                }
            }
        }
        return images;
    }

    /** Every op but the identity, at any strength; the crop is off by up to an eighth of the side. */
    private void draw(SplittableRandom random) {
        int[] ops = new int[count];
        double[] values = new double[count];
        int[] cropY = new int[count];
        int[] cropX = new int[count];
        byte[] flip = new byte[count];
        for (int image = 0; image < count; image++) {
            AugmentOp op = AugmentOp.values()[random.nextInt(1, AugmentOp.INVERT.ordinal())];
            ops[image] = op.ordinal();
            values[image] = value(op, random.nextDouble(), random.nextBoolean() ? 1 : -1);
            cropY[image] = random.nextInt(-side / 8, side / 8 + 1);
            cropX[image] = random.nextInt(-side / 8, side / 8 + 1);
            flip[image] = (byte) random.nextInt(2);
            draws.op(image, 0, op, values[image]).crop(image, cropY[image], cropX[image]);
            draws.flip(image, flip[image] != 0);
        }
        inputs.add("ops", NativeBuffer.copyOf(ops, count));
        inputs.add("values", NativeBuffer.copyOf(values, count));
        inputs.add("crop_y", NativeBuffer.copyOf(cropY, count));
        inputs.add("crop_x", NativeBuffer.copyOf(cropX, count));
        inputs.add("flip", NativeBuffer.copyOf(flip, count));
    }

    private double value(AugmentOp op, double magnitude, int sign) {
        return switch (op.parameter()) {
            case NONE -> 0;
            case DEGREES -> sign * 30 * magnitude;
            case THRESHOLD -> 256 - Math.rint(256 * magnitude);
            case FACTOR -> 1 + sign * 0.9 * magnitude;
            case BITS -> 8 - Math.rint(4 * magnitude);
            case SHEAR -> sign * 0.3 * magnitude;
            case PIXELS -> sign * Math.rint(0.45 * side * magnitude);
        };
    }

    @Override
    public void run(Engine engine) {
        augment.apply(engine, images, draws, batch);
    }

    @Override
    public float[] output() {
        return batch.toFloats();
    }

    /** Worst difference over the first images, in normalised units. */
    @Override
    public double error(float[] output) {
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            worst = Errors.worse(worst, Math.abs(output[i] - expected[i]));
        }
        return worst;
    }

    @Override
    public void askOracle(PeerProcess natives, Path file) throws IOException {
        natives.ask("oracle", file, Math.min(count, CHECKED_IMAGES));
        expected = NpyFile.read(file).toFloats();
    }

    @Override
    public double tolerance() {
        return 2e-6;
    }

    @Override
    public Limit limit(Ceilings ceilings) {
        return ceilings.traffic(Traffic.COPY, images.size() + Float.BYTES * batch.size());
    }

    @Override
    public void save(Path folder) throws IOException {
        inputs.save(folder);
    }

    @Override
    public void close() {
        inputs.close();
        draws.close();
        batch.close();
    }
}
