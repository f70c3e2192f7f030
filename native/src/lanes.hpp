// Sixteen float32 lanes on every instruction set: one zmm, two ymm, or an array of sixteen floats with std::fma.
//
// Every operation is lane-wise IEEE-754 and every reduction is the same tree (i with i+8, then +4, +2, +1), so a kernel written on Lanes
// returns the same bits on every tier. Compiled with -ffp-contract=off: an fma happens where fma() is written and nowhere else.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#endif

#ifndef QUERN_TIER
#error "QUERN_TIER names the namespace of the tier"
#endif

namespace quern::QUERN_TIER {

constexpr int kLanes = 16;
constexpr uint32_t kAllLanes = 0xffff;

#if defined(__AVX512F__) && defined(__AVX512DQ__)

struct Lanes {
  __m512 v;

  static Lanes zero() { return {_mm512_setzero_ps()}; }
  static Lanes all(float x) { return {_mm512_set1_ps(x)}; }
  static Lanes load(const float* p) { return {_mm512_loadu_ps(p)}; }
  // The first count (0 … 16) lanes from p, the others fill. Reads no further.
  static Lanes load_first(const float* p, int64_t count, float fill) {
    return {_mm512_mask_loadu_ps(_mm512_set1_ps(fill), first(count), p)};
  }
  void store(float* p) const { _mm512_storeu_ps(p, v); }
  void store_first(float* p, int64_t count) const { _mm512_mask_storeu_ps(p, first(count), v); }

  friend Lanes operator+(Lanes a, Lanes b) { return {_mm512_add_ps(a.v, b.v)}; }
  friend Lanes operator-(Lanes a, Lanes b) { return {_mm512_sub_ps(a.v, b.v)}; }
  friend Lanes operator*(Lanes a, Lanes b) { return {_mm512_mul_ps(a.v, b.v)}; }
  friend Lanes operator/(Lanes a, Lanes b) { return {_mm512_div_ps(a.v, b.v)}; }

 private:
  static __mmask16 first(int64_t count) { return static_cast<__mmask16>((1u << count) - 1u); }
};

// a·b + c, rounded once.
inline Lanes fma(Lanes a, Lanes b, Lanes c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
// a < b ? a : b, so a NaN in either gives b.
inline Lanes min(Lanes a, Lanes b) { return {_mm512_min_ps(a.v, b.v)}; }
inline Lanes max(Lanes a, Lanes b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Lanes sqrt(Lanes a) { return {_mm512_sqrt_ps(a.v)}; }
// To the nearest integer, ties to even.
inline Lanes round(Lanes a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
// Bit i is set where a_i < b_i (false for NaN).
inline uint32_t less(Lanes a, Lanes b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ); }
// Lane i of a where bit i is set, of b elsewhere.
inline Lanes select(uint32_t bits, Lanes a, Lanes b) { return {_mm512_mask_blend_ps(static_cast<__mmask16>(bits), b.v, a.v)}; }
// 2^n for integral n in [-126, 127].
inline Lanes exp2_integer(Lanes n) {
  __m512i biased = _mm512_add_epi32(_mm512_cvtps_epi32(n.v), _mm512_set1_epi32(127));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(biased, 23))};
}

inline float reduce_add(Lanes a) {
  __m256 h = _mm256_add_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_shuffle_ps(q, q, 1)));
}

// Largest lane, by the tree of reduce_add.
inline float reduce_max(Lanes a) {
  __m256 h = _mm256_max_ps(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));
  __m128 q = _mm_max_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_max_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_max_ss(q, _mm_shuffle_ps(q, q, 1)));
}

#elif defined(__AVX2__) && defined(__FMA__)

struct Lanes {
  __m256 lo, hi;

  static Lanes zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
  static Lanes all(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
  static Lanes load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
  static Lanes load_first(const float* p, int64_t count, float fill) {
    float whole[kLanes];
    for (int i = 0; i < kLanes; i++) whole[i] = i < count ? p[i] : fill;
    return load(whole);
  }
  void store(float* p) const {
    _mm256_storeu_ps(p, lo);
    _mm256_storeu_ps(p + 8, hi);
  }
  void store_first(float* p, int64_t count) const {
    float whole[kLanes];
    store(whole);
    std::memcpy(p, whole, static_cast<size_t>(count) * sizeof(float));
  }

  friend Lanes operator+(Lanes a, Lanes b) { return {_mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi)}; }
  friend Lanes operator-(Lanes a, Lanes b) { return {_mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi)}; }
  friend Lanes operator*(Lanes a, Lanes b) { return {_mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi)}; }
  friend Lanes operator/(Lanes a, Lanes b) { return {_mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi)}; }
};

inline Lanes fma(Lanes a, Lanes b, Lanes c) { return {_mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi)}; }
inline Lanes min(Lanes a, Lanes b) { return {_mm256_min_ps(a.lo, b.lo), _mm256_min_ps(a.hi, b.hi)}; }
inline Lanes max(Lanes a, Lanes b) { return {_mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi)}; }
inline Lanes sqrt(Lanes a) { return {_mm256_sqrt_ps(a.lo), _mm256_sqrt_ps(a.hi)}; }
inline Lanes round(Lanes a) {
  return {_mm256_round_ps(a.lo, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC),
          _mm256_round_ps(a.hi, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
inline uint32_t less(Lanes a, Lanes b) {
  return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(a.lo, b.lo, _CMP_LT_OQ))) |
         static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(a.hi, b.hi, _CMP_LT_OQ))) << 8;
}
inline __m256 half_select(uint32_t bits, __m256 a, __m256 b) {
  __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  __m256i hit = _mm256_and_si256(_mm256_set1_epi32(static_cast<int>(bits)), bit);
  return _mm256_blendv_ps(b, a, _mm256_castsi256_ps(_mm256_cmpeq_epi32(hit, bit)));
}
inline Lanes select(uint32_t bits, Lanes a, Lanes b) { return {half_select(bits & 255u, a.lo, b.lo), half_select(bits >> 8, a.hi, b.hi)}; }
inline __m256 half_exp2_integer(__m256 n) {
  __m256i biased = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
  return _mm256_castsi256_ps(_mm256_slli_epi32(biased, 23));
}
inline Lanes exp2_integer(Lanes n) { return {half_exp2_integer(n.lo), half_exp2_integer(n.hi)}; }

