#include "backend.hpp"

namespace quern {

namespace baseline {
extern const Kernels kernels;
}

#if defined(QUERN_X86)

namespace avx2 {
extern const Kernels kernels;
}
namespace avx512 {
extern const Kernels kernels;
}

const char* isa_refusal(int isa) {
  __builtin_cpu_init();
  switch (isa) {
    case QUERN_ISA_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? nullptr : "this CPU has no AVX2 with FMA";
    case QUERN_ISA_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                     __builtin_cpu_supports("avx512dq")
                 ? nullptr
                 : "this CPU has no AVX-512 F/BW/VL/DQ";
    case QUERN_ISA_AMX:
      return "this build has no AMX kernels";
    default:
      return nullptr;
  }
}

const Kernels& kernels_of(int isa) {
  switch (isa) {
    case QUERN_ISA_AVX2:
      return avx2::kernels;
    case QUERN_ISA_AVX512:
      return avx512::kernels;
    default:
      return baseline::kernels;
  }
}

#else

const char* isa_refusal(int isa) { return isa <= QUERN_ISA_BASELINE ? nullptr : "this build is not for x86-64"; }

const Kernels& kernels_of(int) { return baseline::kernels; }

#endif

}  // namespace quern
