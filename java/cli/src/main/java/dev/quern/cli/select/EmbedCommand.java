package dev.quern.cli.select;

import dev.quern.cli.terminal.Failures;
import dev.quern.cli.terminal.ImageOptions;
import dev.quern.cli.terminal.Interruption;
import dev.quern.cli.terminal.Json;
import dev.quern.cli.terminal.NpyArrays;
import dev.quern.clip.ClipEncoder;
import dev.quern.clip.DualEncoderTraining;
import dev.quern.clip.EmbeddingParts;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.data.SubsetDataset;
import dev.quern.data.format.DatasetSpec;
import dev.quern.io.FileBytes;
import dev.quern.io.NpyFile;
import dev.quern.io.SafetensorsWriter;
import dev.quern.io.Tensor;
import dev.quern.io.TensorType;
import dev.quern.kernels.DType;
import dev.quern.kernels.Engine;
import dev.quern.kernels.FusedAugment;
import dev.quern.kernels.NativeBuffer;
import dev.quern.nn.Precision;
import dev.quern.nn.TorchThreads;
import dev.quern.nn.clip.ClipTokenizer.TooLong;
import dev.quern.nn.clip.DualEncoder;
import dev.quern.train.ChannelStatistics;
import dev.quern.train.Inference;
import dev.quern.train.StoppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes embeddings of images and labels. */
@Command(
        name = "embed",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Embeds the images and class names of a data set, or preprocessed arrays, by CLIP (Radford et al. 2021).",
            "Writes images [N,D], labels [N], texts [C,D], test.images and test.labels of a data set; image_features and text_features of arrays.",
            "Without --clip, a small dual encoder that learns from the data set's own labels serves.",
            "A run that was killed goes on when it is started again, and ends with the same bits."
        },
        footer = {
            "",
            "Example: quern embed --clip clip-vit-base-patch32 --dataset cifar10:cifar-10-batches-bin --out cifar10.safetensors"
        })
public final class EmbedCommand implements Callable<Integer> {
    private static final int BATCH = 250;

    @Option(
            names = "--clip",
            paramLabel = "DIR",
            description = "checkpoint: config.json, model.safetensors and, for class names, tokenizer.json")
    private Path clip;

    @Option(names = "--dataset", paramLabel = "SPEC", description = "as for 'quern train'")
    private String dataset;

