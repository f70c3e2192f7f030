// What the machine can do at most, measured where nothing but the one resource is used: multiply-adds from registers alone, in as many
// independent chains as hide their latency, and reads and copies of an array split over the threads. The best of several repetitions.
#include "ceilings.hpp"

#include <immintrin.h>
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <sstream>
#include <thread>
#include <vector>

#include "quern/quern.h"

namespace quern::bench {
namespace {

constexpr int kChains = 12;
constexpr int64_t kSteps = 8'000'000;
constexpr int kRepetitions = 15;
constexpr int kExponentials = 1024;

// Seconds until all threads have run their part, best of the repetitions.
double seconds(int threads, const std::function<void(int)>& part) {
  double best = 1e300;
  for (int r = 0; r < kRepetitions; r++) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> others;
    for (int t = 1; t < threads; t++) others.emplace_back(part, t);
    part(0);
    for (std::thread& other : others) other.join();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

// Twelve independent chains in registers 0 … 11; register 15 holds the factors. In assembly so that nothing is spilled or folded.
#define QUERN_CHAINS(line) line("0") line("1") line("2") line("3") line("4") line("5") line("6") line("7") line("8") line("9") line("10") line("11")
#define QUERN_REGISTERS "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13"
#define QUERN_LOOP(name, zero, line)                                              \
  void name() {                                                                  \
    __asm__ volatile(QUERN_CHAINS(zero) zero("13") zero("15")::: QUERN_REGISTERS, "xmm15"); \
    for (int64_t i = 0; i < kSteps; i++) __asm__ volatile(QUERN_CHAINS(line)::: QUERN_REGISTERS); \
  }
#define QUERN_ZERO(r) "pxor %%xmm" r ", %%xmm" r "\n"
#define QUERN_FMA_SSE2(r) "mulps %%xmm15, %%xmm" r "\naddps %%xmm15, %%xmm" r "\n"
#define QUERN_FMA_AVX2(r) "vfmadd231ps %%ymm15, %%ymm15, %%ymm" r "\n"
#define QUERN_FMA_AVX512(r) "vfmadd231ps %%zmm15, %%zmm15, %%zmm" r "\n"
#define QUERN_INT16_AVX2(r) "vpmaddwd %%ymm15, %%ymm15, %%ymm13\nvpaddd %%ymm13, %%ymm" r ", %%ymm" r "\n"
#define QUERN_INT16_VNNI(r) "vpdpwssd %%zmm15, %%zmm15, %%zmm" r "\n"

QUERN_LOOP(fp32_sse2, QUERN_ZERO, QUERN_FMA_SSE2)
QUERN_LOOP(fp32_avx2, QUERN_ZERO, QUERN_FMA_AVX2)
QUERN_LOOP(fp32_avx512, QUERN_ZERO, QUERN_FMA_AVX512)
QUERN_LOOP(int16_avx2, QUERN_ZERO, QUERN_INT16_AVX2)
QUERN_LOOP(int16_vnni, QUERN_ZERO, QUERN_INT16_VNNI)

// e^x of values that stay in L1: 2^n by the exponent's bits, the rest by a polynomial.
__attribute__((target_clones("avx512f", "fma", "default"))) void exponentials(const float* in, float* out, int count) {
  const float to_whole = 0x1.8p23f;  // its last bit is worth 1
  for (int i = 0; i < count; i++) {
    const float scaled = in[i] * 1.44269504f, shifted = scaled + to_whole, part = scaled - (shifted - to_whole);
    float power = __builtin_fmaf(0.00133336f, part, 0.00961812f);
    power = __builtin_fmaf(power, part, 0.05550411f);
    power = __builtin_fmaf(power, part, 0.24022651f);
    power = __builtin_fmaf(power, part, 0.69314718f);
    power = __builtin_fmaf(power, part, 1.0f);
    int32_t bits;
    std::memcpy(&bits, &shifted, sizeof bits);
    bits = static_cast<int32_t>((static_cast<uint32_t>(bits) + 127u) << 23);
    float two;
    std::memcpy(&two, &bits, sizeof two);
    out[i] = power * two;
  }
}

void exponentials_from_l1() {
  float in[kExponentials], out[kExponentials];
  for (int i = 0; i < kExponentials; i++) in[i] = 0.01f * static_cast<float>(i % 100);
  for (int64_t i = 0; i < kSteps / 256; i++) {
    exponentials(in, out, kExponentials);
    __asm__ volatile("" ::"r"(out) : "memory");
  }
}

struct alignas(64) TileShape {
  uint8_t palette = 1, start_row = 0, reserved[14]{};
  uint16_t row_bytes[16]{64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16]{16, 16, 16, 16, 16, 16, 16, 16};
};

template <bool kInt8>
__attribute__((target("amx-tile,amx-int8,amx-bf16"))) void tiles() {
  const TileShape shape;
  _tile_loadconfig(&shape);
  for (int64_t i = 0; i < kSteps / 32; i++) {
    if (kInt8) {
      _tile_dpbssd(0, 4, 6);
      _tile_dpbssd(1, 4, 7);
      _tile_dpbssd(2, 5, 6);
      _tile_dpbssd(3, 5, 7);
    } else {
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_release();
}

void put(std::ostream& out, const char* name, int threads, double operations, void (*loop)()) {
  out << name << ' ' << threads * operations / seconds(threads, [loop](int) { loop(); }) << '\t';
}

bool runs(int32_t isa) { return quern_isa_refusal(isa) == nullptr; }

// Pages as large as they come, so that address translation is no part of the figure.
struct Block {
  size_t bytes;
  char* data;
  explicit Block(size_t size) : bytes((size + (2u << 20)) & ~((2ul << 20) - 1)) {
    data = static_cast<char*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (data == MAP_FAILED) throw std::runtime_error("no memory for a block of " + std::to_string(size) + " bytes");
    madvise(data, bytes, MADV_HUGEPAGE);
    std::fill_n(data, bytes, 1);
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() { munmap(data, bytes); }
};

__attribute__((target_clones("avx512f", "avx2", "default"))) int64_t sum(const int64_t* values, size_t count) {
  int64_t total = 0;
  for (size_t i = 0; i < count; i++) total += values[i];
  return total;
}

}  // namespace

std::string ceilings(int threads) {
  std::ostringstream out;
  const double steps = static_cast<double>(kSteps) * kChains;
  put(out, "fp32-baseline", threads, steps * 4 * 2, fp32_sse2);
  if (runs(QUERN_ISA_AVX2)) {
    put(out, "fp32-avx2", threads, steps * 8 * 2, fp32_avx2);
    put(out, "int16-avx2", threads, steps * 16 * 2, int16_avx2);
  }
  if (runs(QUERN_ISA_AVX512)) put(out, "fp32-avx512", threads, steps * 16 * 2, fp32_avx512);
  if (runs(QUERN_ISA_AVX512) && __builtin_cpu_supports("avx512vnni")) put(out, "int16-avx512", threads, steps * 32 * 2, int16_vnni);
  if (runs(QUERN_ISA_AMX)) {
    const double products = static_cast<double>(kSteps) / 32 * 4 * 16 * 16;
    put(out, "bf16-amx", threads, products * 32 * 2, tiles<false>);
    put(out, "int8-amx", threads, products * 64 * 2, tiles<true>);
  }
  put(out, "exp", threads, static_cast<double>(kSteps) / 256 * kExponentials, exponentials_from_l1);
  return out.str();
}

std::string bandwidth(std::istream& words) {
  std::string what;
  size_t bytes = 0;
  int threads = 1;
  words >> what >> bytes >> threads;
  const bool copies = what == "copy";
  const size_t share = bytes / (copies ? 2 : 1) / static_cast<size_t>(threads) / 64 * 64, rounds = (64u << 20) / std::max<size_t>(bytes, 1) + 1;
  Block from(share * static_cast<size_t>(threads)), to(copies ? from.bytes : 1);
  const double taken = seconds(threads, [&](int t) {
    const size_t start = share * static_cast<size_t>(t);
    for (size_t r = 0; r < rounds; r++) {
      if (copies) {
        std::copy_n(from.data + start, share, to.data + start);
        __asm__ volatile("" ::: "memory");
      } else {
        const int64_t total = sum(reinterpret_cast<const int64_t*>(from.data + start), share / sizeof(int64_t));
        __asm__ volatile("" ::"r"(total) : "memory");
      }
    }
  });
  return std::to_string(static_cast<double>(share * static_cast<size_t>(threads) * rounds * (copies ? 2 : 1)) / taken);
}

}  // namespace quern::bench
