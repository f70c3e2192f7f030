package dev.quern.cli.terminal;

import dev.quern.train.TrainListener;
import dev.quern.train.record.EpochMetrics;
import dev.quern.train.record.Phase;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how a run goes, on standard error: a bar with the time left on a terminal, a line an epoch elsewhere. */
public abstract class ProgressDisplay implements TrainListener, AutoCloseable {
    private static final int MARKS_PER_EPOCH = 1000;

    /** How progress is shown. */
    public enum Style {
        AUTO,
        BAR,
        PLAIN,
        NONE
    }

    /** In that style. */
    public static ProgressDisplay of(Style style, String title, int epochs) {
        return switch (style) {
            case AUTO -> of(System.console() == null ? Style.PLAIN : Style.BAR, title, epochs);
            case BAR -> new Bar(System.err, title, epochs);
            case PLAIN -> new Plain(System.err, title, epochs);
            case NONE -> new Silent();
        };
    }

    /** Seconds below a minute, minutes and seconds from there. */
    public static String duration(double seconds) {
        Duration rounded = Duration.ofSeconds(Math.round(seconds));
        return seconds < 60
                ? String.format(Locale.ROOT, "%.1f s", seconds)
                : String.format("%d:%02d min", rounded.toMinutes(), rounded.toSecondsPart());
    }

    @Override
    public void warning(String message) {
        System.err.println("quern: " + message);
    }

    @Override
    public abstract void close();

    private static String describe(EpochMetrics metrics) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "loss %.3f", metrics.loss()));
        metrics.accuracy()
                .ifPresent(accuracy -> text.append(String.format(Locale.ROOT, ", accuracy %.2f %%", accuracy * 100)));
        return text.toString();
    }

    private static final class Silent extends ProgressDisplay {
        @Override
        public void close() {}
    }

    private static final class Bar extends ProgressDisplay {
        private final ProgressBar bar;
        private String last = "";

        Bar(PrintStream target, String title, int epochs) {
            bar = new ProgressBarBuilder()
                    .setTaskName(title)
                    .setInitialMax((long) epochs * MARKS_PER_EPOCH)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(250)
                    .setConsumer(new ConsoleProgressBarConsumer(target))
                    .build();
        }

        @Override
        public void phase(Phase phase, int epoch) {
            if (phase == Phase.DUAL_ENCODER) {
                bar.setExtraMessage(" dual encoder");
            }
        }

        @Override
        public void step(int epoch, int epochs, int step, int steps, double imagesPerSecond) {
            bar.stepTo((long) epoch * MARKS_PER_EPOCH + (long) MARKS_PER_EPOCH * step / steps);
            bar.setExtraMessage(String.format(
                    Locale.ROOT, " epoch %d/%d, %.0f images/s%s", epoch + 1, epochs, imagesPerSecond, last));
        }

        @Override
        public void epoch(EpochMetrics metrics) {
            last = ", " + describe(metrics);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    private static final class Plain extends ProgressDisplay {
        private final PrintStream target;
        private final String title;
        private final int epochs;
        private final long start = System.nanoTime();
        private int first = -1;
        private double speed;

        Plain(PrintStream target, String title, int epochs) {
            this.target = target;
            this.title = title;
            this.epochs = epochs;
        }

        @Override
        public void phase(Phase phase, int epoch) {
            if (phase == Phase.DUAL_ENCODER) {
                target.println(title + ": training the dual encoder");
            }
        }

        @Override
        public void step(int epoch, int ofEpochs, int step, int steps, double imagesPerSecond) {
            speed = imagesPerSecond;
        }

        @Override
        public void epoch(EpochMetrics metrics) {
            if (first < 0) {
                first = metrics.epoch();
            }
            int done = metrics.epoch() - first + 1;
            int left = epochs - metrics.epoch() - 1;
            Duration remaining = Duration.ofNanos((System.nanoTime() - start) / done * left);
            target.printf(
                    Locale.ROOT,
                    "%s: epoch %d/%d, %s, %.0f images/s, %d:%02d left%n",
                    title,
                    metrics.epoch() + 1,
                    epochs,
                    describe(metrics),
                    speed,
                    remaining.toMinutes(),
                    remaining.toSecondsPart());
        }

        @Override
        public void close() {}
    }
}
