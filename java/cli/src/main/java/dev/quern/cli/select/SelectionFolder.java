package dev.quern.cli.select;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.cli.page.Overlap;
import dev.quern.cli.terminal.CsvText;
import dev.quern.cli.terminal.Json;
import dev.quern.cli.terminal.KeptSettings;
import dev.quern.cli.terminal.Names;
import dev.quern.data.ImageDataset;
import dev.quern.data.Splits;
import dev.quern.io.AtomicFile;
import dev.quern.io.NpyFile;
import dev.quern.io.Tensor;
import dev.quern.surrogate.MethodSelection;
import dev.quern.surrogate.SelectionListener;
import dev.quern.surrogate.Selections;
import dev.quern.train.StopSignal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The files of selections. */
public record SelectionFolder(Path path) {
    /** Chooses, and writes everything. */
    public List<MethodSelection> select(
            Selections selections, Splits clean, SelectionListener listener, StopSignal stop) throws IOException {
        Files.createDirectories(path);
        KeptSettings.require(path, settings(selections));
        List<MethodSelection> chosen = selections.run(clean, path.resolve("surrogate"), listener, stop);
        ImageDataset data = selections.prepared(clean).train();
        for (MethodSelection selection : chosen) {
            write(selection, data);
        }
        AtomicFile.writeText(path.resolve("overlap.csv"), overlapCsv(chosen));
        SelectionReport.write(path.resolve("report.html"), data, chosen);
        List<ObjectNode> summaries = SelectionSummary.of(data, chosen).stream()
                .map(SelectionSummary::toJson)
                .toList();
        AtomicFile.writeText(path.resolve("selections.csv"), CsvText.of(summaries));
        AtomicFile.writeText(summaries(), Json.pretty(summaries) + "\n");
        return chosen;
    }

    /** Written last: where it stands, the selections are complete. */
    public Path summaries() {
        return path.resolve("selections.json");
    }

    /** The samples that a method keeps at a ratio. */
    public Path indices(String method, double ratio) {
        return path.resolve(method).resolve(ratio + ".npy");
    }

    private static Map<String, Object> settings(Selections selections) {
        Map<String, Object> settings = new LinkedHashMap<>(Map.of(
                "dataset",
                selections.data().dataset(),
                "seed",
                selections.data().seed()));
        settings.put("framing", selections.data().framing().toString());
        settings.put("faults", selections.data().faults().toString());
        settings.put("surrogate", selections.setting().surrogate().toString());
        settings.put("quota", selections.setting().quota().map(Names::word).orElse("as published"));
        settings.put("profile", Names.word(selections.setting().profile()));
        settings.put(
                "embeddings",
                selections.setting().embeddings().map(Object::toString).orElse("none"));
        settings.put("clip", selections.setting().clip().toString());
        settings.put("encoder_epochs", selections.setting().encoderEpochs());
        return settings;
    }

    private void write(MethodSelection selection, ImageDataset data) throws IOException {
        String method = selection.method().label();
        Path folder = Files.createDirectories(path.resolve(method));
        Optional<double[]> scores = selection.scores();
        if (scores.isPresent()) {
            NpyFile.write(folder.resolve("scores.npy"), Tensor.of(scores.get(), scores.get().length));
        }
        if (selection.suspects().isPresent()) {
            int[] suspects = selection.suspects().get().stream().toArray();
            NpyFile.write(folder.resolve("suspects.npy"), Tensor.of(suspects, suspects.length));
        }
        for (int r = 0; r < selection.ratios().size(); r++) {
            int[] chosen = selection.chosen().get(r);
            double ratio = selection.ratios().get(r);
            AtomicFile.writeText(folder.resolve(ratio + ".csv"), csv(data, chosen, scores));
            NpyFile.write(indices(method, ratio), Tensor.of(chosen, chosen.length));
        }
    }

    private static String csv(ImageDataset data, int[] chosen, Optional<double[]> scores) {
        Optional<BitSet> wrong = data.knownWrongLabels();
        StringBuilder csv = new StringBuilder("index,sample,label,class,score,known_wrong\n");
        for (int sample : chosen) {
            int label = data.label(sample);
            csv.append(sample).append(',').append(CsvText.quoted(data.sampleName(sample)));
            csv.append(',').append(label).append(',');
            csv.append(CsvText.quoted(data.classNames().get(label))).append(',');
            scores.ifPresent(values -> csv.append(values[sample]));
            csv.append(',');
            wrong.ifPresent(known -> csv.append(known.get(sample) ? 1 : 0));
            csv.append('\n');
        }
        return csv.toString();
    }

    private static String overlapCsv(List<MethodSelection> selections) {
        StringBuilder csv = new StringBuilder("ratio,method,other,shared\n");
        List<Double> ratios = selections.get(0).ratios();
        for (int r = 0; r < ratios.size(); r++) {
            Overlap overlap = overlap(selections, r);
            for (int i = 0; i < selections.size(); i++) {
                for (int j = 0; j < selections.size(); j++) {
                    csv.append(ratios.get(r))
                            .append(',')
                            .append(overlap.names().get(i))
                            .append(',');
                    csv.append(overlap.names().get(j))
                            .append(',')
                            .append(overlap.shares()[i][j])
                            .append('\n');
                }
            }
        }
        return csv.toString();
    }

    /** Of the methods' choices at one of the ratios. */
    static Overlap overlap(List<MethodSelection> selections, int ratio) {
        return Overlap.of(
                selections.stream().map(selection -> selection.method().label()).toList(),
                selections.stream()
                        .map(selection -> selection.chosen().get(ratio))
                        .toList());
    }
}
