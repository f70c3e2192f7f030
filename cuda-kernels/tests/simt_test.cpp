// The harness proves itself: right kernels pass, each seeded bug is caught and named.
#include "device.cuh"
#include "expect.hpp"
#include "simt/device_array.hpp"

using namespace quern::cuda;
using quern::simt::DeviceArray;

namespace {

// What the launch was refused for; "" if it ran.
template <class... Parameters, class... Arguments>
std::string fault_of(const LaunchShape& shape, void (*kernel)(Parameters...), Arguments... arguments) {
  for (uint64_t seed = 1; seed <= 3; seed++) {
    Machine::current().set_seed(seed);
    try {
      launch(shape, nullptr, kernel, arguments...);
    } catch (const quern::simt::Fault& fault) {
      return fault.what();
    }
  }
  return "";
}

bool holds(const std::string& text, const char* part) {
  if (text.find(part) != std::string::npos) return true;
  std::fprintf(stderr, "  \"%s\" does not speak of \"%s\"\n", text.c_str(), part);
  return false;
}

enum class Barrier { kThere, kMissing };

template <Barrier B>
__global__ void reverse_block(const float* in, float* out) {
  SharedMemory memory;
  const Shared<float> tile = memory.take<float>(blockDim.x);
  const unsigned t = threadIdx.x;
  tile.store(t, in[blockIdx.x * blockDim.x + t]);
  if constexpr (B == Barrier::kThere) __syncthreads();
  out[blockIdx.x * blockDim.x + t] = tile.load(blockDim.x - 1 - t);
}

template <Barrier B>
__global__ void rotate_warp(int* out) {
  SharedMemory memory;
  const Shared<int> tile = memory.take<int>(32);
  const int lane = static_cast<int>(threadIdx.x);
  tile.store(lane, lane);
  if constexpr (B == Barrier::kThere) __syncwarp();
  out[lane] = tile.load((lane + 1) % 32);
}

__global__ void sum_rows(const float* in, int64_t rows, int64_t columns, float* out, int64_t guard) {
  const int64_t row = blockIdx.x;
  float sum = 0;
  // guard 0 leaves out the test at the edge of the last tile.
  for (int64_t j = threadIdx.x; j < (guard != 0 ? columns : (columns + 31) / 32 * 32); j += 32) sum += in[row * columns + j];
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
  if (threadIdx.x == 0 && row < rows) out[row] = sum;
}

__global__ void shared_tile_edge(int width) {
  SharedMemory memory;
  const Shared<float> tile = memory.take<float>(width);
  const Shared<float> next = memory.take<float>(64);
  for (int i = static_cast<int>(threadIdx.x); i <= width; i += 32) tile.store(i, 0.0f);
  next.store(threadIdx.x, 1.0f);
}

__global__ void shuffle_in_a_branch(int* out) {
  int value = static_cast<int>(threadIdx.x);
  if (threadIdx.x < 16) {
    value = __shfl_xor_sync(0xffffffffu, value, 1);
  } else {
    value = __shfl_xor_sync(0xffffffffu, value, 2);
  }
  out[threadIdx.x] = value;
}

__global__ void shuffle_after_return(int* out) {
  if (threadIdx.x == 7) return;
  out[threadIdx.x] = __shfl_down_sync(0xffffffffu, 1, 1);
}

__global__ void shuffle_from_outside_the_mask(int* out) {
  if (threadIdx.x < 8) out[threadIdx.x] = __shfl_sync(0xffu, static_cast<int>(threadIdx.x), 9);
}

__global__ void barrier_in_a_branch() {
  if (threadIdx.x < 32) __syncthreads();
}

__global__ void votes(unsigned* out) {
  const unsigned lane = threadIdx.x;
  const unsigned odd = __ballot_sync(0xffffffffu, lane % 2 == 1), equal = __match_any_sync(0xffffffffu, lane / 8);
  const int most = __reduce_max_sync(0xffffffffu, static_cast<int>(lane) - 40), up = __shfl_up_sync(0xffffffffu, static_cast<int>(lane), 3);
  if (lane < 8) __syncwarp(0xffu);
  if (lane == 9) out[0] = odd, out[1] = equal, out[2] = static_cast<unsigned>(most), out[3] = static_cast<unsigned>(up);
}

__global__ void histogram(const uint8_t* in, int count, int* out) {
  SharedMemory memory;
  const Shared<int> bins = memory.take<int>(256);
  for (int i = static_cast<int>(threadIdx.x); i < 256; i += static_cast<int>(blockDim.x)) bins.store(i, 0);
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < count; i += static_cast<int>(blockDim.x)) bins.add(in[i], 1);
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < 256; i += static_cast<int>(blockDim.x)) atomicAdd(&out[i], bins.load(i));
}

