package dev.quern.cli.kernel;

import dev.quern.cli.terminal.EngineOptions;
import dev.quern.cli.terminal.Names;
import dev.quern.cli.terminal.NpyArrays;
import dev.quern.io.Tensor;
import dev.quern.kernels.AugmentBatch;
import dev.quern.kernels.AugmentOp;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.NativeBuffer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "augment",
        mixinStandardHelpOptions = true,
        description = {
            "Applies one op to a batch of images; results equal Pillow's bit for bit.",
            "Writes images.npy, uint8 [B,H,W,3]."
        },
        footer = {
            "",
            "Values: rotate degrees; shear_x, shear_y factor; translate_x, translate_y pixels; color, contrast, brightness,",
            "sharpness enhancer factor (1: unchanged); solarize threshold 0 ... 256; posterize bits 0 ... 8.",
            "Example: quern kernel augment --images I.npy --op rotate --value 15 --resample bilinear --out result"
        })
final class KernelAugmentCommand implements Callable<Integer> {
    @Option(names = "--images", required = true, paramLabel = "I.npy", description = "uint8 [B,H,W,3]")
    private Path images;

    @Option(
            names = "--op",
            required = true,
            paramLabel = "NAME",
            description = "one of ${COMPLETION-CANDIDATES}",
            completionCandidates = OpNames.class)
    private String op;

    @Option(
            names = "--value",
            paramLabel = "V|V.npy",
            description = "the op's physical parameter, one for all images or an npy of B values")
    private String value;

    @Option(
            names = "--resample",
            paramLabel = "FILTER",
            defaultValue = "nearest",
            description = "of rotate, shear and translate: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private FusedAugment.Resample resample;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder of the result")
    private Path out;

    @Mixin
    private EngineOptions engineOptions;

    static final class OpNames implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return Arrays.stream(AugmentOp.values()).map(OpNames::name).iterator();
        }

        static String name(AugmentOp op) {
            return op.name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    @Override
    public Integer call() throws IOException {
        AugmentOp chosen = Names.find("--op", op, AugmentOp.values(), OpNames::name);
        try (Engine engine = engineOptions.open();
                NativeBuffer in = NpyArrays.images("--images", images);
                NativeBuffer result = NativeBuffer.allocate(DType.UINT8, in.shape());
                AugmentBatch batch = new AugmentBatch(Math.toIntExact(in.dimension(0)), 1)) {
            double[] values = values(chosen, batch.capacity());
            for (int sample = 0; sample < batch.capacity(); sample++) {
                batch.op(sample, 0, chosen, values[sample]);
            }
            FusedAugment.UINT8.withResample(resample).apply(engine, in, batch, result);
            NpyArrays.write(out, Map.of("images.npy", result));
        }
        return 0;
    }

    private double[] values(AugmentOp chosen, int count) throws IOException {
        double[] values = new double[count];
        if (value == null) {
            if (chosen.parameter() != AugmentOp.Parameter.NONE) {
                throw new IllegalArgumentException("--value is missing, " + OpNames.name(chosen) + " needs its "
                        + chosen.parameter().name().toLowerCase(java.util.Locale.ROOT));
            }
            return values;
        }
        if (value.endsWith(".npy")) {
            Tensor given = NpyArrays.readFloats("--value", Path.of(value));
            NpyArrays.requireRank("--value", Path.of(value), given, 1);
            if (given.count() != count) {
                throw new IllegalArgumentException(
                        "--value " + value + " holds " + given.count() + " values, allowed: one per image, " + count);
            }
            return given.toDoubles();
        }
        try {
            Arrays.fill(values, Double.parseDouble(value));
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException("--value is '" + value + "', allowed: a number or an npy file");
        }
        return values;
    }
}
