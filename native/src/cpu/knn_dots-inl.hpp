// The micro-kernel: dot products of kTileRows rows of one panel with the 48 rows of another, exact in int32.
//
// A panel is stored [pairs of columns][48 rows][2], so that rows of either panel lie in lanes or are broadcast.
// AVX-512: 8×48 in 24 accumulators, 24 vpdpwssd (or vpmaddwd + vpaddd without VNNI) for 11 loads. AVX2: 6×16, three times. SSE2: 4×8, six
// times. An int16 product pair per lane and instruction is twice the float32 fma rate with VNNI, and about as fast as it without.
#pragma once

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "lanes.hpp"

namespace quern::QUERN_TIER {

constexpr int64_t kPanel = 48;

// Words of a panel of rows of that many pairs of columns: [pairs][kPanel], two int16 each.
inline int64_t panel_words(int64_t pairs) { return pairs * kPanel; }

// Four rows of entries, `pairs` apart, into a panel's rows from `first` on.
inline void place_rows(const int32_t* entries, int64_t pairs, int64_t first, int32_t* panel) {
  int32_t* columns = panel + first;
  int64_t p = 0;
#if defined(__SSE2__)
  for (; p + 4 <= pairs; p += 4) {
    const __m128i r0 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(entries + p));
    const __m128i r1 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(entries + pairs + p));
    const __m128i r2 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(entries + 2 * pairs + p));
    const __m128i r3 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(entries + 3 * pairs + p));
    const __m128i a = _mm_unpacklo_epi32(r0, r1), b = _mm_unpacklo_epi32(r2, r3);
    const __m128i c = _mm_unpackhi_epi32(r0, r1), e = _mm_unpackhi_epi32(r2, r3);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(columns + p * kPanel), _mm_unpacklo_epi64(a, b));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(columns + (p + 1) * kPanel), _mm_unpackhi_epi64(a, b));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(columns + (p + 2) * kPanel), _mm_unpacklo_epi64(c, e));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(columns + (p + 3) * kPanel), _mm_unpackhi_epi64(c, e));
  }
#endif
  for (; p < pairs; p++) {
    for (int64_t r = 0; r < 4; r++) columns[p * kPanel + r] = entries[r * pairs + p];
  }
}

// What a thread needs while it multiplies: nothing.
struct TileScope {
  TileScope() {}
};

#if defined(__AVX512F__) && defined(__AVX512BW__)

enum class Multiply { kMadd, kVnni };

