package dev.quern.cli.page;

import dev.quern.augment.AugmentPolicy;
import dev.quern.augment.Augmenter;
import dev.quern.augment.Mixing;
import dev.quern.data.ImageDataset;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.NativeBuffer;
import dev.quern.train.ChannelStatistics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The first images of a data set as a policy makes them in one epoch.
 *
 * @param pixels uint8 [height,width,3] of each
 */
public record AugmentedImages(List<byte[]> pixels, Optional<Mixing> mixing) {

    /** Brings images into the format of networks. */
    public static FusedAugment kernel(ImageDataset data) throws IOException {
        return FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, ChannelStatistics.of(data));
    }

    /** One element for each of the epochs. */
    public static List<AugmentedImages> of(
            Engine engine,
            FusedAugment kernel,
            ImageDataset data,
            AugmentPolicy policy,
            long seed,
            int images,
            int... epochs)
            throws IOException {
        List<AugmentedImages> made = new ArrayList<>();
        try (NativeBuffer in = NativeBuffer.allocate(DType.UINT8, images, data.height(), data.width(), 3);
                NativeBuffer result = NativeBuffer.allocate(DType.FLOAT32, images, data.height(), data.width(), 3);
                Augmenter augmenter = new Augmenter(engine, kernel, images, data.height(), data.width())) {
            ByteBuffer originals = in.bytes();
            for (byte[] original : originals(data, images)) {
                originals.put(original);
            }
            int[] samples = IntStream.range(0, images).toArray();
            for (int epoch : epochs) {
                Optional<Mixing> mixing =
                        augmenter.apply(policy, new Augmenter.Visit(seed, epoch, samples), in, result);
                made.add(new AugmentedImages(bytes(result, kernel.normalization(), images), mixing));
            }
        }
        return made;
    }

    /** The first images of a data set, as they are. */
    public static List<byte[]> originals(ImageDataset data, int images) throws IOException {
        List<byte[]> originals = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            originals.add(ContactSheet.read(data, i));
        }
        return originals;
    }

    private static List<byte[]> bytes(NativeBuffer values, FusedAugment.Normalization normalization, int images) {
        float[] all = values.toFloats();
        byte[] bytes = new byte[all.length];
        for (int i = 0; i < all.length; i++) {
            float value = all[i] * normalization.std()[i % 3] + normalization.mean()[i % 3];
            bytes[i] = (byte) Math.max(0, Math.min(255, Math.round(255 * value)));
        }
        int each = all.length / images;
        return IntStream.range(0, images)
                .mapToObj(i -> Arrays.copyOfRange(bytes, i * each, (i + 1) * each))
                .toList();
    }
}