template <Barrier B>
__global__ void copied(const float* in, float* out) {
  SharedMemory memory;
  const Shared<float> tile = memory.take<float>(128);
  const int t = static_cast<int>(threadIdx.x);
  copy_async16(tile, 4 * t, in + 4 * t, t == 31 ? 8 : 16);
  copy_async_commit();
  if constexpr (B == Barrier::kThere) copy_async_wait<0>();
  for (int k = 0; k < 4; k++) out[4 * t + k] = tile.load(4 * t + k);
  copy_async_wait<0>();
}

template <Barrier B>
__global__ void neighbour_of_cluster(int* out) {
  SharedMemory memory;
  const Shared<int> own = memory.take<int>(1);
  if (threadIdx.x == 0) own.store(0, static_cast<int>(blockIdx.x) * 10);
  if constexpr (B == Barrier::kThere) cluster_barrier();
  if (threadIdx.x == 0) out[blockIdx.x] = own.of((cluster_rank() + 1) % 2).load(0);
  cluster_barrier();
}

__global__ void sum_over_grid(const int* in, int* partial, int* out) {
  partial[blockIdx.x] = in[blockIdx.x];
  grid_barrier();
  int sum = 0;
  for (unsigned b = 0; b < gridDim.x; b++) sum += partial[b];
  out[blockIdx.x] = sum;
}

__global__ void hand_over(int* out) {
  SharedMemory memory;
  const Shared<int> slot = memory.take<int>(1);
  if (threadIdx.x == 5) slot.store(0, 42);
  if (threadIdx.x < 64) named_barrier(1, 64);
  if (threadIdx.x == 40) out[0] = slot.load(0);
}

__global__ void multiply(const uint16_t* a, const uint16_t* b, float* d) {
  SharedMemory memory;
  const Shared<uint16_t> left = memory.take<uint16_t>(16 * 16);
  const unsigned lane = threadIdx.x;
  for (unsigned i = lane; i < 256; i += 32) left.store(i, a[i]);
  __syncwarp();
  uint32_t fa[4], fb[2];
  load_matrix(fa, left, lane % 16 * 16 + lane / 16 * 8);
  for (unsigned q = 0; q < 2; q++) {
    const unsigned k = lane % 4 * 2 + 8 * q, column = lane / 4;
    fb[q] = static_cast<uint32_t>(b[column * 16 + k]) | static_cast<uint32_t>(b[column * 16 + k + 1]) << 16;
  }
  float sums[4] = {0, 0, 0, 0};
  mma_16x8x16<Pair::kBf16>(sums, fa, fb);
  for (unsigned r = 0; r < 4; r++) d[(lane / 4 + r / 2 * 8) * 8 + lane % 4 * 2 + r % 2] = sums[r];
}

LaunchShape clusters(unsigned blocks, unsigned cluster) { return {blocks, 1, 32, 16, cluster, Residency::kIndependent}; }

}  // namespace

TEST("a barrier orders shared memory, and a missing one is a race") {
  const DeviceArray<float> in(std::vector<float>(256, 2.0f)), out(256);
  EXPECT(fault_of(blocks_of(2, 128, 512), &reverse_block<Barrier::kThere>, in.data(), out.data()).empty());
  EXPECT(out.host() == in.host());
  const std::string fault = fault_of(blocks_of(2, 128, 512), &reverse_block<Barrier::kMissing>, in.data(), out.data());
  EXPECT(!fault.empty());
  EXPECT(holds(fault, "simt_test.cpp:"));
}

TEST("within a warp only __syncwarp orders shared memory") {
  const DeviceArray<int> out(32);
  EXPECT(fault_of(blocks_of(1, 32, 128), &rotate_warp<Barrier::kThere>, out.data()).empty());
  EXPECT(out.host()[31] == 0);
  EXPECT(!fault_of(blocks_of(1, 32, 128), &rotate_warp<Barrier::kMissing>, out.data()).empty());
}

TEST("a global tile edge that is not guarded faults on the access") {
  const DeviceArray<float> in(std::vector<float>(3 * 45, 1.0f)), out(3);
  EXPECT(fault_of(blocks_of(3, 32), &sum_rows, in.data(), 3, 45, out.data(), 1).empty());
  EXPECT(out.host() == std::vector<float>(3, 45.0f));
  EXPECT(holds(fault_of(blocks_of(3, 32), &sum_rows, in.data(), 3, 45, out.data(), 0), "wrong global address"));
}

TEST("a shared tile edge that is not guarded is named by element") {
  EXPECT(holds(fault_of(blocks_of(1, 32, 512), &shared_tile_edge, 64), "shared element 64 of 64"));
  EXPECT(holds(fault_of(blocks_of(1, 32, 64), &shared_tile_edge, 64), "takes 256 shared bytes of the launch's 64"));
}

TEST("shuffles under divergence are caught") {
  const DeviceArray<int> out(32);
  EXPECT(holds(fault_of(blocks_of(1, 32), &shuffle_in_a_branch, out.data()), "under divergence"));
  EXPECT(holds(fault_of(blocks_of(1, 32), &shuffle_after_return, out.data()), "under divergence"));
  EXPECT(holds(fault_of(blocks_of(1, 32), &shuffle_from_outside_the_mask, out.data()), "not in mask"));
}

