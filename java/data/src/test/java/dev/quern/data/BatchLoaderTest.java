package dev.quern.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.data.format.ShapesDataset;
import dev.quern.io.MalformedFileException;
import dev.quern.random.Philox;
import dev.quern.random.Slot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchLoaderTest {
    private static final ImageDataset SHAPES = ShapesDataset.generate(ShapesDataset.Options.DEFAULT.withSizes(300, 10))
            .train();

    @ParameterizedTest
    @CsvSource({
        "1,1,1", "2,1,3", "8,1,2", "1,7,4", "3,7,2", "8,7,1", "1,128,3", "2,128,1", "8,128,4", "5,300,2", "4,301,2"
    })
    void whatIsDeliveredDependsOnTheOrderAlone(int workers, int batch, int prefetch) throws IOException {
        int[] order = Philox.permutation(1, 0, 300, Slot.SHUFFLE);
        ByteArrayOutputStream images = new ByteArrayOutputStream();
        int seen = 0;
        try (BatchLoader loader = new BatchLoader(SHAPES, new BatchLoader.Options(batch, workers, prefetch))) {
            loader.start(order);
            while (loader.hasNext()) {
                Batch next = loader.next();
                assertThat(next.size()).isEqualTo(Math.min(batch, 300 - seen));
                assertThat(next.images().shape()).containsExactly(next.size(), 32, 32, 3);
                for (int i = 0; i < next.size(); i++) {
                    assertThat(next.indices()[i]).isEqualTo(order[seen]);
                    assertThat(next.labels()[i]).isEqualTo(SHAPES.label(order[seen++]));
                }
                images.writeBytes(next.images().toBytes());
            }
        }
        ByteBuffer expected = ByteBuffer.allocate(300 * SHAPES.imageBytes());
        for (int index : order) {
            SHAPES.read(index, expected);
        }
        assertThat(images.toByteArray()).isEqualTo(expected.array());
    }

    @Test
    void aNewPassGivesUpTheOldOne() throws IOException {
        try (BatchLoader loader = new BatchLoader(SHAPES, BatchLoader.Options.ofBatch(16))) {
            for (int pass = 0; pass < 20; pass++) {
                loader.start(Philox.permutation(2, pass, 300, Slot.SHUFFLE));
                Batch batch = loader.next();
                assertThat(batch.images().toBytes()).startsWith(TestImages.read(SHAPES, batch.indices()[0]));
            }
        }
    }

    @Test
    void memoryIsFlatOverPasses() throws IOException {
        int[] order = IntStream.range(0, 300).toArray();
        long before = Pointer.totalBytes();
        try (BatchLoader loader = new BatchLoader(SHAPES, BatchLoader.Options.ofBatch(32))) {
            long held = Pointer.totalBytes();
            for (int pass = 0; pass < 50; pass++) {
                loader.start(order);
                while (loader.hasNext()) {
                    loader.next();
                }
                assertThat(Pointer.totalBytes()).isEqualTo(held);
            }
        }
        assertThat(Pointer.totalBytes()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aBrokenSampleIsNamedOnceAndTheNextPassWorks(int workers) throws IOException {
        ImageDataset broken = new Broken(SHAPES, 40);
        try (BatchLoader loader = new BatchLoader(broken, new BatchLoader.Options(16, workers, 3))) {
            loader.start(IntStream.range(0, 300).toArray());
            loader.next();
            loader.next();
            assertThatThrownBy(loader::next)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot read sample 40 (broken.png)")
                    .hasMessageContaining("checksum is 1");
            assertThat(loader.hasNext()).isFalse();
            assertThatThrownBy(loader::next).isInstanceOf(NoSuchElementException.class);
            loader.start(new int[] {1, 2, 3});
            assertThat(loader.next().indices()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void anEmptyOrderIsAnEmptyPass() {
        try (BatchLoader loader = new BatchLoader(SHAPES, BatchLoader.Options.ofBatch(4))) {
            assertThat(loader.hasNext()).isFalse();
            loader.start(new int[0]);
            assertThat(loader.hasNext()).isFalse();
        }
    }

    @Test
    void badArgumentsAreNamed() {
        assertThatThrownBy(() -> new BatchLoader.Options(0, 1, 1)).hasMessage("batch is 0, allowed: 1 … 2147483647");
        assertThatThrownBy(() -> new BatchLoader.Options(1, 0, 1)).hasMessageContaining("workers is 0");
        assertThatThrownBy(() -> new BatchLoader.Options(1, 1, 65)).hasMessageContaining("prefetch is 65");
        assertThatThrownBy(() -> new BatchLoader(SHAPES, BatchLoader.Options.ofBatch(1 << 20)))
                .hasMessageContaining("batch is 1048576");
        try (BatchLoader loader = new BatchLoader(SHAPES, BatchLoader.Options.ofBatch(4))) {
            assertThatThrownBy(() -> loader.start(new int[] {0, 300})).hasMessage("order[1] is 300, allowed: 0 … 299");
            assertThatThrownBy(() -> loader.start(new int[] {-1})).hasMessageContaining("order[0] is -1");
        }
    }

    @Test
    void aClosedLoaderSaysSo() {
        BatchLoader loader = new BatchLoader(SHAPES, BatchLoader.Options.ofBatch(4));
        loader.start(new int[] {1, 2});
        loader.close();
        loader.close();
        assertThatThrownBy(() -> loader.start(new int[] {1})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(loader::next).isInstanceOf(IllegalStateException.class);
    }

    /** A data set of which one sample cannot be read. */
    private record Broken(ImageDataset whole, int broken) implements ImageDataset {
        @Override
        public String name() {
            return whole.name();
        }

        @Override
        public int size() {
            return whole.size();
        }

        @Override
        public int height() {
            return whole.height();
        }

        @Override
        public int width() {
            return whole.width();
        }

        @Override
        public List<String> classNames() {
            return whole.classNames();
        }

        @Override
        public int label(int index) {
            return whole.label(index);
        }

        @Override
        public Optional<BitSet> knownWrongLabels() {
            return whole.knownWrongLabels();
        }

        @Override
        public String sampleName(int index) {
            return index == broken ? "broken.png" : whole.sampleName(index);
        }

        @Override
        public void read(int index, ByteBuffer target) throws IOException {
            if (index == broken) {
                throw new MalformedFileException(Path.of("broken.png"), "checksum", 1, "2");
            }
            whole.read(index, target);
        }
    }
}
