// Tiles of queries against tiles of references by mma.sync: scores into the queries' lists.
//
// Two stages of 64 columns are in flight by cp.async; a row of a stage is 128 bytes whose 16-byte chunks are exchanged by the row modulo 8, so
// that ldmatrix meets no bank twice. Warps stand 2 × 4 over the tile of 64 queries and 128 references, 32 × 32 each. Lists are cut after each
// quarter of a tile.
#pragma once

#include "knn_lists.cuh"

namespace quern::cuda::knn {

constexpr int kFilterWarps = 8;
constexpr int kWarpColumns = 32;                   // references of a warp, and queries
constexpr int kFilterRoom = kKept + kWarpColumns;
constexpr int kStageValues = (kQueryTile + kReferenceTile) * kColumns;
constexpr size_t kFilterBytes = 2 * kStageValues * sizeof(uint16_t) + desk_bytes(kQueryTile, kFilterRoom);
static_assert(kFilterRoom <= kMostRoom);

// The 16-byte chunk c of a row of 64 columns.
__device__ __forceinline__ int swizzled(int row, int chunk) { return row * kColumns + (chunk ^ (row & 7)) * 8; }

__device__ inline void load_stage(const Filter& f, const Task& task, int64_t reference, int64_t column, const Shared<uint16_t>& stage) {
  for (int c = static_cast<int>(threadIdx.x); c < kStageValues / 8; c += kFilterWarps * 32) {
    const int row = c / 8, chunk = c % 8;
    const bool is_query = row < kQueryTile;
    // Rows beyond the end are others again: their scores are not looked at.
    const int64_t last = is_query ? task.queries - 1 : task.references - 1;
    const int64_t wanted = is_query ? row : reference + row - kQueryTile, at = wanted < last ? wanted : last;
    const uint16_t* from = is_query ? f.queries.values + (task.place_begin + at) * f.padded : f.references.values + (task.reference_begin + at) * f.padded;
    copy_async16(stage, swizzled(row, chunk), from + column + 8 * chunk, 16);
  }
  copy_async_commit();
}

using Sums = float[2][4][4];  // [16 rows][8 columns][of a lane]

__device__ __forceinline__ void multiply_stage(const Shared<uint16_t>& stage, int warp, int lane, Sums& sums) {
  const int row = warp / 4 * kWarpColumns, column = kQueryTile + warp % 4 * kWarpColumns;
#pragma unroll
  for (int k = 0; k < kColumns / 16; k++) {
    uint32_t a[2][4], b[2][4];
#pragma unroll
    for (int m = 0; m < 2; m++) load_matrix(a[m], stage, swizzled(row + 16 * m + lane % 16, 2 * k + lane / 16));
#pragma unroll
    for (int n = 0; n < 2; n++) load_matrix(b[n], stage, swizzled(column + 16 * n + lane % 8 + lane / 16 * 8, 2 * k + lane / 8 % 2));
#pragma unroll
    for (int m = 0; m < 2; m++) {
#pragma unroll
      for (int n = 0; n < 4; n++) {
        const uint32_t pair[2] = {b[n / 2][n % 2 * 2], b[n / 2][n % 2 * 2 + 1]};
        mma_16x8x16<Pair::kFp16>(sums[m][n], a[m], pair);
      }
    }
  }
}

// A warp's scores into the lists.
__device__ inline void take_hits(const Filter& f, const Task& task, int64_t reference, const Desk& desk, int warp, int lane, const Sums& sums) {
#pragma unroll
  for (int n = 0; n < 4; n++) {
#pragma unroll
    for (int c = 0; c < 2; c++) {
      const int64_t place = reference + warp % 4 * kWarpColumns + 8 * n + 2 * (lane % 4) + c;
      if (place >= task.references) continue;
      const float half = f.references.half[task.reference_begin + place], scale = f.references.scale[task.reference_begin + place];
#pragma unroll
      for (int r = 0; r < 4; r++) {
        const int row = warp / 4 * kWarpColumns + 16 * (r / 2) + 8 * (r % 2) + lane / 4;
        const float score = half - desk.scales.load(row) * (scale * (sums[r / 2][n][r % 2 * 2 + c] + f.error));
        offer(f, task, desk, row, desk.thresholds.load(row), score, place);
      }
    }
  }
}

__device__ inline void compare_tile(const Filter& f, const Task& task, int64_t reference, const Desk& desk, int warp, int lane, const Sums& sums) {
  for (int quarter = 0; quarter < 4; quarter++) {
    if (warp % 4 == quarter) take_hits(f, task, reference, desk, warp, lane, sums);
    __syncthreads();
    cut_lists(desk, 8 * warp, 8, lane);
    __syncthreads();
  }
}

__global__ void __launch_bounds__(kFilterWarps * 32, 1) filter(Filter f) {
  SharedMemory memory;
  const Shared<uint16_t> stages = memory.take<uint16_t>(2 * kStageValues);
  const Desk desk = take_desk(memory, kQueryTile, kFilterRoom);
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  const int64_t steps_per_tile = f.padded / kColumns;
  for (int64_t t = blockIdx.x; t < f.task_count; t += gridDim.x) {
    const Task task = f.tasks[t];
    if (threadIdx.x < kQueryTile) open_list(f, task, desk, static_cast<int>(threadIdx.x));
    const int64_t steps = (task.references + kReferenceTile - 1) / kReferenceTile * steps_per_tile;
    Sums sums = {};
    if (steps > 0) load_stage(f, task, 0, 0, stages);
    for (int64_t step = 0; step < steps; step++) {
      const int64_t next = step + 1;
      if (next < steps) {
        load_stage(f, task, next / steps_per_tile * kReferenceTile, next % steps_per_tile * kColumns, stages.from(next % 2 * kStageValues));
      } else {
        copy_async_commit();
      }
      copy_async_wait<1>();
      __syncthreads();
      multiply_stage(stages.from(step % 2 * kStageValues), warp, lane, sums);
      if (next % steps_per_tile == 0) {
        compare_tile(f, task, step / steps_per_tile * kReferenceTile, desk, warp, lane, sums);
#pragma unroll
        for (int i = 0; i < 32; i++) sums[i / 16][i / 4 % 4][i % 4] = 0;
      }
      __syncthreads();
    }
    copy_async_wait<0>();
    __syncthreads();
    write_lists(f, task, desk, 8 * warp, 8, lane);
    __syncthreads();
  }
}

}  // namespace quern::cuda::knn