// sum + a₀b₀ + a₁b₁ for the int16 pairs of every lane. In assembly because the tier itself does not require VNNI.
template <Multiply how>
inline __m512i add_products(__m512i sum, __m512i a, __m512i b) {
  if constexpr (how == Multiply::kVnni) {
    asm("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
    return sum;
  } else {
    return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
  }
}

constexpr int kTileRows = 8;

template <Multiply how>
inline void dots_by(const int32_t* a, int64_t first, const int32_t* b, int64_t pairs, float* c) {
  a += first;
  __m512i sum[kTileRows][3];
  for (auto& row : sum) {
    for (__m512i& lane : row) lane = _mm512_setzero_si512();
  }
  for (int64_t p = 0; p < pairs; p++, a += kPanel, b += kPanel) {
    const __m512i b0 = _mm512_loadu_si512(b), b1 = _mm512_loadu_si512(b + 16), b2 = _mm512_loadu_si512(b + 32);
#pragma GCC unroll 8
    for (int r = 0; r < kTileRows; r++) {
      const __m512i pair = _mm512_set1_epi32(a[r]);
      sum[r][0] = add_products<how>(sum[r][0], pair, b0);
      sum[r][1] = add_products<how>(sum[r][1], pair, b1);
      sum[r][2] = add_products<how>(sum[r][2], pair, b2);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kTileRows; r++) {
    for (int v = 0; v < 3; v++) {
      // GCC 12 reports _mm512_cvtepi32_ps itself as uninitialised.
      const __v16sf dots = __builtin_convertvector(reinterpret_cast<__v16si>(sum[r][v]), __v16sf);
      _mm512_storeu_ps(c + r * kPanel + v * 16, reinterpret_cast<__m512>(dots));
    }
  }
}

using Dots = void (*)(const int32_t* a, int64_t first, const int32_t* b, int64_t pairs, float* c);

inline Dots choose_dots() {
  return __builtin_cpu_supports("avx512vnni") ? dots_by<Multiply::kVnni> : dots_by<Multiply::kMadd>;
}

#else

#if defined(__AVX2__)

constexpr int kTileRows = 6;
constexpr int kTileColumns = 16;

inline void dots_tile(const int32_t* a, const int32_t* b, int64_t pairs, float* c) {
  __m256i sum[kTileRows][2];
  for (auto& row : sum) row[0] = row[1] = _mm256_setzero_si256();
  for (int64_t p = 0; p < pairs; p++, a += kPanel, b += kPanel) {
    const __m256i b0 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
    const __m256i b1 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + 8));
#pragma GCC unroll 6
    for (int r = 0; r < kTileRows; r++) {
      const __m256i pair = _mm256_set1_epi32(a[r]);
      sum[r][0] = _mm256_add_epi32(sum[r][0], _mm256_madd_epi16(pair, b0));
      sum[r][1] = _mm256_add_epi32(sum[r][1], _mm256_madd_epi16(pair, b1));
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < kTileRows; r++) {
    _mm256_storeu_ps(c + r * kPanel, _mm256_cvtepi32_ps(sum[r][0]));
    _mm256_storeu_ps(c + r * kPanel + 8, _mm256_cvtepi32_ps(sum[r][1]));
  }
}

#elif defined(__SSE2__)

constexpr int kTileRows = 4;
constexpr int kTileColumns = 8;

inline void dots_tile(const int32_t* a, const int32_t* b, int64_t pairs, float* c) {
  __m128i sum[kTileRows][2];
  for (auto& row : sum) row[0] = row[1] = _mm_setzero_si128();
  for (int64_t p = 0; p < pairs; p++, a += kPanel, b += kPanel) {
    const __m128i b0 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b));
    const __m128i b1 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + 4));
#pragma GCC unroll 4
    for (int r = 0; r < kTileRows; r++) {
      const __m128i pair = _mm_set1_epi32(a[r]);
      sum[r][0] = _mm_add_epi32(sum[r][0], _mm_madd_epi16(pair, b0));
      sum[r][1] = _mm_add_epi32(sum[r][1], _mm_madd_epi16(pair, b1));
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < kTileRows; r++) {
    _mm_storeu_ps(c + r * kPanel, _mm_cvtepi32_ps(sum[r][0]));
    _mm_storeu_ps(c + r * kPanel + 4, _mm_cvtepi32_ps(sum[r][1]));
  }
}

#else

constexpr int kTileRows = 4;
constexpr int kTileColumns = 16;

inline void dots_tile(const int32_t* a, const int32_t* b, int64_t pairs, float* c) {
  int32_t sum[kTileRows][kTileColumns] = {};
  for (int64_t p = 0; p < pairs; p++, a += kPanel, b += kPanel) {
    for (int r = 0; r < kTileRows; r++) {
      const int32_t first = static_cast<int16_t>(a[r]), second = a[r] >> 16;
      for (int v = 0; v < kTileColumns; v++) sum[r][v] += first * static_cast<int16_t>(b[v]) + second * (b[v] >> 16);
    }
  }
  for (int r = 0; r < kTileRows; r++) {
    for (int v = 0; v < kTileColumns; v++) c[r * kPanel + v] = static_cast<float>(sum[r][v]);
  }
}

#endif

using Dots = void (*)(const int32_t* a, int64_t first, const int32_t* b, int64_t pairs, float* c);

inline void dots_by_tiles(const int32_t* a, int64_t first, const int32_t* b, int64_t pairs, float* c) {
  for (int column = 0; column < kPanel; column += kTileColumns) dots_tile(a + first, b + column, pairs, c + column);
}

inline Dots choose_dots() { return dots_by_tiles; }

#endif

}  // namespace quern::QUERN_TIER
