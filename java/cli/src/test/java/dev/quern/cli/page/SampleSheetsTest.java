package dev.quern.cli.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.adaptive.ent.EntAugmentConfig;
import dev.quern.augment.NoAugment;
import dev.quern.augment.policy.MagnitudeAugment;
import dev.quern.augment.policy.MagnitudeAugment.OpDraw;
import dev.quern.augment.policy.MagnitudeSpace;
import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import dev.quern.data.format.ShapesDataset;
import dev.quern.run.TrainConfig;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class SampleSheetsTest {
    private static final int CELL = 34;
    private static final ImageDataset SHAPES = ShapesDataset.generate(ShapesDataset.Options.DEFAULT.withSizes(12, 2))
            .train();

    @Test
    void imagesThatAreNotAugmentedAreShownAsTheyAreInEveryRow() throws IOException {
        BufferedImage sheet = sheet(TrainConfig.DEFAULT, 0, new NoAugment());
        assertThat(sheet.getWidth()).isEqualTo(12 * CELL - 2);
        assertThat(sheet.getHeight()).isEqualTo(4 * CELL - 2);
        for (int row = 1; row < 4; row++) {
            assertThat(cell(sheet, 5, row)).isEqualTo(cell(sheet, 5, 0));
        }
    }

    @Test
    void eachOfTheLowerRowsIsADrawOfItsOwn() throws IOException {
        MagnitudeAugment strong =
                MagnitudeAugment.of("strong", MagnitudeSpace.PAPER, OpDraw.EVERY_SAMPLE, sample -> 1, 0);
        BufferedImage sheet = sheet(TrainConfig.DEFAULT, 0, strong);
        assertThat(IntStream.range(0, 12).filter(i -> !cell(sheet, i, 1).equals(cell(sheet, i, 2))))
                .hasSizeGreaterThan(6);
    }

    @Test
    void opsStartAtTheImageAndGrowAlongTheirRow() throws IOException {
        TrainConfig config = TrainConfig.DEFAULT.withAdaptive(EntAugmentConfig.of(Profile.PAPER, 8));
        BufferedImage sheet = sheet(config, 1, new NoAugment());
        int rotate = MagnitudeSpace.OPS.indexOf(dev.quern.kernels.AugmentOp.ROTATE);
        assertThat(sheet.getHeight()).isEqualTo(14 * CELL - 2);
        assertThat(cell(sheet, 1, rotate)).isEqualTo(cell(sheet, 0, rotate));
        assertThat(cell(sheet, 8, rotate)).isNotEqualTo(cell(sheet, 0, rotate));
    }

    private static BufferedImage sheet(TrainConfig config, int index, dev.quern.augment.AugmentPolicy policy)
            throws IOException {
        SampleSheets samples = new SampleSheets(config);
        samples.finished(SHAPES, policy, 0);
        String address = List.copyOf(samples.sheets().values()).get(index);
        byte[] png = Base64.getDecoder().decode(address.substring(address.indexOf(',') + 1));
        return ImageIO.read(new ByteArrayInputStream(png));
    }

    private static List<Integer> cell(BufferedImage sheet, int column, int row) {
        int[] pixels = sheet.getRGB(column * CELL, row * CELL, 32, 32, null, 0, 32);
        return IntStream.of(pixels).boxed().toList();
    }
}
