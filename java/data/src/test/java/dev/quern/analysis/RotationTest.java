package dev.quern.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.SharedData;
import dev.quern.augment.Augmenter;
import dev.quern.augment.policy.Policies;
import dev.quern.augment.policy.Published;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import dev.quern.data.format.DatasetSpec;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class RotationTest {
    private static final int IMAGES = 500;

    @Test
    void realImagesAreFartherFromThemselvesTheMoreTheyAreTurned() throws IOException {
        ImageDataset images = DatasetSpec.parse(
                        "cifar10:" + SharedData.path("data/cifar-10-small/cifar-10-batches-bin"))
                .open(DatasetOptions.DEFAULT)
                .train();
        try (Engine engine = Engine.open()) {
            LabelledFeatures originals = turned(engine, images, 0);
            double last = 0;
            for (int degrees : new int[] {0, 5, 10, 20, 30, 45}) {
                double distance = Otdd.PAPER
                        .between(engine, originals, turned(engine, images, degrees))
                        .distance();
                if (degrees == 0) {
                    assertThat(distance).isZero();
                } else {
                    assertThat(distance).as("%d degrees", degrees).isGreaterThan(last);
                }
                last = distance;
            }
        }
    }

    /** Pixels in [0, 1] of the first images, each turned left or right. */
    private static LabelledFeatures turned(Engine engine, ImageDataset images, int degrees) throws IOException {
        FusedAugment pixels =
                FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, FusedAugment.Normalization.NONE);
        int[] samples = IntStream.range(0, IMAGES).toArray();
        try (NativeBuffer in = NativeBuffer.allocate(DType.UINT8, IMAGES, 32, 32, 3);
                NativeBuffer out = NativeBuffer.allocate(DType.FLOAT32, IMAGES, 32, 32, 3);
                Augmenter augmenter = new Augmenter(engine, pixels, IMAGES, 32, 32)) {
            for (int sample : samples) {
                ByteBuffer target = in.bytes().position(sample * images.imageBytes());
                images.read(sample, target.slice());
            }
            augmenter.apply(
                    Policies.parse("rotate(" + degrees + ",1.0,fixed)", Published.of(Profile.PAPER, 32, 32, 1)),
                    new Augmenter.Visit(1, 0, samples),
                    in,
                    out);
            return LabelledFeatures.of(
                    "turned",
                    out.toFloats(),
                    IntStream.of(samples).map(images::label).toArray());
        }
    }
}
