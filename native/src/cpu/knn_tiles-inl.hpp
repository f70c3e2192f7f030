// The micro-kernel on AMX: dot products of 16 rows of one panel with the 48 rows of another, exact in int32.
//
// An int16 entry is 256·high + low, high signed and low unsigned, and the product of two entries is four of bytes:
//     65536·high·high + 256·(high·low + low·high) + low·low,
// each sum in a tile of its own, all modulo 2^32, where the whole is known to fit. These are the very integers of the other tiers, and
// so are the scores, the certificate, the candidates and the fallback.
//
// Why bytes in pairs and not bfloat16: a 2×2 block of bfloat16 tiles and one of byte tiles both take four loads for four products, but the first
// covers 32×32×32 columns and the second 16×16×64, so bfloat16 is twice as fast: 512 products a cycle and core against 256 (64 on vectors).
// At N = 50,000, d = 512 among the rows themselves that is about 10 µs of a core for a row against 19. On clustered rows of norm 1 int16 leaves
// 10.6 candidates a row, bfloat16 17.6 (ρ = 1.7e-4 and 1.95e-3): less than 1 µs more. So bfloat16 would win there, by less than half of a
// time that is small either way; but with a cluster ten times tighter than the data its window of doubt, 4·ρ of the norm, holds the whole
// cluster, and each of its rows falls back to hundreds of true distances, tens of µs. Pairs of bytes need no second error bound, and are
// as good on near duplicates as the other tiers. (Single bytes are eight times as fast but leave 157 candidates even on the easy rows.)
//
// Work split   rows and columns of a panel are stored twice, as a left operand [3][64 columns][2][16 rows][64] and as a right one
//              [3][64 columns][2][16 quads][16 rows][4]; high bytes, then low ones. Four tiles hold sums, four operands.
// Bytes        16 rows as left operand (16·2d) stay in L1 for three right ones, which come from L2: 32 bytes a cycle at full rate.
// Roofline     a product of tiles is 16 cycles; the epilogue, 16 rows of about 12 vector operations, overlaps the next sums out of order.
#pragma once

#include <immintrin.h>

#include "cpu/tiles-inl.hpp"
#include "lanes.hpp"

