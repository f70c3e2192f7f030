package dev.quern.train;

import dev.quern.data.Batch;
import dev.quern.data.BatchLoader;
import dev.quern.data.ImageDataset;
import dev.quern.io.Limits;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.NativeBuffer;
import dev.quern.kernels.NativeOutOfMemoryException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A data set whose images also lie on an engine's CUDA device, UINT8, brought there once. The data set below is not closed. */
public final class DeviceDataset implements ImageDataset, AutoCloseable {
    private static final int BATCH = 256;

    private final ImageDataset data;
    private final NativeBuffer images;

    private DeviceDataset(ImageDataset data, NativeBuffer images) {
        this.data = data;
        this.images = images;
    }

    /**
     * Brings the images to the engine's device.
     *
     * @return empty on the CPU, and where the images are more than {@link Limits#DEVICE_DATASET_BYTES} or than the device has room for
     * @throws IOException naming the sample that could not be read
     */
    public static Optional<DeviceDataset> of(ImageDataset data, Engine engine) throws IOException {
        if (!engine.device().isCuda() || (long) data.size() * data.imageBytes() > Limits.DEVICE_DATASET_BYTES) {
            return Optional.empty();
        }
        NativeBuffer images;
        try {
            images = NativeBuffer.allocate(engine.device(), DType.UINT8, data.size(), data.height(), data.width(), 3);
        } catch (NativeOutOfMemoryException full) {
            return Optional.empty();
        }
        try (BatchLoader loader = new BatchLoader(data, BatchLoader.Options.ofBatch(Math.min(BATCH, data.size())))) {
            loader.start(IntStream.range(0, data.size()).toArray());
            for (int first = 0; loader.hasNext(); ) {
                Batch batch = loader.next();
                engine.copy(batch.images(), images.rows(first, batch.size()));
                first += batch.size();
            }
            return Optional.of(new DeviceDataset(data, images));
        } catch (IOException | RuntimeException failure) {
            images.close();
            throw failure;
        }
    }

    /** UINT8 [size,height,width,3] on the device. */
    NativeBuffer images() {
        return images;
    }

    @Override
    public String name() {
        return data.name();
    }

    @Override
    public int size() {
        return data.size();
    }

    @Override
    public int height() {
        return data.height();
    }

    @Override
    public int width() {
        return data.width();
    }

    @Override
    public List<String> classNames() {
        return data.classNames();
    }

    @Override
    public int label(int index) {
        return data.label(index);
    }

    @Override
    public Optional<BitSet> knownWrongLabels() {
        return data.knownWrongLabels();
    }

    @Override
    public Optional<BitSet> knownCorruptions() {
        return data.knownCorruptions();
    }

    @Override
    public String sampleName(int index) {
        return data.sampleName(index);
    }

    @Override
    public void read(int index, ByteBuffer target) throws IOException {
        data.read(index, target);
    }

    @Override
    public void close() {
        images.close();
    }
}
