package dev.quern.augment.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.augment.Cutout;
import dev.quern.augment.Step;
import dev.quern.augment.StepPolicy;
import dev.quern.augment.policy.Published.Benchmark;
import dev.quern.augment.step.Crop;
import dev.quern.augment.step.CutMix;
import dev.quern.augment.step.Flip;
import dev.quern.augment.step.GridMask;
import dev.quern.augment.step.HideAndSeek;
import dev.quern.augment.step.Mixup;
import dev.quern.augment.step.PatchGaussian;
import dev.quern.augment.step.RandomErasing;
import dev.quern.data.Profile;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PoliciesTest {
    private static final Published PAPER = Published.of(Profile.PAPER, 32, 32, 300);
    private static final Published RELEASED = Published.of(Profile.RELEASED, 32, 32, 300);
    private static final Published LARGE = Published.of(Profile.PAPER, 224, 224, 300);
    private static final Step CROP = new Crop(4);
    private static final Step FLIP = new Flip(Flip.Axis.HORIZONTAL, 0.5);

    @TempDir
    Path folder;

    @Test
    void policiesTakeTheirPublishedSettingsForCifar() throws IOException {
        assertThat(steps("none", PAPER)).containsExactly(CROP, FLIP);
        assertThat(steps("cutout", PAPER)).containsExactly(CROP, FLIP, new Cutout(16, 1));
        assertThat(steps("cutout:settings=cifar100", PAPER)).endsWith(new Cutout(8, 1));
        assertThat(steps("random-erasing", PAPER)).endsWith(RandomErasing.cifar(0.5));
        assertThat(steps("gridmask", PAPER)).endsWith(new GridMask(24, 32, 0.4, 1, 0.8, 0));
        assertThat(steps("mixup", PAPER)).endsWith(new Mixup(1));
        assertThat(steps("cutmix", PAPER)).endsWith(new CutMix(1, 0.5));
        assertThat(steps("has", PAPER)).endsWith(new HideAndSeek(List.of(0, 4, 8, 16), 0.5, HideAndSeek.Tiles.SQUARES));
        assertThat(steps("autoaugment", PAPER))
                .containsExactly(CROP, FLIP, AutoAugment.CIFAR10.ops(), new Cutout(16, 1));
        assertThat(steps("autoaugment:settings=svhn", PAPER)).contains(AutoAugment.SVHN.ops());
        assertThat(steps("randaugment", PAPER)).containsExactly(RandomOps.randAugment(3, 5), CROP, FLIP);
        assertThat(steps("randaugment:settings=cifar100", PAPER)).startsWith(RandomOps.randAugment(2, 14));
        assertThat(steps("trivialaugment", PAPER))
                .startsWith(
                        RandomOps.trivialAugment(new TrivialSpace(TrivialSpace.Posterize.EIGHT_DOWN_TO_FOUR, 31, 10)));
        assertThat(steps("augmix", PAPER)).containsExactly(CROP, FLIP, new AugMix(3, 3));
        assertThat(steps("patch-gaussian", PAPER)).endsWith(new PatchGaussian(25, 0.1));
    }

    @Test
    void policiesTakeTheirPublishedSettingsForImageNet() throws IOException {
        assertThat(steps("cutout", LARGE)).endsWith(new Cutout(112, 1));
        assertThat(steps("random-erasing", LARGE)).endsWith(RandomErasing.torchvision(0.5));
        assertThat(steps("gridmask", LARGE)).endsWith(new GridMask(96, 223, 0.6, 360, 0.8, 240));
        assertThat(steps("mixup", LARGE)).endsWith(new Mixup(0.2));
        assertThat(steps("cutmix", LARGE)).endsWith(new CutMix(1, 1));
        assertThat(steps("has", LARGE))
                .endsWith(new HideAndSeek(List.of(0, 16, 32, 44, 56), 0.5, HideAndSeek.Tiles.SQUARES));
        assertThat(steps("autoaugment", LARGE)).endsWith(AutoAugment.IMAGENET.ops());
        assertThat(steps("randaugment", LARGE)).startsWith(RandomOps.randAugment(2, 9));
        assertThat(steps("trivialaugment", LARGE)).startsWith(RandomOps.trivialAugment(TorchvisionSpace.TRIVIAL_WIDE));
    }

    @Test
    void releasedCodeIsAProfileOfItsOwn() throws IOException {
        assertThat(steps("has", RELEASED))
                .endsWith(new HideAndSeek(List.of(0, 16, 32, 44, 56), 0.5, HideAndSeek.Tiles.BANDS));
        assertThat(steps("randaugment", RELEASED))
                .containsExactly(RandomOps.randAugment(1, 30), CROP, FLIP, new Cutout(16, 1));
        assertThat(steps("trivialaugment", RELEASED))
                .containsExactly(
                        new RandomOps(
                                new TrivialSpace(TrivialSpace.Posterize.FOUR_DOWN_TO_NONE, 30, 10),
                                1,
                                OptionalInt.empty()),
                        CROP,
                        FLIP,
                        new Cutout(16, 1));
        assertThat(steps("autoaugment", RELEASED))
                .filteredOn(ReleasedAutoAugment.class::isInstance)
                .hasSize(2);
        assertThat(steps("invert()", RELEASED)).isEmpty();
        assertThat(steps("invert()", PAPER)).hasSize(1);
    }

    @Test
    void argumentsOverrideTheSettings() throws IOException {
        assertThat(steps("randaugment:n=1,m=0,cutout=4", PAPER))
                .containsExactly(RandomOps.randAugment(1, 0), CROP, FLIP, new Cutout(4, 1));
        assertThat(steps("gridmask:least=3,most=5,ratio=0.5,rotate=7,p=1,ramp=9", PAPER))
                .endsWith(new GridMask(3, 5, 0.5, 7, 1, 9));
        assertThat(Policies.parse("mixup:alpha=0.4", PAPER).name()).isEqualTo("mixup:alpha=0.4");
        assertThat(Policies.parse("mixup", PAPER).mixes()).isTrue();
        assertThat(Policies.parse("cutout", PAPER).mixes()).isFalse();
    }

    @Test
    void expressionsAreTheStudys() throws IOException {
        assertThat(steps("basic()+cutout(17,1.0)", LARGE)).containsExactly(CROP, FLIP, new Cutout(16, 1));
        assertThat(steps(" randaugment( 2, 9 ) + flipLR(0.3)", PAPER))
                .containsExactly(RandomOps.randAugment(2, 9), new Flip(Flip.Axis.HORIZONTAL, 0.3));
        assertThat(steps("autoaugment()", PAPER)).endsWith(new Cutout(8, 1)).hasSize(4);
        assertThat(steps("gridmask(0.2)", RELEASED)).containsExactly(GridMask.cifar(1));
        assertThat(steps("gridmask(0.2)", PAPER)).containsExactly(GridMask.cifar(0.2));
        assertThat(steps("randomerasing(1)+patchgaussian(8,0.5)+mixup()", PAPER))
                .hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "randaugmnt; policy is 'randaugmnt', nearest: 'randaugment'",
                "randaugment:k=2; policy randaugment has argument 'k', nearest: 'm', allowed: cutout, m, n, settings",
                "randaugment:n=x; policy randaugment has n 'x', allowed: a whole number",
                "randaugment:n=5; n is 5, allowed: 1 … 4",
                "randaugment:m=31; m is 31, allowed: 0 … 30",
                "mixup:alpha=0; alpha is 0, allowed: 0.001 … 1000",
                "cutout:,; policy cutout has argument '', allowed: key=value",
                "cutout:file; policy cutout has argument 'file', allowed: p, settings, size",
                "autoaugment:policy=cifar; policy autoaugment has policy 'cifar', allowed: cifar10, svhn, imagenet",
                "dada; policy dada has no file, allowed: dada:FILE",
                "rotat(3,1,fixed); policy item is 'rotat', nearest: 'rotate'",
                "rotate(3,1); policy item rotate has 2 arguments, allowed: rotate(deg,p,mode)",
                "rotate(3,1,round); policy item rotate has mode 'round', allowed: fixed, variable, square",
                "solarize(300,1); policy item solarize has threshold '300', allowed: 0 … 256",
                "posterize(2.5,1); policy item posterize has bits '2.5', allowed: a whole number",
                "color(x,1); policy item color has mag 'x', allowed: a number",
                "color(1,2); p is 2, allowed: 0 … 1",
                "basic()cutout(1,1); policy has item 'basic()cutout(1,1)', allowed: name(arguments) joined by +",
                "basic()+; policy has item '', allowed: name(arguments) joined by +",
                "mixup()+cutmix(); policy mixup()+cutmix() mixes more than once, allowed: one mixup or cutmix"
            })
    void whatIsWrongIsNamedWithWhatIsAllowed(String text, String message) {
        assertThatThrownBy(() -> Policies.parse(text, PAPER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "0,0,Rotate,1,1; first line",
                "HEADER; number of sub-policies",
                "HEADER|0,0,Rotat,1,1; op in line 2",
                "HEADER|0,0,Rotate,1.5,1; prob in line 2",
                "HEADER|0,0,Rotate,1,NaN; level01 in line 2",
                "HEADER|0,0,Rotate,1; number of fields in line 2",
                "HEADER|1,0,Rotate,1,1; subpolicy in line 2",
                "HEADER|0,1,Rotate,1,1; op_index in line 2",
                "HEADER|0,0,Rotate,1,1|0,0,Rotate,1,1; op_index in line 3",
                "HEADER|0.5,0,Rotate,1,1; subpolicy in line 2"
            })
    void malformedPolicyFilesAreRefusedByLine(String lines, String what) throws IOException {
        Path file = folder.resolve("policy.csv");
        Files.writeString(
                file,
                lines.replace("HEADER", "subpolicy,op_index,op,prob,level01").replace('|', '\n'));
        assertThatThrownBy(() -> Policies.parse("dada:" + file, PAPER))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(file.toString(), what, "allowed");
    }

    @Test
    void thePublishedPolicyFilesAreRead() throws IOException {
        Path policies = Path.of(System.getProperty("quern.shared", "../shared"), "golden", "policies");
        org.junit.jupiter.api.Assumptions.assumeTrue(
                Files.isDirectory(policies), "the published policy files are not beside the checkout");
        assertThat(PolicyFile.read(policies.resolve("fa_reduced_cifar10.csv"))).hasSize(493);
        assertThat(PolicyFile.read(policies.resolve("fa_resnet50_rimagenet.csv")))
                .hasSize(498);
        assertThat(PolicyFile.read(policies.resolve("fa_reduced_svhn.csv"))).hasSize(497);
        for (Benchmark benchmark : Benchmark.values()) {
            String name = benchmark.name().toLowerCase(java.util.Locale.ROOT);
            assertThat(PolicyFile.read(policies.resolve("dada_" + name + ".csv")))
                    .hasSize(25);
        }
    }

    private static List<Step> steps(String text, Published published) throws IOException {
        return Policies.parse(text, published).steps();
    }

    @Test
    void theFileOfAPolicyIsKnownBeforeItIsRead() {
        assertThat(Policies.file("dada:no such/file.csv,cutout=4")).contains(Path.of("no such/file.csv"));
        assertThat(Policies.file("randaugment:n=2")).isEmpty();
        assertThat(Policies.file("basic()+cutout(16,1.0)")).isEmpty();
        assertThatThrownBy(() -> Policies.file("advmask"))
                .hasMessage("policy advmask has no file, allowed: advmask:FILE");
    }

    @ParameterizedTest
    @EnumSource
    void everyPolicyIsMadeInBothProfilesForSmallAndLargeImages(Policies.Name name, @TempDir Path folder)
            throws IOException {
        Path table =
                Files.writeString(folder.resolve("policy.csv"), "subpolicy,op_index,op,prob,level01\n0,0,Invert,1,0\n");
        Path points = folder.resolve("points.npy");
        NpyFile.write(points, Tensor.of(new int[] {3, 3}, 1, 1, 2));
        String file = name == Policies.Name.ADVMASK ? ":" + points : ":" + table;
        String text = name.word() + (Policies.file(name.word() + file).isPresent() ? file : "");
        for (Published published : List.of(PAPER, RELEASED, LARGE)) {
            StepPolicy policy = Policies.parse(text, published);
            assertThat(policy.name()).isEqualTo(text);
            assertThat(policy.steps()).isNotEmpty();
        }
    }
}
