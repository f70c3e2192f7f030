// Bytes of RGB pixels, sixteen at a time: taken apart into planes and put together again, widened to float lanes and narrowed, mapped
// through tables. The vector forms move or convert whole numbers, so every tier gives the same bits.
#pragma once

#include "augment_math.h"
#include "lanes.hpp"

namespace quern::QUERN_TIER::imaging {

// Sixteen pixels, one plane per channel.
struct Planes {
  alignas(64) uint8_t channel[3][kLanes];
};

#if defined(__AVX2__)

// Byte shuffles between 48 interleaved bytes (three vectors) and three planes; a lane with the top bit set gives 0.
struct PlaneShuffles {
  alignas(16) uint8_t split[2][3][3][16];  // [mirrored][channel][vector]
  alignas(16) uint8_t join[3][3][16];      // [vector][channel]

  constexpr PlaneShuffles() : split(), join() {
    for (int mirrored = 0; mirrored < 2; mirrored++) {
      for (int c = 0; c < 3; c++) {
        for (int v = 0; v < 3; v++) {
          for (int i = 0; i < 16; i++) {
            const int byte = 3 * (mirrored == 1 ? 15 - i : i) + c - 16 * v;
            split[mirrored][c][v][i] = static_cast<uint8_t>(byte >= 0 && byte < 16 ? byte : 0x80);
            const int of = 16 * v + i;
            join[v][c][i] = static_cast<uint8_t>(of % 3 == c ? of / 3 : 0x80);
          }
        }
      }
    }
  }
};
static constexpr PlaneShuffles kPlaneShuffles;

inline __m128i load_16(const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
inline void store_16(uint8_t* p, __m128i v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v); }
inline __m128i shuffle_three(__m128i a, __m128i b, __m128i c, const uint8_t (*by)[16]) {
  return _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(a, load_16(by[0])), _mm_shuffle_epi8(b, load_16(by[1]))),
                      _mm_shuffle_epi8(c, load_16(by[2])));
}

// mirrored 1: the last pixel first.
inline void split_16(const uint8_t* pixels, int mirrored, Planes& planes) {
  const __m128i a = load_16(pixels), b = load_16(pixels + 16), c = load_16(pixels + 32);
  for (int k = 0; k < 3; k++) store_16(planes.channel[k], shuffle_three(a, b, c, kPlaneShuffles.split[mirrored][k]));
}

inline void join_16(const Planes& planes, uint8_t* pixels) {
  const __m128i r = load_16(planes.channel[0]), g = load_16(planes.channel[1]), b = load_16(planes.channel[2]);
  for (int v = 0; v < 3; v++) store_16(pixels + 16 * v, shuffle_three(r, g, b, kPlaneShuffles.join[v]));
}

#else

inline void split_16(const uint8_t* pixels, int mirrored, Planes& planes) {
  for (int i = 0; i < kLanes; i++) {
    const uint8_t* pixel = pixels + 3 * (mirrored == 1 ? kLanes - 1 - i : i);
    for (int c = 0; c < 3; c++) planes.channel[c][i] = pixel[c];
  }
}

inline void join_16(const Planes& planes, uint8_t* pixels) {
  for (int i = 0; i < kLanes; i++) {
    for (int c = 0; c < 3; c++) pixels[3 * i + c] = planes.channel[c][i];
  }
}

#endif

// The first count (1 … 16) pixels; the others are zero (before the mirrored ones where mirrored is 1).
inline void split_first(const uint8_t* pixels, int64_t count, int mirrored, Planes& planes) {
  uint8_t whole[3 * kLanes] = {};
  std::memcpy(whole + (mirrored == 1 ? 3 * (kLanes - count) : 0), pixels, static_cast<size_t>(3 * count));
  split_16(whole, mirrored, planes);
}

#if defined(__AVX512F__) && defined(__AVX512DQ__)

inline Lanes widen(const uint8_t* p) { return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(load_16(p)))}; }
// Truncates lanes within [0, 255].
inline void narrow(Lanes a, uint8_t* p) { store_16(p, _mm512_cvtepi32_epi8(_mm512_cvttps_epi32(a.v))); }

#elif defined(__AVX2__) && defined(__FMA__)

inline Lanes widen(const uint8_t* p) {
  const __m128i bytes = load_16(p);
  return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)), _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8)))};
}
inline void narrow(Lanes a, uint8_t* p) {
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packus_epi32(_mm256_cvttps_epi32(a.lo), _mm256_cvttps_epi32(a.hi)), 0xd8);
  store_16(p, _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}

#else

inline Lanes widen(const uint8_t* p) {
  return Lanes::each([&](int i) { return static_cast<float>(p[i]); });
}
inline void narrow(Lanes a, uint8_t* p) {
  for (int i = 0; i < kLanes; i++) p[i] = static_cast<uint8_t>(static_cast<int32_t>(a.v[i]));
}

