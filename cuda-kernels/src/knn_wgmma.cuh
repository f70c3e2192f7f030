// The filter of compute 9.0: tiles of 128 queries against tiles of 256 references by wgmma, fed by the copy engine.
//
// Three stages of 64 columns are in flight. One thread of a third warpgroup loads them; two warpgroups multiply 64 queries each by the references that they share, and
// put the scores from their registers into the lists: those of a warp's 16 queries are its own, so that nobody else is waited for while the other
// warpgroup multiplies. Lists are cut after every 16 references.
#pragma once

#include "hopper.cuh"
#include "knn_lists.cuh"

namespace quern::cuda::knn {

constexpr int kStages = 3;
constexpr int kGroupQueries = 64;  // of a warpgroup
constexpr int kConsumers = 2 * 128;
constexpr int kWideThreads = kConsumers + 128;
constexpr int kChunk = 16;         // references between cuts
constexpr int kWideRoom = kKept + kChunk;
constexpr int kWideStage = (kWideQueryTile + kWideReferenceTile) * kTileColumns;
constexpr size_t kWideBytes = kStages * (kWideStage * sizeof(uint16_t) + 2 * sizeof(uint64_t)) + desk_bytes(kWideQueryTile, kWideRoom);
static_assert(kWideRoom <= kMostRoom && kColumns == kTileColumns && kWideQueryTile == 2 * kGroupQueries);

// Elsewhere the kernel has no body, and room for a warp alone.
constexpr int kWideBound = QUERN_HAS_WGMMA ? kWideThreads : 32;

#if QUERN_HAS_WGMMA

// The stages in their order, round after round.
struct Stages {
  Shared<uint16_t> values;   // [kStages, kWideStage]
  Shared<uint64_t> barriers;  // full, then empty ones
  int at;
  unsigned parity;

  __device__ Shared<uint16_t> queries(int group) const { return values.from(at * kWideStage + group * kGroupQueries * kTileColumns); }
  __device__ Shared<uint16_t> references() const { return values.from(at * kWideStage + kWideQueryTile * kTileColumns); }
  __device__ Mbarrier full() const { return Mbarrier(barriers.from(at)); }
  __device__ Mbarrier empty() const { return Mbarrier(barriers.from(kStages + at)); }
  __device__ void next() {
    at++;
    if (at < kStages) return;
    at = 0;
    parity ^= 1u;
  }
};

__device__ inline void load_tiles(const TensorMap& queries, const TensorMap& references, const Filter& f, Stages stages) {
  for (int64_t t = blockIdx.x; t < f.task_count; t += gridDim.x) {
    const Task task = f.tasks[t];
    for (int64_t tile = 0; tile < task.references; tile += kWideReferenceTile) {
      for (int64_t column = 0; column < f.padded; column += kTileColumns) {
        stages.empty().wait(stages.parity ^ 1u);
        stages.full().arrive_expecting(kWideStage * static_cast<int>(sizeof(uint16_t)));
        load_tile(stages.queries(0), stages.full(), queries, static_cast<int>(column), static_cast<int>(task.place_begin));
        load_tile(stages.references(), stages.full(), references, static_cast<int>(column), static_cast<int>(task.reference_begin + tile));
        stages.next();
      }
    }
  }
}

__device__ __forceinline__ void multiply_tile(const Filter& f, int group, Stages& stages, float (&sums)[128]) {
  for (int64_t column = 0; column < f.padded; column += kTileColumns) {
    stages.full().wait(stages.parity);
    wgmma_fence();
#pragma unroll
    for (int k = 0; k < kTileColumns; k += 16) wgmma_64x256x16<Pair::kFp16>(sums, stages.queries(group), stages.references(), k);
    wgmma_commit();
    wgmma_wait<0>();
    stages.empty().arrive();
    stages.next();
  }
}

// Of the rows lane/4 and lane/4 + 8 of the warp's, every fourth pair of columns is this lane's.
__device__ __forceinline__ void take_scores(const Filter& f, const Task& task, int64_t reference, const Desk& desk, int warp, int lane,
                                            const float (&sums)[128]) {
  const int row = 16 * warp + lane / 4;
  const float scales[2] = {desk.scales.load(row), desk.scales.load(row + 8)};
#pragma unroll
  for (int chunk = 0; chunk < kWideReferenceTile / kChunk; chunk++) {
    const float thresholds[2] = {desk.thresholds.load(row), desk.thresholds.load(row + 8)};
#pragma unroll
    for (int e = 0; e < 4; e++) {
      const int j = 2 * chunk + e / 2, c = e % 2;
      const int64_t place = reference + 8 * j + 2 * (lane % 4) + c;
      if (place >= task.references) continue;
      const float half = f.references.half[task.reference_begin + place], scale = f.references.scale[task.reference_begin + place];
#pragma unroll
      for (int h = 0; h < 2; h++) {
        offer(f, task, desk, row + 8 * h, thresholds[h], half - scales[h] * (scale * (sums[4 * j + 2 * h + c] + f.error)), place);
      }
    }
    __syncwarp();
    cut_lists(desk, 16 * warp, 16, lane);
    __syncwarp();
  }
}

__device__ inline void compare_tiles(const Filter& f, const Desk& desk, int warp, int lane, Stages stages) {
  for (int64_t t = blockIdx.x; t < f.task_count; t += gridDim.x) {
    const Task task = f.tasks[t];
    if (lane < 16) open_list(f, task, desk, 16 * warp + lane);
    __syncwarp();
    for (int64_t tile = 0; tile < task.references; tile += kWideReferenceTile) {
      float sums[128] = {};
      multiply_tile(f, warp / 4, stages, sums);
      take_scores(f, task, tile, desk, warp, lane, sums);
    }
    write_lists(f, task, desk, 16 * warp, 16, lane);
    __syncwarp();
  }
}

#endif

__global__ void __launch_bounds__(kWideBound, 1)
    filter_by_warpgroups([[maybe_unused]] const __grid_constant__ TensorMap queries, [[maybe_unused]] const __grid_constant__ TensorMap references,
                         [[maybe_unused]] Filter f) {
#if QUERN_HAS_WGMMA
  SharedMemory memory;
  const Shared<uint16_t> values = memory.take<uint16_t>(kStages * kWideStage, 1024);
  const Desk desk = take_desk(memory, kWideQueryTile, kWideRoom);
  const Stages stages{values, memory.take<uint64_t>(2 * kStages), 0, 0};
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  if (threadIdx.x == 0) {
    for (int stage = 0; stage < kStages; stage++) {
      Mbarrier(stages.barriers.from(stage)).init(1);
      Mbarrier(stages.barriers.from(kStages + stage)).init(kConsumers);
    }
    Mbarrier::fence_init();
  }
  __syncthreads();
  // 65536 registers a multiprocessor: of 384 threads 168 each at first, then those that multiply take what those that load need not.
  if (warp < kConsumers / 32) {
    registers_up<232>();
    compare_tiles(f, desk, warp, lane, stages);
  } else {
    registers_down<40>();
    if (threadIdx.x == kConsumers) load_tiles(queries, references, f, stages);
  }
#endif
}

}  // namespace quern::cuda::knn
