package dev.quern.cli.study;

import java.util.ArrayList;
import java.util.List;

/** Augmentation expressions of the similarity and diversity study (Yang et al. 2024), thinned out. */
final class StudySweep {
    private StudySweep() {}

    static List<String> expressions() {
        List<String> all = new ArrayList<>(List.of("basic()", "flipLR(0.5)", "flipUD(0.5)", "equalize(1.0)", "has()"));
        for (int tenth = 1; tenth <= 7; tenth++) {
            for (String op : List.of("brightness", "contrast", "color", "sharpness")) {
                all.add(op + "(0." + tenth + ",1.0)");
            }
            all.add("posterize(" + tenth + ",1.0)");
        }
        for (int threshold = 0; threshold <= 250; threshold += 50) {
            all.add("solarize(" + threshold + ",1.0)");
        }
        for (String p : List.of("0.5", "1.0")) {
            for (int side : new int[] {4, 16}) {
                all.add("cutout(" + side + "," + p + ")");
                all.add("flipLR(0.5)+cutout(" + side + "," + p + ")");
            }
            for (int degrees : new int[] {5, 20, 45, 60, 90}) {
                all.add("rotate(" + degrees + "," + p + ",variable)");
            }
        }
        for (int size : new int[] {4, 16, 32}) {
            for (String scale : List.of("0.1", "0.5", "1.0")) {
                all.add("patchgaussian(" + size + "," + scale + ")");
            }
        }
        all.addAll(List.of("autoaugment()", "randaugment(2,9)", "randomerasing(1.0)", "gridmask(1.0)"));
        return all;
    }

    /** Splits at commas outside parentheses. */
    static List<String> split(String list) {
        return List.of(list.split(",(?![^(]*\\))", -1));
    }
}
