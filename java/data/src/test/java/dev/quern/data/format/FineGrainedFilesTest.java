package dev.quern.data.format;

import static dev.quern.MatBytes.cells;
import static dev.quern.MatBytes.compressed;
import static dev.quern.MatBytes.file;
import static dev.quern.MatBytes.numbers;
import static dev.quern.MatBytes.structs;
import static dev.quern.MatBytes.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.Refusals;
import dev.quern.data.DatasetOptions;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.data.TestImages;
import dev.quern.data.image.Framing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FineGrainedFilesTest {
    private static final DatasetOptions SMALL = DatasetOptions.DEFAULT.withFraming(new Framing(8, Framing.Fit.CROP));

    @TempDir
    Path folder;

    private Path flowers;
    private Path pets;
    private Path aircraft;
    private Path cars;

    @BeforeEach
    void sets() throws IOException {
        flowers = folder.resolve("flowers-102");
        for (int i = 1; i <= 4; i++) {
            image(flowers.resolve("jpg/image_0000" + i + ".jpg"), i);
        }
        Files.write(flowers.resolve("imagelabels.mat"), file(compressed(numbers("labels", 77, 1, 102, 5))));
        Files.write(flowers.resolve("setid.mat"), sets(new double[] {4}));

        pets = folder.resolve("oxford-iiit-pet");
        image(pets.resolve("images/Abyssinian_100.jpg"), 1);
        image(pets.resolve("images/great_pyrenees_7.jpg"), 2);
        write(pets.resolve("annotations/trainval.txt"), "Abyssinian_100 1 1 1\ngreat_pyrenees_7 16 2 10\n");
        write(pets.resolve("annotations/test.txt"), "great_pyrenees_7 16 2 10\n");

        aircraft = folder.resolve("fgvc-aircraft-2013b");
        image(aircraft.resolve("data/images/0034309.jpg"), 1);
        image(aircraft.resolve("data/images/1.jpg"), 2);
        write(aircraft.resolve("data/variants.txt"), "707-320\nAn-12\nCessna 172\n");
        write(aircraft.resolve("data/images_variant_trainval.txt"), "0034309 Cessna 172\n1 707-320\n");
        write(aircraft.resolve("data/images_variant_test.txt"), "1 707-320\n");

        cars = folder.resolve("stanford_cars");
        image(cars.resolve("cars_train/00001.jpg"), 1);
        image(cars.resolve("cars_test/00001.jpg"), 2);
        write(cars.resolve("devkit/x"), "");
        Files.write(
                cars.resolve("devkit/cars_meta.mat"),
                file(compressed(cells("class_names", text("Audi TT"), text("BMW M3")))));
        Files.write(cars.resolve("devkit/cars_train_annos.mat"), annotations(2, "00001.jpg"));
        Files.write(cars.resolve("cars_test_annos_withlabels.mat"), annotations(1, "00001.jpg"));
    }

    @Test
    void flowersLearnFromTrainingAndValidationImages() throws IOException {
        Splits splits = open("flowers102:" + folder);
        assertThat(labels(splits.train())).containsExactly(0, 101, 76);
        assertThat(splits.train().sampleName(0)).endsWith("jpg/image_00002.jpg");
        assertThat(labels(splits.test())).containsExactly(4);
        assertThat(splits.test().classNames()).hasSize(102).startsWith("1").endsWith("102");
    }

    @Test
    void petsAreCalledAsTheirFiles() throws IOException {
        Splits splits = open("pets:" + pets);
        assertThat(labels(splits.train())).containsExactly(0, 15);
        assertThat(labels(splits.test())).containsExactly(15);
        assertThat(splits.train().classNames()).hasSize(37).startsWith("Abyssinian", "2");
        assertThat(splits.test().classNames().get(15)).isEqualTo("great_pyrenees");
    }

    @Test
    void aircraftLoseTheirBanner() throws IOException {
        Splits splits = open("aircraft:" + folder);
        assertThat(labels(splits.train())).containsExactly(2, 0);
        assertThat(labels(splits.test())).containsExactly(0);
        assertThat(splits.train().classNames()).containsExactly("707-320", "An-12", "Cessna 172");
        Splits asFirst = DatasetSpec.parse("aircraft:" + folder).open(DatasetOptions.DEFAULT);
        assertThat(asFirst.train().height()).isEqualTo(30 - 20);
        assertThat(asFirst.train().width()).isEqualTo(40);
        TestImages.write(aircraft.resolve("data/images/1.jpg"), 20, 40, 0);
        assertThatThrownBy(() -> open("aircraft:" + folder))
                .hasMessageEndingWith("1.jpg: height is 20, allowed: above 20, the rows of its banner");
    }

    @Test
    void carsAreReadFromStructs() throws IOException {
        Splits splits = open("cars:" + folder);
        assertThat(labels(splits.train())).containsExactly(1);
        assertThat(labels(splits.test())).containsExactly(0);
        assertThat(splits.test().sampleName(0)).endsWith("cars_test/00001.jpg");
        assertThat(splits.train().classNames()).containsExactly("Audi TT", "BMW M3");
    }

    @Test
    void imagesHaveTheAskedSize() throws IOException {
        for (String spec : List.of("flowers102:", "pets:", "aircraft:", "cars:")) {
            Splits splits = open(spec + folder);
            assertThat(IntStream.of(splits.train().height(), splits.test().width()))
                    .containsExactly(8, 8);
        }
    }

    @Test
    void impossibleFlowersAreNamed() throws IOException {
        Path sets = flowers.resolve("setid.mat");
        refuses(sets, sets(new double[] {5}), "image in 'tstid' is 5, allowed: 1 … 4");
        refuses(sets, sets(new double[] {0}), "image in 'tstid' is 0, allowed: 1 … 4");
        refuses(sets, sets(new double[] {3}), "image in 'tstid' is 3, allowed: each image once in all sets");
        refuses(sets, file(numbers("trnid", 1)), "variable 'valid' is missing");
        Path labels = flowers.resolve("imagelabels.mat");
        refuses(labels, file(numbers("labels", 1, 103)), "label of image 2 is 103, allowed: 1 … 102");
        refuses(labels, file(numbers("labels", 0)), "label of image 1 is 0, allowed: 1 … 102");
    }

    @Test
    void impossiblePetsAreNamed() throws IOException {
        Path list = pets.resolve("annotations/test.txt");
        refuses(list, "Abyssinian_100 38 1 1", "label in line 1 is 38, allowed: 1 … 37");
        refuses(list, "Abyssinian_1 1\n\nAbyssinian_100 x", "label in line 3 is x, allowed: 1 … 37");
        refuses(list, "Abyssinian_100", "line 1 is Abyssinian_100, allowed: a name with a number");
        refuses(list, "Abyssinian 1", "line 1 is Abyssinian 1, allowed: a name with a number");
        refuses(list, "a\0_1 1", "file name in line 1 is a");
    }

    @Test
    void impossibleAircraftAreNamed() throws IOException {
        Path list = aircraft.resolve("data/images_variant_test.txt");
        refuses(list, "1 747", "line 1 is 1 747, allowed: the number of an image, a space and a variant");
        refuses(list, "1", "line 1 is 1, allowed: the number of an image");
    }

    @Test
    void impossibleCarsAreNamed() throws IOException {
        Path annotations = cars.resolve("cars_test_annos_withlabels.mat");
        refuses(annotations, annotations(3, "00001.jpg"), "class of annotation 0 is 3, allowed: 1 … 2");
        refuses(annotations, annotations(0, "00001.jpg"), "class of annotation 0 is 0, allowed: 1 … 2");
        refuses(annotations, annotations(1, "a\0"), "fname of annotation 0 is a");
        Files.delete(annotations);
        assertThatThrownBy(() -> open("cars:" + folder)).hasMessage(annotations + " does not exist");
    }

    @Test
    void aMissingImageIsNamed() throws IOException {
        Path lost = cars.resolve("cars_test/00001.jpg");
        Files.delete(lost);
        assertThatThrownBy(() -> open("cars:" + folder)).hasMessage(lost + " does not exist");
    }

    private void refuses(Path file, String content, String words) throws IOException {
        refuses(file, content.getBytes(StandardCharsets.UTF_8), words);
    }

    private void refuses(Path file, byte[] content, String words) throws IOException {
        byte[] good = Files.readAllBytes(file);
        Callable<?> open = () -> {
            for (String kind : List.of("flowers102:", "pets:", "aircraft:", "cars:")) {
                open(kind + folder);
            }
            return null;
        };
        Refusals.assertRefused(file, content, open, words);
        Files.write(file, good);
    }

    /** Images 2 and 3 are for training, 1 for validation. */
    private static byte[] sets(double[] test) {
        return file(numbers("trnid", 2, 3), numbers("valid", 1), compressed(numbers("tstid", test)));
    }

    private static byte[] annotations(int label, String file) {
        return file(compressed(structs("annotations", List.of("class", "fname"), numbers("", label), text(file))));
    }

    private static void image(Path file, int shade) throws IOException {
        TestImages.write(file, 30, 40, 0x112233 * shade);
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static Splits open(String spec) throws IOException {
        return DatasetSpec.parse(spec).open(SMALL);
    }

    private static int[] labels(ImageDataset data) {
        return IntStream.range(0, data.size()).map(data::label).toArray();
    }
}
