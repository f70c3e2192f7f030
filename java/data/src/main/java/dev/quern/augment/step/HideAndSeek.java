package dev.quern.augment.step;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.EraseStep;
import dev.quern.kernels.EraseBoxes;
import java.util.List;

/**
 * Tiles of a random size, each hidden behind the training mean with a fixed probability (Singh and Lee 2017).
 *
 * @param sizes of which one is drawn, in pixels; 0: nothing is hidden
 * @param probability of hiding a tile, in [0, 1]
 * @param tiles what a tile is
 */
public record HideAndSeek(List<Integer> sizes, double probability, Tiles tiles) implements EraseStep {
    /** Shapes of a tile. */
    public enum Tiles {
        /** Squares, as published. */
        SQUARES,
        /** Bands of the image's full width: what the authors' routine makes of an image whose channels come first. */
        BANDS
    }

    public HideAndSeek {
        sizes = List.copyOf(sizes);
        Arguments.inside("number of sizes", sizes.size(), 1, 100);
        sizes.forEach(size -> Arguments.inside("size", size, 0, 16_384));
        Arguments.share("p", probability);
    }

    @Override
    public void draw(Draws draws, int height, int width, int row, EraseBoxes boxes) {
        int size = sizes.get(draws.below(sizes.size(), 0));
        if (size == 0) {
            return;
        }
        int across = tiles == Tiles.BANDS ? width : size;
        int slot = 1;
        for (int y = 0; y < height; y += size) {
            for (int x = 0; x < width; x += across) {
                if (draws.happens(probability, slot++)) {
                    boxes.add(row, y, x, Math.min(y + size, height), Math.min(x + across, width), 0, 0, 0);
                }
            }
        }
    }
}
