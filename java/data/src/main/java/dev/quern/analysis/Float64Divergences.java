package dev.quern.analysis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The plainest form of the definition, in float64; costs are recomputed row by row. */
record Float64Divergences(double epsilon) implements Divergences {
    private static final double SCALING = 0.5;

    @Override
    public double[] ofPairs(List<Cloud> clouds, List<int[]> pairs, double scale, double diameter) {
        double[] values = new double[pairs.size()];
        for (int pair = 0; pair < values.length; pair++) {
            Cloud x = clouds.get(pairs.get(pair)[0]);
            Cloud y = clouds.get(pairs.get(pair)[1]);
            double start = Double.isNaN(diameter) ? Box.of(List.of(x, y)).diameter() : diameter;
            Problem problem = new Problem(points(x), points(y), scale, new double[1][1], epsilon);
            problem.anneal(schedule(start, epsilon), List.of(problem.f, problem.g));
            values[pair] = problem.f.mean() + problem.g.mean();
        }
        return values;
    }

    private static Points points(Cloud cloud) {
        return new Points(cloud.toDoubles(), cloud.dimension(), new int[cloud.size()]);
    }

    @Override
    public Solution between(LabelledCloud x, LabelledCloud y, double[][] table, double diameter) {
        double[][] halves = Arrays.stream(table)
                .map(row -> Arrays.stream(row).map(value -> 0.5 * value).toArray())
                .toArray(double[][]::new);
        Problem problem = new Problem(
                new Points(x.cloud().toDoubles(), x.cloud().dimension(), x.classes()),
                new Points(y.cloud().toDoubles(), y.cloud().dimension(), y.classes()),
                0.5,
                halves,
                epsilon);
        List<Double> schedule = schedule(diameter, epsilon);
        problem.anneal(schedule, List.of(problem.f, problem.g, problem.p, problem.q));
        double[] f = problem.f.less(problem.p);
        double[] g = problem.g.less(problem.q);
        double value = Arrays.stream(f).average().orElseThrow()
                + Arrays.stream(g).average().orElseThrow();
        return new Solution(value, narrow(f), narrow(g), schedule.size());
    }

    /** diameter², then diameter²·scaling^2k while above ε, then ε. */
    static List<Double> schedule(double diameter, double epsilon) {
        double start = diameter > 0 ? diameter * diameter : epsilon;
        List<Double> schedule = new ArrayList<>(List.of(start));
        for (double at = start; at > epsilon; at *= SCALING * SCALING) {
            schedule.add(at);
        }
        schedule.add(epsilon);
        return schedule;
    }

    private static float[] narrow(double[] wide) {
        float[] values = new float[wide.length];
        for (int i = 0; i < wide.length; i++) {
            values[i] = (float) wide[i];
        }
        return values;
    }

    private record Points(double[] values, int dimension, int[] classes) {
        int size() {
            return classes.length;
        }
    }

    /** The values of one potential, which follows another. */
    private static final class Potential {
        final Points rows;
        final Points columns;
        double[] now;
        double[] next;

        Potential(Points rows, Points columns) {
            this.rows = rows;
            this.columns = columns;
            now = new double[rows.size()];
        }

        double mean() {
            return Arrays.stream(now).average().orElseThrow();
        }

        double[] less(Potential self) {
            return IntStream.range(0, now.length)
                    .mapToDouble(i -> now[i] - self.now[i])
                    .toArray();
        }
    }

    private static final class Problem {
        final Potential f;
        final Potential g;
        final Potential p;
        final Potential q;
        private final double scale;
        private final double[][] table;
        private final double epsilon;

        Problem(Points x, Points y, double scale, double[][] table, double epsilon) {
            this.scale = scale;
            this.table = table;
            this.epsilon = epsilon;
            f = new Potential(x, y);
            g = new Potential(y, x);
            p = new Potential(x, x);
            q = new Potential(y, y);
        }

        void anneal(List<Double> schedule, List<Potential> potentials) {
            update(schedule.get(0), potentials, 1);
            for (double temperature : schedule) {
                update(temperature, potentials, 0.5);
            }
            update(epsilon, potentials, 1);
        }

        /** Moves every potential by a share of the way, all from the old values. */
        private void update(double temperature, List<Potential> potentials, double share) {
            for (Potential potential : potentials) {
                potential.next = softMinimum(temperature, potential, driver(potential));
            }
            for (Potential potential : potentials) {
                for (int i = 0; i < potential.now.length; i++) {
                    potential.now[i] += share * (potential.next[i] - potential.now[i]);
                }
            }
        }

        private double[] driver(Potential potential) {
            return potential == f ? g.now : potential == g ? f.now : potential.now;
        }

        /** −ε log Σ_j exp((driver_j − C_ij)/ε)/M. */
        private double[] softMinimum(double temperature, Potential potential, double[] driver) {
            double weight = -Math.log(driver.length);
            return IntStream.range(0, potential.rows.size())
                    .parallel()
                    .mapToDouble(i -> {
                        double[] exponents = new double[driver.length];
                        double top = Double.NEGATIVE_INFINITY;
                        for (int j = 0; j < driver.length; j++) {
                            exponents[j] =
                                    weight + (driver[j] - cost(potential.rows, i, potential.columns, j)) / temperature;
                            top = Math.max(top, exponents[j]);
                        }
                        double sum = 0;
                        for (double exponent : exponents) {
                            sum += Math.exp(exponent - top);
                        }
                        return -temperature * (top + Math.log(sum));
                    })
                    .toArray();
        }

        private double cost(Points rows, int i, Points columns, int j) {
            double sum = 0;
            for (int k = 0; k < rows.dimension(); k++) {
                double difference =
                        rows.values()[i * rows.dimension() + k] - columns.values()[j * columns.dimension() + k];
                sum += difference * difference;
            }
            return scale * sum + table[rows.classes()[i]][columns.classes()[j]];
        }
    }
}
