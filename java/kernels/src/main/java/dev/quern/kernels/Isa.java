package dev.quern.kernels;

import dev.quern.kernels.abi.quern;

/** Instruction-set tiers of the CPU kernels. Every tier returns the same bits. */
public enum Isa {
    AUTO(quern.QUERN_ISA_AUTO),
    BASELINE(quern.QUERN_ISA_BASELINE),
    AVX2(quern.QUERN_ISA_AVX2),
    AVX512(quern.QUERN_ISA_AVX512),
    AMX(quern.QUERN_ISA_AMX);

    final int code;

    Isa(int code) {
        this.code = code;
    }

    static Isa of(int code) {
        return values()[code];
    }
}
