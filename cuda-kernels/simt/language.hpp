// CUDA C++ for a plain C++ compiler: qualifiers, built-in variables and types, and the intrinsics the kernels use, as the CUDA C++ Programming
// Guide defines them. Warp operations must be met by all lanes of their mask at the same place.
#pragma once

// The C header, which lifts the float overloads of std into the global namespace.
#include <math.h>
#include <cstdint>
#include <cstring>

#include "machine.hpp"

#define __global__
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline
#define __grid_constant__
#define __launch_bounds__(...)
#define __align__(bytes) alignas(bytes)

struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(4) uchar4 { unsigned char x, y, z, w; };
struct alignas(16) double2 { double x, y; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline uchar4 make_uchar4(unsigned char x, unsigned char y, unsigned char z, unsigned char w) { return {x, y, z, w}; }

using dim3 = quern::simt::Dim3;

#define threadIdx (::quern::simt::Machine::current().self().thread_index)
#define blockIdx (::quern::simt::Machine::current().self().block->index)
#define blockDim (::quern::simt::block_dimensions())
#define gridDim (::quern::simt::Machine::current().shape().grid)

namespace quern::simt {

inline Dim3 block_dimensions() { return {Machine::current().shape().threads, 1, 1}; }

// One lane's part in a warp operation.
template <class T>
struct Exchange {
  T value;
  int lane;      // the lane to read from
  T result;
};

template <class T>
void exchange(uint32_t mask, void* const* payloads) {
  for (unsigned lane = 0; lane < kWarp; lane++) {
    if (payloads[lane] == nullptr) continue;
    Exchange<T>& mine = *static_cast<Exchange<T>*>(payloads[lane]);
    const unsigned from = static_cast<unsigned>(mine.lane);
    if ((mask >> from & 1u) == 0) {
      Machine::current().fault(Machine::current().self().site, "a shuffle of lane %u reads lane %u, which is not in mask %08x", lane, from, mask);
    }
    mine.result = static_cast<Exchange<T>*>(payloads[from])->value;
  }
}

template <class T>
T shuffle(uint32_t mask, T value, int lane, const char* purpose, Site site) {
  Exchange<T> mine{value, lane, value};
  Machine::current().meet(mask, purpose, &mine, &exchange<T>, site);
  return mine.result;
}

inline int own_lane() { return static_cast<int>(Machine::current().self().lane()); }

// Folds the values of the lanes in order; every lane gets the result.
template <class T, T Fold(T, T)>
T fold(uint32_t mask, T value, const char* purpose, Site site) {
  Exchange<T> mine{value, 0, value};
  Machine::current().meet(mask, purpose, &mine,
                          [](uint32_t, void* const* payloads) {
                            bool first = true;
                            T all{};
                            for (unsigned lane = 0; lane < kWarp; lane++) {
                              if (payloads[lane] == nullptr) continue;
                              const T own = static_cast<Exchange<T>*>(payloads[lane])->value;
                              all = first ? own : Fold(all, own);
                              first = false;
                            }
                            for (unsigned lane = 0; lane < kWarp; lane++) {
                              if (payloads[lane] != nullptr) static_cast<Exchange<T>*>(payloads[lane])->result = all;
                            }
                          },
                          site);
  return mine.result;
}

template <class T>
T plus(T a, T b) { return static_cast<T>(a + b); }
template <class T>
T least(T a, T b) { return b < a ? b : a; }
template <class T>
T greatest(T a, T b) { return a < b ? b : a; }
inline unsigned either(unsigned a, unsigned b) { return a | b; }
inline unsigned both(unsigned a, unsigned b) { return a & b; }

}  // namespace quern::simt

template <class T>
T __shfl_sync(unsigned mask, T value, int lane, int width = 32, quern::simt::Site site = quern::simt::Site::here()) {
  const int first = quern::simt::own_lane() & ~(width - 1);
  return quern::simt::shuffle(mask, value, first + (lane & (width - 1)), "__shfl_sync", site);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32, quern::simt::Site site = quern::simt::Site::here()) {
  const int own = quern::simt::own_lane(), from = own ^ lanes;
  return quern::simt::shuffle(mask, value, from / width > own / width ? own : from, "__shfl_xor_sync", site);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, quern::simt::Site site = quern::simt::Site::here()) {
  const int own = quern::simt::own_lane(), from = own + static_cast<int>(delta);
  return quern::simt::shuffle(mask, value, from / width == own / width ? from : own, "__shfl_down_sync", site);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, quern::simt::Site site = quern::simt::Site::here()) {
  const int own = quern::simt::own_lane(), from = own - static_cast<int>(delta);
  return quern::simt::shuffle(mask, value, from >= (own & ~(width - 1)) ? from : own, "__shfl_up_sync", site);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, quern::simt::Site site = quern::simt::Site::here()) {
  return quern::simt::fold<unsigned, quern::simt::either>(mask, predicate != 0 ? 1u << quern::simt::own_lane() : 0u, "__ballot_sync", site);
}
inline int __any_sync(unsigned mask, int predicate, quern::simt::Site site = quern::simt::Site::here()) {
  return quern::simt::fold<unsigned, quern::simt::either>(mask, predicate != 0, "__any_sync", site) != 0;
}
inline int __all_sync(unsigned mask, int predicate, quern::simt::Site site = quern::simt::Site::here()) {
  return quern::simt::fold<unsigned, quern::simt::both>(mask, predicate != 0, "__all_sync", site) != 0;
}
template <class T>
T __reduce_add_sync(unsigned mask, T value, quern::simt::Site site = quern::simt::Site::here()) {
  return quern::simt::fold<T, quern::simt::plus<T>>(mask, value, "__reduce_add_sync", site);
}
template <class T>
T __reduce_min_sync(unsigned mask, T value, quern::simt::Site site = quern::simt::Site::here()) {
  return quern::simt::fold<T, quern::simt::least<T>>(mask, value, "__reduce_min_sync", site);
}
template <class T>
T __reduce_max_sync(unsigned mask, T value, quern::simt::Site site = quern::simt::Site::here()) {
  return quern::simt::fold<T, quern::simt::greatest<T>>(mask, value, "__reduce_max_sync", site);
}
inline unsigned __reduce_or_sync(unsigned mask, unsigned value, quern::simt::Site site = quern::simt::Site::here()) {
  return quern::simt::fold<unsigned, quern::simt::either>(mask, value, "__reduce_or_sync", site);
}
template <class T>
unsigned __match_any_sync(unsigned mask, T value, quern::simt::Site site = quern::simt::Site::here()) {
  struct Match {
    T value;
    unsigned equal;
  } mine{value, 0};
  quern::simt::Machine::current().meet(mask, "__match_any_sync", &mine,
                                       [](uint32_t, void* const* payloads) {
                                         for (unsigned i = 0; i < 32 * 32; i++) {
                                           Match* a = static_cast<Match*>(payloads[i / 32]);
                                           Match* b = static_cast<Match*>(payloads[i % 32]);
                                           if (a != nullptr && b != nullptr && a->value == b->value) a->equal |= 1u << (i % 32);
                                         }
                                       },
                                       site);
  return mine.equal;
}
inline void __syncwarp(unsigned mask = 0xffffffffu, quern::simt::Site site = quern::simt::Site::here()) {
  quern::simt::Machine::current().synchronise_warp(mask, site);
}
inline void __syncthreads(quern::simt::Site site = quern::simt::Site::here()) { quern::simt::Machine::current().block_barrier(site); }

inline void __threadfence() {}
inline void __threadfence_block() {}

// Atomics on global integers: threads take turns, so plain arithmetic is atomic.
template <class T>
T atomicAdd(T* at, T value) {
  static_assert(!std::is_floating_point_v<T>, "no float atomics: their sums depend on the order of the threads");
  const T before = *at;
  *at = static_cast<T>(before + value);
  return before;
}
template <class T>
T atomicMin(T* at, T value) {
  const T before = *at;
  *at = value < before ? value : before;
  return before;
}
template <class T>
T atomicMax(T* at, T value) {
  const T before = *at;
  *at = before < value ? value : before;
  return before;
}
template <class T>
T atomicExch(T* at, T value) {
  const T before = *at;
  *at = value;
  return before;
}
template <class T>
T atomicCAS(T* at, T expected, T value) {
  const T before = *at;
  if (before == expected) *at = value;
  return before;
}

template <class T>
T __ldg(const T* at) { return *at; }
template <class T>
T __ldcs(const T* at) { return *at; }
template <class T>
void __stcs(T* at, T value) { *at = value; }

inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fdividef(float a, float b) { return a / b; }
inline float __fsqrt_rn(float a) { return std::sqrt(a); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float rsqrtf(float a) { return 1.0f / std::sqrt(a); }
inline float __saturatef(float a) { return a < 0.0f ? 0.0f : a > 1.0f ? 1.0f : a; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline unsigned __float_as_uint(float a) { unsigned bits; std::memcpy(&bits, &a, 4); return bits; }
inline float __uint_as_float(unsigned bits) { float a; std::memcpy(&a, &bits, 4); return a; }
inline int __float_as_int(float a) { return static_cast<int>(__float_as_uint(a)); }
inline float __int_as_float(int bits) { return __uint_as_float(static_cast<unsigned>(bits)); }
inline int __float2int_rn(float a) { return static_cast<int>(std::nearbyint(a)); }
inline int __float2int_rd(float a) { return static_cast<int>(std::floor(a)); }
inline int __popc(unsigned a) { return __builtin_popcount(a); }
inline int __ffs(unsigned a) { return __builtin_ffs(static_cast<int>(a)); }
inline int __clz(unsigned a) { return a == 0 ? 32 : __builtin_clz(a); }
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(static_cast<uint64_t>(a) * b >> 32); }

template <class T>
constexpr T min(T a, T b) { return b < a ? b : a; }
template <class T>
constexpr T max(T a, T b) { return a < b ? b : a; }
inline float min(float a, float b) { return std::fmin(a, b); }
inline float max(float a, float b) { return std::fmax(a, b); }
