package dev.quern.augment.step;

import dev.quern.augment.Arguments;
import dev.quern.augment.Draws;
import dev.quern.augment.EraseStep;
import dev.quern.kernels.EraseBoxes;

/**
 * A rectangle of random area and shape inside the image, set to a colour (Zhong et al. 2020). Places that do not fit are drawn again.
 *
 * @param probability in [0, 1]
 * @param leastArea share of the image, in (0, 1]
 * @param mostArea share of the image, ≥ leastArea
 * @param leastAspect height over width, in (0, 1]; at most 1 / leastAspect
 * @param law how the aspect is distributed
 * @param tries after which the image stays as it is, ≥ 1
 * @param red colour of the first channel in normalised units
 * @param green of the second
 * @param blue of the third
 */
public record RandomErasing(
        double probability,
        double leastArea,
        double mostArea,
        double leastAspect,
        AspectLaw law,
        int tries,
        float red,
        float green,
        float blue)
        implements EraseStep {
    private static final int SLOTS_PER_TRY = 4;

    /** How the aspect is distributed. */
    public enum AspectLaw {
        UNIFORM,
        LOG_UNIFORM
    }

    /** The authors' settings, which most CIFAR code shares: p, area 2 … 40 %, aspect 0.3 … 3.3, filled with CIFAR-10's mean. */
    public static RandomErasing cifar(double probability) {
        return new RandomErasing(probability, 0.02, 0.4, 0.3, AspectLaw.UNIFORM, 100, 0.4914f, 0.4822f, 0.4465f);
    }

    /** torchvision's settings: p, area 2 … 33 %, aspect 0.3 … 3.3 log-uniform, filled with the mean. */
    public static RandomErasing torchvision(double probability) {
        return new RandomErasing(probability, 0.02, 0.33, 0.3, AspectLaw.LOG_UNIFORM, 10, 0, 0, 0);
    }

    public RandomErasing {
        Arguments.share("p", probability);
        Arguments.inside("leastArea", leastArea, 1e-6, 1);
        Arguments.inside("mostArea", mostArea, leastArea, 1);
        Arguments.inside("leastAspect", leastAspect, 1e-3, 1);
        Arguments.inside("tries", tries, 1, 1000);
    }

    @Override
    public void draw(Draws draws, int height, int width, int row, EraseBoxes boxes) {
        if (!draws.happens(probability, 0)) {
            return;
        }
        for (int i = 0; i < tries; i++) {
            int slot = 1 + SLOTS_PER_TRY * i;
            double area = draws.uniform(leastArea, mostArea, slot) * height * width;
            double aspect = aspect(draws, slot + 1);
            int rows = (int) Math.rint(Math.sqrt(area * aspect));
            int columns = (int) Math.rint(Math.sqrt(area / aspect));
            if (rows < height && columns < width) {
                int y = draws.below(height - rows + 1, slot + 2);
                int x = draws.below(width - columns + 1, slot + 3);
                boxes.add(row, y, x, y + rows, x + columns, red, green, blue);
                return;
            }
        }
    }

    private double aspect(Draws draws, int slot) {
        if (law == AspectLaw.UNIFORM) {
            return draws.uniform(leastAspect, 1 / leastAspect, slot);
        }
        double widest = -StrictMath.log(leastAspect);
        return StrictMath.exp(draws.uniform(-widest, widest, slot));
    }
}