inline float reduce_add(Lanes a) {
  __m256 h = _mm256_add_ps(a.lo, a.hi);
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_shuffle_ps(q, q, 1)));
}

inline float reduce_max(Lanes a) {
  __m256 h = _mm256_max_ps(a.lo, a.hi);
  __m128 q = _mm_max_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_max_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_max_ss(q, _mm_shuffle_ps(q, q, 1)));
}

#else

struct Lanes {
  float v[kLanes];

  static Lanes zero() { return all(0.0f); }
  static Lanes all(float x) {
    Lanes r;
    for (float& lane : r.v) lane = x;
    return r;
  }
  static Lanes load(const float* p) {
    Lanes r;
    std::memcpy(r.v, p, sizeof r.v);
    return r;
  }
  static Lanes load_first(const float* p, int64_t count, float fill) {
    Lanes r = all(fill);
    std::memcpy(r.v, p, static_cast<size_t>(count) * sizeof(float));
    return r;
  }
  void store(float* p) const { std::memcpy(p, v, sizeof v); }
  void store_first(float* p, int64_t count) const { std::memcpy(p, v, static_cast<size_t>(count) * sizeof(float)); }

  template <class Op>
  static Lanes each(const Op& op) {
    Lanes r;
    for (int i = 0; i < kLanes; i++) r.v[i] = op(i);
    return r;
  }
  friend Lanes operator+(Lanes a, Lanes b) {
    return each([&](int i) { return a.v[i] + b.v[i]; });
  }
  friend Lanes operator-(Lanes a, Lanes b) {
    return each([&](int i) { return a.v[i] - b.v[i]; });
  }
  friend Lanes operator*(Lanes a, Lanes b) {
    return each([&](int i) { return a.v[i] * b.v[i]; });
  }
  friend Lanes operator/(Lanes a, Lanes b) {
    return each([&](int i) { return a.v[i] / b.v[i]; });
  }
};

inline Lanes fma(Lanes a, Lanes b, Lanes c) {
  return Lanes::each([&](int i) { return __builtin_fmaf(a.v[i], b.v[i], c.v[i]); });
}
inline Lanes min(Lanes a, Lanes b) {
  return Lanes::each([&](int i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
}
inline Lanes max(Lanes a, Lanes b) {
  return Lanes::each([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
}
inline Lanes sqrt(Lanes a) {
  return Lanes::each([&](int i) { return __builtin_sqrtf(a.v[i]); });
}
inline Lanes round(Lanes a) {
  return Lanes::each([&](int i) { return __builtin_rintf(a.v[i]); });
}
inline uint32_t less(Lanes a, Lanes b) {
  uint32_t bits = 0;
  for (int i = 0; i < kLanes; i++) bits |= static_cast<uint32_t>(a.v[i] < b.v[i]) << i;
  return bits;
}
inline Lanes select(uint32_t bits, Lanes a, Lanes b) {
  return Lanes::each([&](int i) { return (bits >> i & 1u) != 0 ? a.v[i] : b.v[i]; });
}
inline Lanes exp2_integer(Lanes n) {
  return Lanes::each([&](int i) {
    uint32_t biased = static_cast<uint32_t>(static_cast<int32_t>(n.v[i]) + 127) << 23;
    float power;
    std::memcpy(&power, &biased, sizeof power);
    return power;
  });
}

inline float reduce_add(Lanes a) {
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) a.v[i] = a.v[i] + a.v[i + half];
  }
  return a.v[0];
}

inline float reduce_max(Lanes a) {
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) a.v[i] = a.v[i] > a.v[i + half] ? a.v[i] : a.v[i + half];
  }
  return a.v[0];
}

#endif

// e^x, relative error below 1.2e-7 for x in [-87, 88]; 0 below -87.33, so -infinity gives 0. Undefined above 88.7 and for NaN.
inline Lanes exp(Lanes x) {
  const Lanes lowest = Lanes::all(-87.33654f);
  const uint32_t vanishes = less(x, lowest);
  x = max(x, lowest);
  const Lanes n = round(x * Lanes::all(1.44269504f));
  Lanes r = fma(n, Lanes::all(-0.693359375f), x);
  r = fma(n, Lanes::all(2.12194440e-4f), r);
  Lanes p = Lanes::all(1.9875691500e-4f);
  p = fma(p, r, Lanes::all(1.3981999507e-3f));
  p = fma(p, r, Lanes::all(8.3334519073e-3f));
  p = fma(p, r, Lanes::all(4.1665795894e-2f));
  p = fma(p, r, Lanes::all(1.6666665459e-1f));
  p = fma(p, r, Lanes::all(5.0000001201e-1f));
  p = fma(p, r * r, r + Lanes::all(1.0f));
  return select(vanishes, Lanes::zero(), p * exp2_integer(n));
}

}  // namespace quern::QUERN_TIER
