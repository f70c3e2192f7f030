// The AMX instructions that kNN uses, one function each: eight tiles of 16 rows of 64 bytes.
//
// With QUERN_REFERENCE_TILES the same functions are plain C++ over tiles in memory, so that everything above them is tested on machines
// without AMX. Semantics: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, LDTILECFG … TILEZERO; sums wrap at 2^32.
#pragma once

#include <cstdint>
#include <cstring>

#include "backend.hpp"

namespace quern::QUERN_TIER {

constexpr int kTiles = 8;
constexpr int64_t kTileSide = 16;
constexpr int64_t kTileStride = 64;  // bytes
constexpr int64_t kTileWords = 256;

// Whether the bytes of the left and of the right tile are signed.
enum class Bytes { kSignedSigned, kSignedUnsigned, kUnsignedSigned, kUnsignedUnsigned };

#if defined(QUERN_REFERENCE_TILES)

constexpr TileInstructions kTileInstructions = TileInstructions::kReference;

struct TileRegisters {
  uint32_t word[kTiles][kTileSide][kTileSide];
  bool configured;
};
inline thread_local TileRegisters tiles;

// The hardware's tiles are undefined instructions before they are configured.
inline void require_configured() {
  if (!tiles.configured) __builtin_trap();
}

class TileScope {
 public:
  TileScope() {
    std::memset(tiles.word, 0, sizeof tiles.word);
    tiles.configured = true;
  }
  ~TileScope() { tiles.configured = false; }
  TileScope(const TileScope&) = delete;
  TileScope& operator=(const TileScope&) = delete;
};

template <int tile>
inline void zero_tile() {
  require_configured();
  std::memset(tiles.word[tile], 0, sizeof tiles.word[tile]);
}

template <int tile>
inline void load_tile(const int32_t* from) {
  require_configured();
  std::memcpy(tiles.word[tile], from, sizeof tiles.word[tile]);
}

template <int tile>
inline void store_tile(int32_t* to) {
  require_configured();
  std::memcpy(to, tiles.word[tile], sizeof tiles.word[tile]);
}

inline int32_t byte_of(uint32_t word, int at, bool is_signed) {
  const uint32_t byte = word >> (8 * at) & 255u;
  return is_signed ? static_cast<int8_t>(byte) : static_cast<int32_t>(byte);
}

// sum[i][j] += Σ over quads q and their four bytes of left[i][q]·right[q][j].
template <Bytes bytes, int sum, int left, int right>
inline void add_byte_products() {
  require_configured();
  constexpr bool left_signed = bytes == Bytes::kSignedSigned || bytes == Bytes::kSignedUnsigned;
  constexpr bool right_signed = bytes == Bytes::kSignedSigned || bytes == Bytes::kUnsignedSigned;
  for (int64_t i = 0; i < kTileSide; i++) {
    for (int64_t q = 0; q < kTileSide; q++) {
      for (int at = 0; at < 4; at++) {
        const int32_t a = byte_of(tiles.word[left][i][q], at, left_signed);
        for (int64_t j = 0; j < kTileSide; j++) {
          tiles.word[sum][i][j] += static_cast<uint32_t>(a * byte_of(tiles.word[right][q][j], at, right_signed));
        }
      }
    }
  }
}

#elif defined(__AMX_TILE__) && defined(__AMX_INT8__)

constexpr TileInstructions kTileInstructions = TileInstructions::kHardware;

struct alignas(64) TileConfiguration {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};

// The thread's tiles, all whole, for as long as the scope lives.
class TileScope {
 public:
  TileScope() {
    TileConfiguration whole{};
    whole.palette = 1;
    for (int t = 0; t < kTiles; t++) {
      whole.row_bytes[t] = kTileStride;
      whole.rows[t] = kTileSide;
    }
    asm volatile("ldtilecfg %0" : : "m"(whole));
  }
  ~TileScope() { asm volatile("tilerelease" : : : "memory"); }
  TileScope(const TileScope&) = delete;
  TileScope& operator=(const TileScope&) = delete;
};

template <int tile>
inline void zero_tile() {
  asm volatile("tilezero %%tmm%c0" : : "i"(tile));
}

template <int tile>
inline void load_tile(const int32_t* from) {
  asm volatile("tileloadd (%1,%2,1), %%tmm%c0" : : "i"(tile), "r"(from), "r"(kTileStride) : "memory");
}

template <int tile>
inline void store_tile(int32_t* to) {
  asm volatile("tilestored %%tmm%c0, (%1,%2,1)" : : "i"(tile), "r"(to), "r"(kTileStride) : "memory");
}

// sum[i][j] += Σ over quads q and their four bytes of left[i][q]·right[q][j].
template <Bytes bytes, int sum, int left, int right>
inline void add_byte_products() {
  if constexpr (bytes == Bytes::kSignedSigned) {
    asm volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sum), "i"(left), "i"(right));
  } else if constexpr (bytes == Bytes::kSignedUnsigned) {
    asm volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sum), "i"(left), "i"(right));
  } else if constexpr (bytes == Bytes::kUnsignedSigned) {
    asm volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sum), "i"(left), "i"(right));
  } else {
    asm volatile("tdpbuud %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sum), "i"(left), "i"(right));
  }
}

#else
#error "the AMX tier needs -mamx-tile -mamx-int8, or QUERN_REFERENCE_TILES"
#endif

}  // namespace quern::QUERN_TIER
