// Tiles of queries against tiles of references by mma.sync: scores, compared with the queries' thresholds, the smallest kept.
//
// Two stages of 64 columns are in flight by cp.async; a row of a stage is 128 bytes whose 16-byte chunks are exchanged by the row modulo 8, so
// that ldmatrix meets no bank twice. Warps stand 2 × 4 over the tile of 64 queries and 128 references, 32 × 32 each.
// A query's list takes every score under its threshold. After each quarter of a tile the lists with more than 64 entries are cut to their 64
// smallest, and the threshold falls to the largest of these: what is not in a list was never under the threshold that is written with it.
#pragma once

#include "knn_rows.cuh"

namespace quern::cuda::knn {

constexpr int kFilterWarps = 8;
constexpr int kWarpColumns = 32;                   // references of a warp, and queries
constexpr int kListRoom = kKept + kWarpColumns;
constexpr int kStageValues = (kQueryTile + kReferenceTile) * kColumns;
constexpr size_t kFilterBytes = 2 * kStageValues * sizeof(uint16_t) + kQueryTile * (kListRoom * sizeof(uint64_t) + 2 * sizeof(float) + sizeof(int));

struct Lists {
  uint64_t* keys;     // [n, kKept] ascending: the score's bits in order, then the place
  int32_t* counts;    // [n]
  float* thresholds;  // [n]
};

// Scores as integers of the same order, and back.
__device__ __forceinline__ uint64_t key_of(float score, int64_t place) {
  const unsigned bits = __float_as_uint(score);
  const unsigned ordered = (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
  return static_cast<uint64_t>(ordered) << 32 | static_cast<uint64_t>(place);
}
__device__ __forceinline__ float score_of(uint64_t key) {
  const unsigned ordered = static_cast<unsigned>(key >> 32);
  return __uint_as_float((ordered & 0x80000000u) != 0 ? ordered ^ 0x80000000u : ~ordered);
}
__device__ __forceinline__ int64_t place_of(uint64_t key) { return static_cast<int64_t>(key & 0xffffffffu); }

struct Filter {
  const Task* tasks;
  int64_t task_count, padded;
  Packed queries, references;
  const int32_t* states;
  Lists lists;
  float error;
  bool one_set;
};

// A block's shared memory.
struct Desk {
  Shared<uint16_t> stages;
  Shared<uint64_t> keys;  // [kQueryTile, kListRoom]
  Shared<float> thresholds, scales;
  Shared<int> counts;
};

// The 16-byte chunk c of a row of 64 columns.
__device__ __forceinline__ int swizzled(int row, int chunk) { return row * kColumns + (chunk ^ (row & 7)) * 8; }

__device__ inline void load_stage(const Filter& f, const Task& task, int64_t reference, int64_t column, const Shared<uint16_t>& stage) {
  for (int c = static_cast<int>(threadIdx.x); c < kStageValues / 8; c += kFilterWarps * 32) {
    const int row = c / 8, chunk = c % 8;
    const bool is_query = row < kQueryTile;
    // Rows beyond the end are others again: their scores are not looked at.
    const int64_t last = is_query ? task.queries - 1 : task.references - 1;
    const int64_t wanted = is_query ? row : reference + row - kQueryTile, at = wanted < last ? wanted : last;
    const uint16_t* from = is_query ? f.queries.values + (task.query_begin + at) * f.padded : f.references.values + (task.reference_begin + at) * f.padded;
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

// A warp's scores under the thresholds into the lists.
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
        if (!(score < desk.thresholds.load(row))) continue;
        if (f.one_set && task.reference_begin + place == task.query_begin + row) continue;
        desk.keys.store(row * kListRoom + desk.counts.add(row, 1), key_of(score, place));
      }
    }
  }
}

