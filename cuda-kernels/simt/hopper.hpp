// hopper.cuh on the CPU.
#pragma once

#include <algorithm>

#include "device.hpp"

namespace quern::cuda {

constexpr int kTileColumns = 64;

class Mbarrier {
 public:
  explicit Mbarrier(Shared<uint64_t> word) : block_(&word.block()), offset_(word.offset(0)) {}
  void init(unsigned arrivals, Site site = Site::here()) const { Machine::current().phase_init(*block_, offset_, arrivals, site); }
  static void fence_init() {}
  void arrive(Site site = Site::here()) const { Machine::current().phase_arrive(*block_, offset_, 0, site); }
  void arrive_expecting(int bytes, Site site = Site::here()) const { Machine::current().phase_arrive(*block_, offset_, bytes, site); }
  void wait(unsigned parity, Site site = Site::here()) const { Machine::current().phase_wait(*block_, offset_, parity, site); }
  void deliver(int64_t bytes, Site site) const { Machine::current().phase_deliver(*block_, offset_, bytes, site); }

 private:
  simt::Block* block_;
  size_t offset_;
};

struct TensorMap {
  const uint16_t* data;
  int64_t rows, columns, ld;
  int tile_rows;
};

inline int make_tensor_map(TensorMap& map, const uint16_t* data, int64_t rows, int64_t columns, int64_t ld, int tile_rows) {
  if (reinterpret_cast<uintptr_t>(data) % 16 != 0 || ld % 8 != 0 || tile_rows < 1 || tile_rows > 256) return 1;
  map = {data, rows, columns, ld, tile_rows};
  return 0;
}

// Where byte `at` of a tile lies: its 16-byte chunk is exchanged by the row modulo 8.
inline int64_t swizzled(int64_t at) { return at ^ ((at >> 7 & 7) << 4); }

inline void load_tile(Shared<uint16_t> to, const Mbarrier& arrived, const TensorMap& map, int column, int row, Site site = Site::here()) {
  const int64_t count = int64_t{map.tile_rows} * kTileColumns;
  if (to.offset(0) % 1024 != 0) Machine::current().fault(site, "a tile at shared byte %zu, allowed: multiples of 1024", to.offset(0));
  unsigned char* tile = to.bytes(0, count, Access::kWrite, site);
  for (int64_t e = 0; e < count; e++) {
    const int64_t i = row + e / kTileColumns, j = column + e % kTileColumns;
    const bool inside = i >= 0 && i < map.rows && j >= 0 && j < map.columns;
    const uint16_t value = inside ? map.data[i * map.ld + j] : uint16_t{0};
    std::memcpy(tile + swizzled(2 * e), &value, 2);
  }
  arrived.deliver(count * 2, site);
}

inline void wgmma_fence() {}
inline void wgmma_commit() { Machine::current().self().products.commit(); }
template <int N>
void wgmma_wait() {
  Machine::current().self().products.wait(N);
}
template <int N>
void registers_up() {}
template <int N>
void registers_down() {}

struct WarpgroupPart {
  float* d;
  Shared<uint16_t> a, b;
  int k;
  Site site;
};

// The reads of the tiles are those of the thread that comes last.
template <Pair P>
void warpgroup_product(void* const* parts) {
  const WarpgroupPart& any = *static_cast<WarpgroupPart*>(parts[0]);
  const unsigned char* a = any.a.bytes(0, 64 * kTileColumns, Access::kRead, any.site);
  const unsigned char* b = any.b.bytes(0, 256 * kTileColumns, Access::kRead, any.site);
  const auto element = [&](const unsigned char* tile, int row, int column) {
    uint16_t bits;
    std::memcpy(&bits, tile + swizzled((int64_t{row} * kTileColumns + column) * 2), 2);
    return float_of(bits, P);
  };
  std::vector<float> left(64 * 16), right(256 * 16);
  for (int e = 0; e < 64 * 16; e++) left[static_cast<size_t>(e)] = element(a, e / 16, any.k + e % 16);
  for (int e = 0; e < 256 * 16; e++) right[static_cast<size_t>(e)] = element(b, e / 16, any.k + e % 16);
  for (int t = 0; t < 128; t++) {
    float* d = static_cast<WarpgroupPart*>(parts[t])->d;
    for (int r = 0; r < 128; r++) {
      const int row = t / 32 * 16 + t % 32 / 4 + r / 2 % 2 * 8, column = r / 4 * 8 + t % 4 * 2 + r % 2;
      for (int k = 0; k < 16; k++) d[r] += left[static_cast<size_t>(row * 16 + k)] * right[static_cast<size_t>(column * 16 + k)];
    }
  }
}

// Until wgmma_wait lets the product through, the accumulators hold NaN.
template <Pair P>
void wgmma_64x256x16(float (&d)[128], Shared<uint16_t> a, Shared<uint16_t> b, int k, Site site = Site::here()) {
  float* sums = Machine::current().self().products.open(d, 128);
  WarpgroupPart mine{sums, a, b, k, site};
  Machine::current().meet_warpgroup("wgmma", &mine, &warpgroup_product<P>, site);
}

}  // namespace quern::cuda