    @Mixin
    private ImageOptions framing = new ImageOptions();

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            defaultValue = ClipEncoder.PROMPT,
            description = "around the class name (default: ${DEFAULT-VALUE})")
    private String prompt;

    @Option(
            names = "--too-long",
            paramLabel = "T",
            defaultValue = "refuse",
            description = "texts with more tokens than CLIP reads: refuse or truncate (default: ${DEFAULT-VALUE})")
    private TooLong tooLong;

    @Option(names = "--pixel-values", paramLabel = "P.npy", description = "float [N,3,S,S], preprocessed images")
    private Path pixelValues;

    @Option(names = "--input-ids", paramLabel = "I.npy", description = "int [B,context], tokens")
    private Path inputIds;

    @Option(
            names = "--encoder-epochs",
            paramLabel = "E",
            defaultValue = "8",
            description = "of the dual encoder (default: ${DEFAULT-VALUE})")
    private int encoderEpochs;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "of the dual encoder (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--threads", paramLabel = "T", defaultValue = "2", description = "(default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(names = "--out", required = true, paramLabel = "FILE.safetensors", description = "a new file")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if ((dataset == null) == (pixelValues == null && inputIds == null)) {
            throw new IllegalArgumentException(
                    "--dataset, or --pixel-values and --input-ids: one of the two kinds is needed");
        }
        if (dataset == null && clip == null) {
            throw new IllegalArgumentException("--clip is missing, allowed with arrays: the folder of a checkpoint");
        }
        if (encoderEpochs < 1) {
            throw new IllegalArgumentException("--encoder-epochs is " + encoderEpochs + ", allowed: ≥ 1");
        }
        if (Files.exists(out)) {
            throw new IllegalArgumentException("--out " + out + " exists, allowed: a new file");
        }
        TorchThreads.set(threads);
        try (Interruption interruption = new Interruption()) {
            if (dataset == null) {
                embedArrays();
            } else if (clip != null) {
                embedByClip(interruption);
            } else {
                embedByDualEncoder(interruption);
            }
        } catch (StoppedException stopped) {
            return Failures.INTERRUPTED;
        }
        return 0;
    }

    private void embedArrays() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (ClipEncoder encoder = ClipEncoder.open(clip)) {
            if (pixelValues != null) {
                Tensor pixels = NpyFile.read(pixelValues);
                NpyArrays.requireRank("--pixel-values", pixelValues, pixels, 4);
                if (pixels.type() != TensorType.F32) {
                    throw new IllegalArgumentException(
                            "--pixel-values " + pixelValues + " holds " + pixels + ", allowed: float32");
                }
                int images = (int) pixels.shape()[0];
                float[] rows = encoder.images(pixels.bytes().asFloatBuffer(), images);
                tensors.put("image_features", Tensor.of(rows, images, encoder.dimension()));
            }
            if (inputIds != null) {
                Tensor ids = NpyFile.read(inputIds);
                NpyArrays.requireRank("--input-ids", inputIds, ids, 2);
                if (ids.shape()[1] != encoder.context()
                        || ids.type() == TensorType.F32
                        || ids.type() == TensorType.F64) {
                    throw new IllegalArgumentException("--input-ids " + inputIds + " holds " + ids
                            + ", allowed: int [B, " + encoder.context() + "]");
                }
                float[] rows = encoder.texts(ids.toLongs());
                tensors.put("text_features", Tensor.of(rows, ids.shape()[0], encoder.dimension()));
            }
        }
        write(tensors, Map.of("encoder", "clip"));
        say("encoder: CLIP of " + clip);
    }

    private void embedByClip(Interruption interruption) throws IOException {
        Splits splits = open();
        Map<String, String> settings = settings(splits, "clip");
        settings.put("prompt", prompt);
        settings.put("weights_sha256", FileBytes.sha256(clip.resolve("model.safetensors")));
        try (ClipEncoder encoder = ClipEncoder.open(clip)) {
            float[] texts = encoder.classes(splits.train().classNames(), prompt, tooLong);
            embed(splits, settings, texts, encoder.dimension(), (data, first, count) -> {
                interruption.stop().check();
                return encoder.images(data, first, count);
            });
        }
        say("encoder: CLIP of " + clip);
    }

    private void embedByDualEncoder(Interruption interruption) throws IOException {
        Splits splits = open();
        ImageDataset train = splits.train();
        Map<String, String> settings = settings(splits, "dual");
        settings.put("encoder_epochs", Integer.toString(encoderEpochs));
        settings.put("seed", Long.toString(seed));
        FusedAugment kernel =
                FusedAugment.UINT8.normalized(DType.FLOAT32, FusedAugment.Layout.NHWC, ChannelStatistics.of(train));
        try (Engine engine = Engine.open(TorchThreads.engineOptions(threads))) {
            Inference inference = new Inference(engine, kernel, Precision.FP32, BATCH, interruption.stop());
            DualEncoderTraining training = new DualEncoderTraining(train, inference, encoderEpochs, seed);
            try (DualEncoder encoder =
                            training.learn(IntStream.range(0, train.size()).toArray(), 0);
                    NativeBuffer texts = DualEncoderTraining.texts(encoder)) {
                embed(splits, settings, texts.toFloats(), encoder.featureSize(), (data, first, count) -> {
                    int[] range = IntStream.range(first, first + count).toArray();
                    try (NativeBuffer rows =
                            inference.normalizedFeatures(encoder, new SubsetDataset(data.name(), data, range))) {
                        return rows.toFloats();
                    }
                });
            }
        }
        say("encoder: a dual encoder that learned from these images and labels, because no --clip was given");
    }

    /** Embeds {@code count} images from {@code first} on. */
    @FunctionalInterface
    private interface Images {
        float[] rows(ImageDataset data, int first, int count) throws IOException;
    }

    private void embed(Splits splits, Map<String, String> settings, float[] texts, int dimension, Images images)
            throws IOException {
        EmbeddingParts parts = EmbeddingParts.of(out, Json.line(settings));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("texts", Tensor.of(texts, texts.length / dimension, dimension));
        for (ImageDataset data : Arrays.asList(splits.train(), splits.test())) {
            String prefix = data == splits.train() ? "" : "test.";
            float[] rows;
            try (EmbedProgress progress = EmbedProgress.of(prefix + "images", data.size())) {
                rows = parts.rows(
                        prefix + "images",
                        data.size(),
                        dimension,
                        (first, count) -> images.rows(data, first, count),
                        progress);
            }
            tensors.put(prefix + "images", Tensor.of(rows, data.size(), dimension));
            int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
            tensors.put(prefix + "labels", Tensor.of(labels, labels.length));
        }
        settings.put("classes", Json.line(splits.train().classNames()));
        write(tensors, settings);
        parts.delete();
    }

    private Splits open() throws IOException {
        return DatasetSpec.parse(dataset).open(DatasetOptions.DEFAULT.withFraming(framing.resolve()));
    }

    private Map<String, String> settings(Splits splits, String encoder) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("encoder", encoder);
        settings.put("dataset", dataset);
        settings.put("framing", framing.resolve().toString());
        settings.put("train_images", Integer.toString(splits.train().size()));
        settings.put("test_images", Integer.toString(splits.test().size()));
        settings.put("threads", Integer.toString(threads));
        return settings;
    }

    private void write(Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        SafetensorsWriter.write(out, tensors, metadata, SafetensorsWriter.Seal.NONE);
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().println("embeddings: " + out);
        spec.commandLine().getOut().flush();
    }
}