// Lists of more than kKept entries lose the largest; a warp looks after eight lists.
__device__ inline void cut_lists(const Desk& desk, int warp, int lane) {
  for (int row = warp * 8; row < warp * 8 + 8; row++) {
    const int count = desk.counts.load(row);
    if (count <= kKept) continue;
    const Shared<uint64_t> keys = desk.keys.from(row * kListRoom);
    uint64_t mine[kListRoom / 32];
    int rank[kListRoom / 32] = {};
#pragma unroll
    for (int e = 0; e < kListRoom / 32; e++) mine[e] = 32 * e + lane < count ? keys.load(32 * e + lane) : ~uint64_t{0};
    for (int other = 0; other < count; other++) {
      const uint64_t key = keys.load(other);
#pragma unroll
      for (int e = 0; e < kListRoom / 32; e++) rank[e] += key < mine[e] ? 1 : 0;
    }
    __syncwarp();
#pragma unroll
    for (int e = 0; e < kListRoom / 32; e++) {
      if (32 * e + lane >= count || rank[e] >= kKept) continue;
      keys.store(rank[e], mine[e]);
      if (rank[e] == kKept - 1) desk.thresholds.store(row, score_of(mine[e]));
    }
    if (lane == 0) desk.counts.store(row, kKept);
  }
}

__device__ inline void open_lists(const Filter& f, const Task& task, const Desk& desk) {
  const int row = static_cast<int>(threadIdx.x);
  if (row >= kQueryTile) return;
  const bool filtered = row < task.queries && f.states[task.query_begin + row] == kFiltered;
  desk.thresholds.store(row, filtered ? INFINITY : -INFINITY);
  desk.scales.store(row, filtered ? f.queries.scale[task.query_begin + row] : 0.0f);
  desk.counts.store(row, 0);
}

__device__ inline void write_lists(const Filter& f, const Task& task, const Desk& desk, int warp, int lane) {
  for (int row = warp * 8; row < warp * 8 + 8 && row < task.queries; row++) {
    const int64_t query = task.query_begin + row;
    const int count = desk.counts.load(row);
    for (int e = lane; e < count; e += 32) {
      const uint64_t key = desk.keys.load(row * kListRoom + e);
      int rank = 0;
      for (int other = 0; other < count; other++) rank += desk.keys.load(row * kListRoom + other) < key ? 1 : 0;
      f.lists.keys[query * kKept + rank] = key;
    }
    if (lane != 0) continue;
    f.lists.counts[query] = count;
    f.lists.thresholds[query] = desk.thresholds.load(row);
  }
}

__device__ inline void compare_tile(const Filter& f, const Task& task, int64_t reference, const Desk& desk, int warp, int lane, const Sums& sums) {
  for (int quarter = 0; quarter < 4; quarter++) {
    if (warp % 4 == quarter) take_hits(f, task, reference, desk, warp, lane, sums);
    __syncthreads();
    cut_lists(desk, warp, lane);
    __syncthreads();
  }
}

__global__ void __launch_bounds__(kFilterWarps * 32, 1) filter(Filter f) {
  SharedMemory memory;
  const Desk desk{memory.take<uint16_t>(2 * kStageValues), memory.take<uint64_t>(kQueryTile * kListRoom), memory.take<float>(kQueryTile),
                  memory.take<float>(kQueryTile), memory.take<int>(kQueryTile)};
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  const int64_t steps_per_tile = f.padded / kColumns;
  for (int64_t t = blockIdx.x; t < f.task_count; t += gridDim.x) {
    const Task task = f.tasks[t];
    open_lists(f, task, desk);
    const int64_t steps = (task.references + kReferenceTile - 1) / kReferenceTile * steps_per_tile;
    Sums sums = {};
    if (steps > 0) load_stage(f, task, 0, 0, desk.stages);
    for (int64_t step = 0; step < steps; step++) {
      const int64_t next = step + 1;
      if (next < steps) {
        load_stage(f, task, next / steps_per_tile * kReferenceTile, next % steps_per_tile * kColumns, desk.stages.from(next % 2 * kStageValues));
      } else {
        copy_async_commit();
      }
      copy_async_wait<1>();
      __syncthreads();
      multiply_stage(desk.stages.from(step % 2 * kStageValues), warp, lane, sums);
      if (next % steps_per_tile == 0) {
        compare_tile(f, task, step / steps_per_tile * kReferenceTile, desk, warp, lane, sums);
#pragma unroll
        for (int i = 0; i < 32; i++) sums[i / 16][i / 4 % 4][i % 4] = 0;
      }
      __syncthreads();
    }
    copy_async_wait<0>();
    __syncthreads();
    write_lists(f, task, desk, warp, lane);
    __syncthreads();
  }
}

}  // namespace quern::cuda::knn
