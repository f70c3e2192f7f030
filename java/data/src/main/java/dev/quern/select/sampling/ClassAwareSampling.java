package dev.quern.select.sampling;

import dev.quern.random.Philox;
import dev.quern.random.Slot;
import dev.quern.select.Checks;
import dev.quern.select.Strata;
import java.util.Arrays;

/**
 * Class-aware sampling (Shen et al. 2016): classes take turns, whatever their size, with a few samples each. The classes stand in a random
 * order, and in another after each of their rounds; so do the samples of a class. Samples of small classes are visited repeatedly.
 */
public final class ClassAwareSampling implements EpochSelection {
    private final int[][] members;
    private final int perTurn;
    private final int visits;
    private final long seed;

    /**
     * @param labels [N] ≥ 0; classes without samples have no turn
     * @param perTurn samples of a class in a turn, ≥ 1; 4 in OLTR (Liu et al. 2019)
     * @param visits of an epoch, ≥ 1
     */
    public ClassAwareSampling(int[] labels, int perTurn, int visits, long seed) {
        Checks.requireAtLeast("samples", labels.length, 1);
        Checks.requireAtLeast("perTurn", perTurn, 1);
        Checks.requireAtLeast("visits", visits, 1);
        members = Arrays.stream(Strata.byClass(labels))
                .filter(samples -> samples.length > 0)
                .toArray(int[][]::new);
        this.perTurn = perTurn;
        this.visits = visits;
        this.seed = seed;
    }

    /** Visits that give every sample of the largest class its turn: the epoch of OLTR's released code. */
    public static int wholeRounds(int[] labels) {
        int[][] members = Strata.byClass(labels);
        int largest =
                Arrays.stream(members).mapToInt(samples -> samples.length).max().orElse(0);
        long classes =
                Arrays.stream(members).filter(samples -> samples.length > 0).count();
        return Math.toIntExact(largest * classes);
    }

    @Override
    public String name() {
        return "class-aware";
    }

    /** Visits of an epoch. */
    public int visits() {
        return visits;
    }

    /** A sample stands in it as often as it is visited. */
    @Override
    public int[] select(int epoch) {
        int[] selected = turns(epoch);
        Arrays.sort(selected);
        return selected;
    }

    /** The classes' turns. */
    @Override
    public int[] order(int epoch, int[] selected, long seed) {
        return turns(epoch);
    }

    private int[] turns(int epoch) {
        Cycle classes = new Cycle(members.length, epoch, 0, Slot.CLASS_ORDER);
        Cycle[] samples = new Cycle[members.length];
        int before = 0;
        for (int i = 0; i < samples.length; i++) {
            samples[i] = new Cycle(members[i].length, epoch, before, Slot.CLASS_MEMBERS);
            before += members[i].length;
        }
        int[] order = new int[visits];
        int turn = 0;
        for (int i = 0; i < visits; i++) {
            turn = i % perTurn == 0 ? classes.next() : turn;
            order[i] = members[turn][samples[turn].next()];
        }
        return order;
    }

    /** 0 … size − 1 in a random order, and after the last in another. */
    private final class Cycle {
        private final int size;
        private final int epoch;
        private final int first;
        private final int slot;
        private int[] round = {};
        private int rounds;
        private int at;

        /** @param first counter of the cycle's draws, of which no other has one in the slot */
        Cycle(int size, int epoch, int first, int slot) {
            this.size = size;
            this.epoch = epoch;
            this.first = first;
            this.slot = slot;
        }

        int next() {
            if (at == round.length) {
                round = new int[size];
                Arrays.setAll(round, i -> i);
                Philox.shuffle(round, seed, epoch, ((long) rounds << 32) + first, slot);
                rounds++;
                at = 0;
            }
            return round[at++];
        }
    }
}
