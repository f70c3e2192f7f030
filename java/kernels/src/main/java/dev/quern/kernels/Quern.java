package dev.quern.kernels;

import dev.quern.kernels.abi.quern;
import java.util.EnumMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;

/** The state of the native library: loaded, or absent with the reason. Asking never throws. */
public final class Quern {
    private static final State STATE = load();

    private Quern() {}

    /**
     * @param available whether the native library is loaded
     * @param reason why it is not; empty if it is
     * @param version version of the native library; empty if it is absent
     * @param refusedTiers instruction-set tiers this machine or build cannot run, with the reason
     */
    public record State(boolean available, String reason, String version, Map<Isa, String> refusedTiers) {}

    public static State state() {
        return STATE;
    }

    static void requireAvailable() {
        if (!STATE.available()) {
            throw new UnsupportedByMachineException("the native library is not available: " + STATE.reason());
        }
    }

    private static State load() {
        try {
            Loader.load(quern.class);
            Map<Isa, String> refused = new EnumMap<>(Isa.class);
            for (Isa isa : Isa.values()) {
                try (BytePointer reason = quern.quern_isa_refusal(isa.code)) {
                    if (reason != null && !reason.isNull()) {
                        refused.put(isa, reason.getString());
                    }
                }
            }
            return new State(true, "", quern.quern_version().getString(), Map.copyOf(refused));
        } catch (LinkageError | RuntimeException absent) {
            return new State(false, String.valueOf(absent.getMessage()), "", Map.of());
        }
    }
}
