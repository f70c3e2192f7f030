package dev.quern.cli.select;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.cli.page.ResultTable;
import dev.quern.data.ImageDataset;
import dev.quern.select.sampling.VisitCount;
import dev.quern.surrogate.MethodSelection;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One choice in figures.
 *
 * @param wrongShare of what is kept, whose label is known to be wrong; empty where nothing is known
 * @param corruptedShare of what is kept, whose image is known to be corrupted; empty where nothing is known
 * @param suspects samples of the whole set that the method holds to be mislabelled; empty where it does not say
 * @param wrongSuspects of these, those whose label is known to be wrong
 * @param classCounts kept samples of each class, by given label
 */
record SelectionSummary(
        MethodSelection selection,
        double ratio,
        int kept,
        OptionalDouble wrongShare,
        OptionalDouble corruptedShare,
        Optional<Integer> suspects,
        Optional<Integer> wrongSuspects,
        int[] classCounts) {
    private static final List<String> COLUMNS = List.of(
            "method",
            "ratio",
            "kept",
            "wrong labels",
            "corrupted",
            "suspects",
            "of them wrong",
            "surrogate s",
            "scores s",
            "choose s");

    /** One for each method and ratio. */
    static List<SelectionSummary> of(ImageDataset data, List<MethodSelection> selections) {
        Optional<BitSet> wrong = data.knownWrongLabels();
        List<SelectionSummary> summaries = new ArrayList<>();
        for (MethodSelection selection : selections) {
            for (int r = 0; r < selection.ratios().size(); r++) {
                int[] chosen = selection.chosen().get(r);
                int[] counts = new int[data.classNames().size()];
                for (int sample : chosen) {
                    counts[data.label(sample)]++;
                }
                summaries.add(new SelectionSummary(
                        selection,
                        selection.ratios().get(r),
                        chosen.length,
                        share(chosen, wrong),
                        share(chosen, data.knownCorruptions()),
                        selection.suspects().map(BitSet::cardinality),
                        wrong.flatMap(known -> selection.suspects().map(suspects -> common(suspects, known))),
                        counts));
            }
        }
        return summaries;
    }

    private static OptionalDouble share(int[] chosen, Optional<BitSet> known) {
        return known.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(VisitCount.wrongShare(chosen, known.get()));
    }

    private static int common(BitSet a, BitSet b) {
        BitSet both = (BitSet) a.clone();
        both.and(b);
        return both.cardinality();
    }

    static ResultTable table(ImageDataset data, List<MethodSelection> selections) {
        return new ResultTable(
                COLUMNS,
                of(data, selections).stream().map(SelectionSummary::row).toList());
    }

    private List<String> row() {
        MethodSelection.Seconds seconds = selection.seconds();
        return List.of(
                selection.method().label(),
                String.valueOf(ratio),
                String.valueOf(kept),
                percent(wrongShare),
                percent(corruptedShare),
                suspects.map(String::valueOf).orElse("-"),
                wrongSuspects.map(String::valueOf).orElse("-"),
                number(seconds.surrogate()),
                number(seconds.total() - seconds.surrogate() - seconds.choose()),
                number(seconds.choose()));
    }

    ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("method", selection.method().label()).put("ratio", ratio).put("kept", kept);
        node.put("wrong_label_share", value(wrongShare)).put("corrupted_share", value(corruptedShare));
        node.put("suspects", suspects.orElse(null));
        node.put("wrong_suspects", wrongSuspects.orElse(null));
        node.putObject("seconds")
                .put("surrogate", selection.seconds().surrogate())
                .put("encoder", selection.seconds().encoder())
                .put("alignment", selection.seconds().alignment())
                .put("diversity", selection.seconds().diversity())
                .put("scores", selection.seconds().scores())
                .put("choose", selection.seconds().choose());
        node.put("basis", selection.basis());
        for (int count : classCounts) {
            node.withArray("class_counts").add(count);
        }
        return node;
    }

    private static String number(double seconds) {
        return String.format(Locale.ROOT, "%.1f", seconds);
    }

    private static String percent(OptionalDouble share) {
        return share.isPresent() ? String.format(Locale.ROOT, "%.1f %%", 100 * share.getAsDouble()) : "-";
    }

    private static Double value(OptionalDouble share) {
        return share.isPresent() ? (Double) share.getAsDouble() : null;
    }
}
