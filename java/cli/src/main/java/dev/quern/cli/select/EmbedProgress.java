package dev.quern.cli.select;

import dev.quern.clip.EmbeddingParts;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows on standard error how many images are embedded, and how fast: a bar on a terminal, a line a part elsewhere. */
final class EmbedProgress implements EmbeddingParts.Progress, AutoCloseable {
    private final String name;
    private final int images;
    private final ProgressBar bar;
    private final long start = System.nanoTime();

    private EmbedProgress(String name, int images, ProgressBar bar) {
        this.name = name;
        this.images = images;
        this.bar = bar;
    }

    static EmbedProgress of(String name, int images) {
        return new EmbedProgress(name, images, System.console() == null ? null : bar(name, images));
    }

    private static ProgressBar bar(String name, int images) {
        return new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(images)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .build();
    }

    @Override
    public void at(int done, int computed) {
        double seconds = Math.max(1e-9, (System.nanoTime() - start) * 1e-9);
        String speed =
                computed == 0 ? "of an earlier run" : String.format(Locale.ROOT, "%.0f images/s", computed / seconds);
        if (bar == null) {
            System.err.println("quern: " + name + " " + done + "/" + images + ", " + speed);
        } else {
            bar.stepTo(done);
            bar.setExtraMessage(" " + speed);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