#endif

// blend_of on sixteen bytes. out may be either input.
inline void blend_16(const uint8_t* degenerate, const uint8_t* image, float factor, uint8_t* out) {
  const Lanes from = widen(degenerate);
  const Lanes sum = from + Lanes::all(factor) * (widen(image) - from);
  narrow(min(max(sum, Lanes::zero()), Lanes::all(255.0f)), out);
}

// ---- tables: one of 256 bytes for all channels, or three of them one after the other. source and target may be the same.

inline void map_plain(const uint8_t* source, int64_t pixels, const uint8_t* red, const uint8_t* green, const uint8_t* blue,
                      uint8_t* target) {
  for (int64_t i = 0; i < 3 * pixels; i += 3) {
    const uint8_t r = red[source[i]], g = green[source[i + 1]], b = blue[source[i + 2]];
    target[i] = r;
    target[i + 1] = g;
    target[i + 2] = b;
  }
}

#if defined(__AVX512BW__)

#define QUERN_VBMI __attribute__((target("avx512vbmi")))

struct WideTable {
  __m512i quarter[4];
};

QUERN_VBMI inline WideTable wide_table(const uint8_t* table) {
  WideTable wide;
  for (int k = 0; k < 4; k++) wide.quarter[k] = _mm512_loadu_si512(table + 64 * k);
  return wide;
}

QUERN_VBMI inline __m512i look_up(const WideTable& table, __m512i v) {
  const __m512i low = _mm512_permutex2var_epi8(table.quarter[0], v, table.quarter[1]);
  const __m512i high = _mm512_permutex2var_epi8(table.quarter[2], v, table.quarter[3]);
  return _mm512_mask_blend_epi8(_mm512_movepi8_mask(v), low, high);
}

QUERN_VBMI inline void map_bytes_vbmi(const uint8_t* source, int64_t bytes, const uint8_t* table, uint8_t* target) {
  const WideTable wide = wide_table(table);
  for (int64_t i = 0; i < bytes; i += 64) {
    const __mmask64 valid = bytes - i >= 64 ? ~__mmask64{0} : (__mmask64{1} << (bytes - i)) - 1;
    _mm512_mask_storeu_epi8(target + i, valid, look_up(wide, _mm512_maskz_loadu_epi8(valid, source + i)));
  }
}

QUERN_VBMI inline void map_pixels_vbmi(const uint8_t* source, int64_t pixels, const uint8_t* tables, uint8_t* target) {
  const WideTable red = wide_table(tables), green = wide_table(tables + 256), blue = wide_table(tables + 512);
  const int64_t bytes = 3 * pixels;
  // Bit i: byte i of a vector that starts with a red byte is green (blue). 64 is 1 mod 3: the next vector starts with a green one.
  __mmask64 is_green = 0x2492492492492492u, is_blue = 0x4924924924924924u;
  for (int64_t i = 0; i < bytes; i += 64) {
    const __mmask64 valid = bytes - i >= 64 ? ~__mmask64{0} : (__mmask64{1} << (bytes - i)) - 1;
    const __m512i v = _mm512_maskz_loadu_epi8(valid, source + i);
    __m512i mapped = look_up(red, v);
    mapped = _mm512_mask_mov_epi8(mapped, is_green, look_up(green, v));
    mapped = _mm512_mask_mov_epi8(mapped, is_blue, look_up(blue, v));
    _mm512_mask_storeu_epi8(target + i, valid, mapped);
    const __mmask64 is_red = ~(is_green | is_blue);
    is_blue = is_green;
    is_green = is_red;
  }
}

inline void map_bytes(const uint8_t* source, int64_t pixels, const uint8_t* table, uint8_t* target) {
  if (__builtin_cpu_supports("avx512vbmi")) return map_bytes_vbmi(source, 3 * pixels, table, target);
  map_plain(source, pixels, table, table, table, target);
}

inline void map_pixels(const uint8_t* source, int64_t pixels, const uint8_t* tables, uint8_t* target) {
  if (__builtin_cpu_supports("avx512vbmi")) return map_pixels_vbmi(source, pixels, tables, target);
  map_plain(source, pixels, tables, tables + 256, tables + 512, target);
}

#else

inline void map_bytes(const uint8_t* source, int64_t pixels, const uint8_t* table, uint8_t* target) {
  map_plain(source, pixels, table, table, table, target);
}

inline void map_pixels(const uint8_t* source, int64_t pixels, const uint8_t* tables, uint8_t* target) {
  map_plain(source, pixels, tables, tables + 256, tables + 512, target);
}

#endif

}  // namespace quern::QUERN_TIER::imaging