namespace quern::QUERN_TIER {

constexpr int64_t kPanel = 48;
constexpr int kTileRows = 16;
constexpr int64_t kTileGroups = kPanel / kTileSide;
constexpr int64_t kStepWords = 2 * kTileWords;  // high and low bytes of 64 columns of 16 rows

inline int64_t steps_of(int64_t pairs) { return (pairs + 31) / 32; }

// Words of a panel of rows of that many pairs of columns.
inline int64_t panel_words(int64_t pairs) { return 2 * kTileGroups * steps_of(pairs) * kStepWords; }

// The bytes `at` (0: low, 8: high) of four int16 in two words.
inline int32_t four_bytes(int32_t first, int32_t second, int at) {
  const uint32_t a = static_cast<uint32_t>(first) >> at, b = static_cast<uint32_t>(second) >> at;
  return static_cast<int32_t>((a & 255u) | (a >> 8 & 0xff00u) | (b & 255u) << 16 | (b >> 16 & 255u) << 24);
}

// Four rows of entries, `pairs` apart, into a panel's rows from `first` on.
inline void place_rows(const int32_t* entries, int64_t pairs, int64_t first, int32_t* panel) {
  const int64_t steps = steps_of(pairs);
  int32_t* left = panel + first / kTileSide * steps * kStepWords;
  int32_t* right = left + kTileGroups * steps * kStepWords;
  for (int64_t r = 0; r < 4; r++, entries += pairs) {
    const int64_t row = first % kTileSide + r;
    for (int64_t quad = 0; quad < steps * kTileSide; quad++) {
      const int32_t a = 2 * quad < pairs ? entries[2 * quad] : 0, b = 2 * quad + 1 < pairs ? entries[2 * quad + 1] : 0;
      const int32_t high = four_bytes(a, b, 8), low = four_bytes(a, b, 0);
      const int64_t tile = quad / kTileSide * kStepWords, column = quad % kTileSide;
      left[tile + row * kTileSide + column] = high;
      left[tile + kTileWords + row * kTileSide + column] = low;
      right[tile + column * kTileSide + row] = high;
      right[tile + kTileWords + column * kTileSide + row] = low;
    }
  }
}

// Tiles 0 … 3: high·high, high·low, low·high, low·low of 16 rows with 16 others.
inline void sum_products(const int32_t* left, const int32_t* right, int64_t steps) {
  zero_tile<0>();
  zero_tile<1>();
  zero_tile<2>();
  zero_tile<3>();
  for (int64_t step = 0; step < steps; step++, left += kStepWords, right += kStepWords) {
    load_tile<4>(left);
    load_tile<6>(right);
    add_byte_products<Bytes::kSignedSigned, 0, 4, 6>();
    load_tile<7>(right + kTileWords);
    add_byte_products<Bytes::kSignedUnsigned, 1, 4, 7>();
    load_tile<5>(left + kTileWords);
    add_byte_products<Bytes::kUnsignedSigned, 2, 5, 6>();
    add_byte_products<Bytes::kUnsignedUnsigned, 3, 5, 7>();
  }
}

// 16 rows of `a` from `first` on with the 48 of `b`, into c [16][48].
inline void dots_by_tiles(const int32_t* a, int64_t first, const int32_t* b, int64_t pairs, float* c) {
  const int64_t steps = steps_of(pairs);
  const int32_t* left = a + first / kTileSide * steps * kStepWords;
  for (int64_t group = 0; group < kTileGroups; group++) {
    sum_products(left, b + (kTileGroups + group) * steps * kStepWords, steps);
    alignas(64) int32_t sum[4][kTileWords];
    store_tile<0>(sum[0]);
    store_tile<1>(sum[1]);
    store_tile<2>(sum[2]);
    store_tile<3>(sum[3]);
    for (int64_t i = 0; i < kTileSide; i++) {
      const __m512i high = _mm512_load_si512(sum[0] + i * kTileSide), low = _mm512_load_si512(sum[3] + i * kTileSide);
      const __m512i middle = _mm512_add_epi32(_mm512_load_si512(sum[1] + i * kTileSide), _mm512_load_si512(sum[2] + i * kTileSide));
      const __m512i whole = _mm512_add_epi32(_mm512_add_epi32(_mm512_slli_epi32(high, 16), _mm512_slli_epi32(middle, 8)), low);
      const __v16sf dots = __builtin_convertvector(reinterpret_cast<__v16si>(whole), __v16sf);
      _mm512_storeu_ps(c + i * kPanel + group * kTileSide, reinterpret_cast<__m512>(dots));
    }
  }
}

using Dots = void (*)(const int32_t* a, int64_t first, const int32_t* b, int64_t pairs, float* c);

inline Dots choose_dots() { return dots_by_tiles; }

// Whether tiles multiply bytes of every sign as they should: dots of rows of extreme entries, two by two columns.
inline bool tiles_are_right() {
  constexpr int64_t kPairs = 33;
  constexpr int16_t kExtremes[] = {-32767, -32640, -257, -256, -255, -129, -128, -1, 0, 1, 127, 128, 255, 256, 257, 32767};
  int32_t entries[kPanel * kPairs], panel[2 * kTileGroups * 2 * kStepWords];
  for (int64_t i = 0; i < kPanel * kPairs; i++) {
    const uint32_t low = static_cast<uint16_t>(kExtremes[i * i % 53 % 16]), high = static_cast<uint16_t>(kExtremes[i % 37 % 16]);
    entries[i] = static_cast<int32_t>(i % 11 == 0 ? low | high << 16 : low % 512);
  }
  for (int64_t row = 0; row < kPanel; row += 4) place_rows(entries + row * kPairs, kPairs, row, panel);
  float dots[kTileRows * kPanel];
  {
    const TileScope scope;
    dots_by_tiles(panel, kTileSide, panel, kPairs, dots);
  }
  for (int64_t at = 0; at < kTileRows * kPanel; at++) {
    const int32_t *a = entries + (kTileSide + at / kPanel) * kPairs, *b = entries + at % kPanel * kPairs;
    uint32_t sum = 0;
    for (int64_t p = 0; p < kPairs; p++) {
      sum += static_cast<uint32_t>(static_cast<int16_t>(a[p]) * static_cast<int16_t>(b[p]) + (a[p] >> 16) * (b[p] >> 16));
    }
    if (dots[at] != static_cast<float>(static_cast<int32_t>(sum))) return false;
  }
  return true;
}

}  // namespace quern::QUERN_TIER
