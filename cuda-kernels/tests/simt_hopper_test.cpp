// Copy engine, mbarriers and warpgroup products on the harness: a pipeline of one producer and one consumer warpgroup, right and with bugs.
#include "expect.hpp"
#include "hopper.cuh"
#include "simt/device_array.hpp"

using namespace quern::cuda;
using quern::simt::DeviceArray;

namespace {

enum class Bug { kNone, kNoArrivalWait, kNoRelease, kNoProductWait };

constexpr int kTileBytes = (64 + 256) * kTileColumns * 2;

// out [64, 256] = a [64, d] · b [256, d]ᵀ through one stage; warps 0 … 3 multiply, warp 4 loads.
template <Bug B>
__global__ void product(const TensorMap a_map, const TensorMap b_map, int columns, float* out) {
  SharedMemory memory;
  const Shared<uint16_t> a = memory.take<uint16_t>(64 * kTileColumns, 1024), b = memory.take<uint16_t>(256 * kTileColumns, 1024);
  const Shared<uint64_t> words = memory.take<uint64_t>(2);
  const Mbarrier full(words), empty(words.from(1));
  const int t = static_cast<int>(threadIdx.x), tiles = (columns + kTileColumns - 1) / kTileColumns;
  if (t == 0) {
    full.init(1);
    empty.init(128);
    Mbarrier::fence_init();
  }
  __syncthreads();
  if (t >= 128) {
    if (t > 128) return;
    for (int tile = 0; tile < tiles; tile++) {
      if (tile > 0 && B != Bug::kNoRelease) empty.wait(static_cast<unsigned>(tile - 1) % 2);
      full.arrive_expecting(kTileBytes);
      load_tile(a, full, a_map, tile * kTileColumns, 0);
      load_tile(b, full, b_map, tile * kTileColumns, 0);
    }
    return;
  }
  float d[128] = {};
  for (int tile = 0; tile < tiles; tile++) {
    if (B != Bug::kNoArrivalWait) full.wait(static_cast<unsigned>(tile) % 2);
    wgmma_fence();
    for (int k = 0; k < kTileColumns; k += 16) wgmma_64x256x16<Pair::kBf16>(d, a, b, k);
    wgmma_commit();
    if (B != Bug::kNoProductWait) wgmma_wait<0>();
    empty.arrive();
  }
  for (int r = 0; r < 128; r++) out[(t / 32 * 16 + t % 32 / 4 + r / 2 % 2 * 8) * 256 + r / 4 * 8 + t % 4 * 2 + r % 2] = d[r];
  wgmma_wait<0>();
}

std::vector<uint16_t> small_integers(size_t count, unsigned modulus) {
  std::vector<uint16_t> values(count);
  for (size_t i = 0; i < count; i++) {
    values[i] = static_cast<uint16_t>(__float_as_uint(static_cast<float>(i * 7 % modulus) - 4.0f) >> 16);
  }
  return values;
}

std::string fault_of(void (*kernel)(TensorMap, TensorMap, int, float*), int64_t rows, int columns, std::vector<float>& result) {
  const DeviceArray<uint16_t> a(small_integers(64 * static_cast<size_t>(columns), 11)), b(small_integers(static_cast<size_t>(rows * columns), 9));
  const DeviceArray<float> out(64 * 256);
  TensorMap a_map{}, b_map{};
  EXPECT(make_tensor_map(a_map, a.data(), 64, columns, columns, 64) == 0);
  EXPECT(make_tensor_map(b_map, b.data(), rows, columns, columns, 256) == 0);
  std::string fault;
  for (uint64_t seed = 1; seed <= 3 && fault.empty(); seed++) {
    Machine::current().set_seed(seed);
    try {
      launch(blocks_of(1, 160, kTileBytes + 64), nullptr, kernel, a_map, b_map, columns, out.data());
    } catch (const quern::simt::Fault& caught) {
      fault = caught.what();
    }
  }
  result = out.host();
  return fault;
}

}  // namespace

TEST("a pipeline of tiles multiplies as matrices do, with zeros beyond the edges") {
  const int64_t rows = 201;
  const int columns = 136;
  std::vector<float> out;
  EXPECT(fault_of(&product<Bug::kNone>, rows, columns, out).empty());
  const auto a = small_integers(64 * 136, 11), b = small_integers(201 * 136, 9);
  for (int64_t i = 0; i < 64; i++) {
    for (int64_t j = 0; j < 256; j++) {
      float sum = 0;
      for (int64_t k = 0; j < rows && k < columns; k++) {
        sum += float_of(a[static_cast<size_t>(i * columns + k)], Pair::kBf16) * float_of(b[static_cast<size_t>(j * columns + k)], Pair::kBf16);
      }
      EXPECT(out[static_cast<size_t>(i * 256 + j)] == sum);
    }
  }
}

TEST("a consumer that does not wait for the tile, and a producer that does not wait for its release, are caught") {
  std::vector<float> out;
  EXPECT(!fault_of(&product<Bug::kNoArrivalWait>, 256, 192, out).empty());
  EXPECT(!fault_of(&product<Bug::kNoRelease>, 256, 192, out).empty());
}

TEST("accumulators are NaN until the products are waited for") {
  std::vector<float> out;
  EXPECT(fault_of(&product<Bug::kNoProductWait>, 256, 64, out).empty());
  EXPECT(std::isnan(out[0]) && std::isnan(out[64 * 256 - 1]));
}
