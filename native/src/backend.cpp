#include "backend.hpp"

#if defined(QUERN_X86)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

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

namespace {

bool cpu_has_tiles() {
  constexpr unsigned kTileAndInt8 = 3u << 24;
  unsigned a, b, c, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kTileAndInt8) == kTileAndInt8;
}

bool system_keeps_tiles() {
  constexpr uint32_t kConfigurationAndData = 3u << 17;
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & kConfigurationAndData) == kConfigurationAndData;
}

// For the whole process, threads to come included.
bool kernel_permits_tiles() {
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

const char* hardware_tile_refusal() {
  if (!cpu_has_tiles()) return "this CPU has no AMX-TILE and AMX-INT8";
  if (!system_keeps_tiles()) return "the operating system does not keep AMX tiles (XCR0 bits 17 and 18)";
  if (!kernel_permits_tiles()) return "the kernel refused this process AMX tiles (arch_prctl ARCH_REQ_XCOMP_PERM)";
  return amx::tier.tiles_are_right() ? nullptr : "the AMX tiles of this machine do not multiply as documented";
}

const char* tile_refusal() {
  if (const char* reason = isa_refusal(QUERN_ISA_AVX512)) return reason;
  if (amx::tier.instructions == TileInstructions::kReference) return nullptr;
  static const char* const refusal = hardware_tile_refusal();
  return refusal;
}

Kernels with_tiles() {
  Kernels kernels = avx512::kernels;
  kernels.knn_density = amx::tier.knn_density;
  return kernels;
}

}  // namespace

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
      return tile_refusal();
    default:
      return nullptr;
  }
}

const Kernels& kernels_of(int isa) {
  static const Kernels amx_kernels = with_tiles();
  switch (isa) {
    case QUERN_ISA_AMX:
      return amx_kernels;
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
