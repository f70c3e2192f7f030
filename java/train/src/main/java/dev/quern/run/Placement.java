package dev.quern.run;

import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.kernels.Engine;
import dev.quern.train.DeviceDataset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Holds the images of a run on the engine's device, where they fit. */
record Placement(Engine engine, List<DeviceDataset> held) implements AutoCloseable {
    Placement(Engine engine) {
        this(engine, new ArrayList<>());
    }

    Splits of(Splits data) throws IOException {
        return new Splits(placed(data.train()), placed(data.test()), data.open());
    }

    private ImageDataset placed(ImageDataset data) throws IOException {
        Optional<DeviceDataset> placed = DeviceDataset.of(data, engine);
        placed.ifPresent(held::add);
        return placed.isPresent() ? placed.get() : data;
    }

    @Override
    public void close() {
        held.forEach(DeviceDataset::close);
    }
}
