package dev.quern.cli.study;

import dev.quern.augment.Mixing;
import dev.quern.augment.StepPolicy;
import dev.quern.augment.policy.Policies;
import dev.quern.augment.policy.Published;
import dev.quern.cli.page.AugmentedImages;
import dev.quern.cli.page.ContactSheet;
import dev.quern.cli.terminal.EngineOptions;
import dev.quern.cli.terminal.ImageOptions;
import dev.quern.cli.terminal.Names;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Profile;
import dev.quern.data.format.DatasetSpec;
import dev.quern.io.AtomicFile;
import dev.quern.kernels.Engine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes images as a policy augments them. */
@Command(
        name = "augment",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Shows what an augmentation policy makes of the first images of a training set.",
            "Writes NNNNNN.png for each, sheet.png with every original beside what seven epochs make of it, and labels.csv."
        },
        footerHeading = "%nPolicies, and the arguments each takes (name:key=value,key=value):%n",
        footer = {
            "  none   has:p   cutout:size,p   random-erasing:p   gridmask:least,most,ratio,rotate,p,ramp   mixup:alpha",
            "  cutmix:alpha,p   autoaugment:policy,cutout   fast-autoaugment:FILE,cutout   dada:FILE,cutout",
            "  randaugment:n,m,cutout   trivialaugment:space,cutout   augmix:severity,width   advmask:FILE",
            "  patch-gaussian:size,maxscale; all take settings=cifar10|cifar100|svhn|imagenet",
            "or an expression: basic()+rotate(30,0.5,variable)+cutout(16,1.0)",
            "",
            "Example: quern augment --dataset cifar10:cifar-10-batches-bin --policy randaugment:n=2,m=9 --count 16 --out sheet"
        })
public final class AugmentCommand implements Callable<Integer> {
    private static final int EPOCHS = 7;
    private static final int MOST_IMAGES = 10_000;

    @Option(names = "--dataset", required = true, paramLabel = "SPEC", description = "as for 'quern train'")
    private String dataset;

    @Option(names = "--policy", required = true, paramLabel = "P", description = "see below")
    private String policy;

    @Option(
            names = "--profile",
            paramLabel = "P",
            defaultValue = "paper",
            description =
                    "paper: what the papers mean; released: what their code does, bug for bug (default: ${DEFAULT-VALUE})")
    private String profile;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "16",
            description = "images, 1 … " + MOST_IMAGES + " (default: ${DEFAULT-VALUE})")
    private int count;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "of everything random (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "new or empty folder of the result")
    private Path out;

    @Mixin
    private ImageOptions framing = new ImageOptions();

    @Mixin
    private EngineOptions engineOptions;

    @Override
    public Integer call() throws IOException {
        if (count < 1 || count > MOST_IMAGES) {
            throw new IllegalArgumentException("--count is " + count + ", allowed: 1 … " + MOST_IMAGES);
        }
        Profile chosen = Names.find("--profile", profile, Profile.values(), Names::word);
        DatasetSpec spec = DatasetSpec.parse(dataset);
        Policies.parse(policy, Published.of(chosen, 32, 32, EPOCHS));
        requireEmpty(out);
        ImageDataset data = spec.open(
                        DatasetOptions.DEFAULT.withFraming(framing.resolve()).withSeed(seed))
                .train();
        Published published = Published.of(chosen, data.height(), data.width(), EPOCHS);
        StepPolicy made = Policies.parse(policy, benchmark(spec, published));
        write(out, files(data, made, Math.min(count, data.size())));
        return 0;
    }

    private static Published benchmark(DatasetSpec spec, Published published) {
        return spec.kind() == DatasetSpec.Kind.CIFAR100
                ? published.withBenchmark(Published.Benchmark.CIFAR100)
                : published;
    }

    private static void requireEmpty(Path folder) throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new FileAlreadyExistsException(folder.toString());
        }
        if (Files.isDirectory(folder)) {
            try (var content = Files.list(folder)) {
                if (content.findAny().isPresent()) {
                    throw new IllegalArgumentException(
                            "--out " + folder + " is not empty, allowed: a new or empty folder");
                }
            }
        }
    }

    /** Everything is made before the first file is written. */
    private Map<String, byte[]> files(ImageDataset data, StepPolicy drawn, int images) throws IOException {
        List<byte[]> originals = AugmentedImages.originals(data, images);
        List<AugmentedImages> made;
        try (Engine engine = engineOptions.open()) {
            int[] all = IntStream.range(0, EPOCHS).toArray();
            made = AugmentedImages.of(engine, AugmentedImages.kernel(data), data, drawn, seed, images, all);
        }
        List<List<byte[]>> epochs = made.stream().map(AugmentedImages::pixels).toList();
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (int i = 0; i < images; i++) {
            files.put(name(i), ContactSheet.png(List.of(epochs.get(0).get(i)), data.height(), data.width(), 1));
        }
        files.put("sheet.png", sheet(originals, epochs, data));
        files.put(
                "labels.csv",
                labels(data, made.get(0).mixing(), images).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return files;
    }

    private static byte[] sheet(List<byte[]> originals, List<List<byte[]>> epochs, ImageDataset data)
            throws IOException {
        List<byte[]> cells = new ArrayList<>();
        for (int i = 0; i < originals.size(); i++) {
            cells.add(originals.get(i));
            for (List<byte[]> epoch : epochs) {
                cells.add(epoch.get(i));
            }
        }
        return ContactSheet.png(cells, data.height(), data.width(), 1 + EPOCHS);
    }

    private static String labels(ImageDataset data, Optional<Mixing> mixing, int images) {
        return IntStream.range(0, images)
                .mapToObj(i -> {
                    int partner = mixing.map(mixed -> mixed.partners()[i]).orElse(i);
                    float weight = mixing.map(mixed -> mixed.labelWeights()[i]).orElse(1f);
                    return name(i) + "," + data.label(i) + "," + weight + "," + data.label(partner) + "\n";
                })
                .collect(Collectors.joining("", "file,label,weight,partner_label\n", ""));
    }

    private static String name(int image) {
        return "%06d.png".formatted(image);
    }

    /** A new folder appears with all its files or not at all. */
    private static void write(Path folder, Map<String, byte[]> files) throws IOException {
        Path parent = Files.createDirectories(folder.toAbsolutePath().getParent());
        Path temporary = Files.createTempDirectory(parent, ".augment");
        try {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                AtomicFile.write(
                        temporary.resolve(file.getKey()),
                        channel -> AtomicFile.writeFully(channel, ByteBuffer.wrap(file.getValue())));
            }
            Files.deleteIfExists(folder);
            Files.move(temporary, folder);
        } catch (IOException | RuntimeException failure) {
            for (String file : files.keySet()) {
                Files.deleteIfExists(temporary.resolve(file));
            }
            Files.deleteIfExists(temporary);
            throw failure;
        }
    }
}