TEST("a barrier that some threads never reach is caught") {
  EXPECT(holds(fault_of(blocks_of(1, 64), &barrier_in_a_branch), "waits for ever for a block barrier"));
}

TEST("votes, matches, reductions and shuffles follow the programming guide") {
  const DeviceArray<unsigned> out(4);
  EXPECT(fault_of(blocks_of(1, 32), &votes, out.data()).empty());
  EXPECT(out.host() == (std::vector<unsigned>{0xaaaaaaaau, 0xff00u, static_cast<unsigned>(31 - 40), 6u}));
}

TEST("integer atomics may meet in one place") {
  std::vector<uint8_t> bytes(1000);
  for (size_t i = 0; i < bytes.size(); i++) bytes[i] = static_cast<uint8_t>(i % 7);
  const DeviceArray<uint8_t> in(bytes);
  const DeviceArray<int> out(std::vector<int>(256, 0));
  EXPECT(fault_of(blocks_of(1, 96, 1024), &histogram, in.data(), 1000, out.data()).empty());
  EXPECT(out.host()[3] == 3 * 143);  // three launches
}

TEST("asynchronous copies are there once waited for, zero beyond their bytes, and poison before") {
  const DeviceArray<float> in(std::vector<float>(128, 3.0f)), out(128);
  EXPECT(fault_of(blocks_of(1, 32, 512), &copied<Barrier::kThere>, in.data(), out.data()).empty());
  EXPECT(out.host()[0] == 3.0f && out.host()[125] == 3.0f && out.host()[126] == 0.0f);
  EXPECT(fault_of(blocks_of(1, 32, 512), &copied<Barrier::kMissing>, in.data(), out.data()).empty());
  EXPECT(std::isnan(out.host()[0]));
}

TEST("blocks of a cluster read each other's shared memory behind a cluster barrier") {
  const DeviceArray<int> out(4);
  EXPECT(fault_of(clusters(4, 2), &neighbour_of_cluster<Barrier::kThere>, out.data()).empty());
  EXPECT(out.host() == (std::vector<int>{10, 0, 30, 20}));
  EXPECT(!fault_of(clusters(4, 2), &neighbour_of_cluster<Barrier::kMissing>, out.data()).empty());
}

TEST("a cooperative grid meets at its barrier") {
  const DeviceArray<int> in(std::vector<int>{1, 2, 3, 4, 5}), partial(5), out(5);
  LaunchShape shape = blocks_of(5, 32);
  EXPECT(holds(fault_of(shape, &sum_over_grid, in.data(), partial.data(), out.data()), "cooperative"));
  shape.residency = Residency::kCooperative;
  EXPECT(fault_of(shape, &sum_over_grid, in.data(), partial.data(), out.data()).empty());
  EXPECT(out.host() == std::vector<int>(5, 15));
}

TEST("a named barrier orders the warps that meet at it") {
  const DeviceArray<int> out(1);
  EXPECT(fault_of(blocks_of(1, 96, 16), &hand_over, out.data()).empty());
  EXPECT(out.host()[0] == 42);
}

TEST("mma.sync and ldmatrix multiply as matrices do") {
  std::vector<uint16_t> a(256), b(128);
  std::vector<float> expected(128, 0.0f);
  const auto bf16 = [](float value) { return static_cast<uint16_t>(__float_as_uint(value) >> 16); };
  for (unsigned i = 0; i < 256; i++) a[i] = bf16(static_cast<float>(i % 13) - 6.0f);
  for (unsigned i = 0; i < 128; i++) b[i] = bf16(static_cast<float>(i % 11) - 5.0f);
  for (unsigned i = 0; i < 128; i++) {
    for (unsigned k = 0; k < 16; k++) expected[i] += float_of(a[i / 8 * 16 + k], Pair::kBf16) * float_of(b[i % 8 * 16 + k], Pair::kBf16);
  }
  const DeviceArray<uint16_t> left(a), right(b);
  const DeviceArray<float> out(128);
  EXPECT(fault_of(blocks_of(1, 32, 512), &multiply, left.data(), right.data(), out.data()).empty());
  EXPECT(out.host() == expected);
}

TEST("tensor cores cut sums off where float32 would round them") {
  const float left[16] = {1.0f, 0x1.8p-12f};
  float right[16][8] = {};
  right[0][3] = 1.0f;
  right[1][3] = 0x1p-11f;
  EXPECT(aligned_sum(0.0f, left, right, 3) == 1.0f + 0x1p-23f);
  right[1][3] = -0x1p-11f;
  EXPECT(aligned_sum(1.0f, left, right, 3) == 2.0f - 0x1p-23f);
  EXPECT(std::isnan(aligned_sum(NAN, left, right, 3)));
}
