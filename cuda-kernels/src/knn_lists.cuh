// The scores that are kept for every query: lists in shared memory while references pass by, and what is written of them.
//
// A list takes every score under its query's threshold. From time to time lists of more than 64 entries are cut to their 64 smallest, and the
// threshold falls to the largest of these: what is not in a list was never under the threshold that is written with it.
#pragma once

#include "knn_rows.cuh"

namespace quern::cuda::knn {

constexpr int kMostRoom = 96;  // of a list

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
  Lists lists;
  float error;
  bool one_set;
};

// The lists of a block's queries.
struct Desk {
  Shared<uint64_t> keys;  // [queries, room]
  Shared<float> thresholds, scales;
  Shared<int> counts;
  int room;
};

constexpr size_t desk_bytes(int queries, int room) {
  return static_cast<size_t>(queries) * (static_cast<size_t>(room) * sizeof(uint64_t) + 2 * sizeof(float) + sizeof(int));
}

__device__ inline Desk take_desk(SharedMemory& memory, int queries, int room) {
  return {memory.take<uint64_t>(queries * room), memory.take<float>(queries), memory.take<float>(queries), memory.take<int>(queries), room};
}

__device__ inline void open_list(const Filter& f, const Task& task, const Desk& desk, int row) {
  const float scale = row < task.queries ? f.queries.scale[task.place_begin + row] : 0.0f;
  desk.thresholds.store(row, scale > 0.0f ? INFINITY : -INFINITY);
  desk.scales.store(row, scale);
  desk.counts.store(row, 0);
}

__device__ __forceinline__ void offer(const Filter& f, const Task& task, const Desk& desk, int row, float threshold, float score, int64_t place) {
  if (!(score < threshold)) return;
  if (f.one_set && task.reference_begin + place == task.place_begin + row) return;
  desk.keys.store(row * desk.room + desk.counts.add(row, 1), key_of(score, place));
}

// By a warp: the largest go one by one. No key is 0.
__device__ inline void cut_list(const Desk& desk, int row, int lane) {
  const int count = desk.counts.load(row);
  const Shared<uint64_t> keys = desk.keys.from(row * desk.room);
  uint64_t mine[kMostRoom / 32], largest = 0;
#pragma unroll
  for (int e = 0; e < kMostRoom / 32; e++) mine[e] = 32 * e + lane < count ? keys.load(32 * e + lane) : 0;
  for (int left = count; left >= kKept; left--) {
    uint64_t mine_largest = mine[0];
#pragma unroll
    for (int e = 1; e < kMostRoom / 32; e++) mine_largest = mine[e] > mine_largest ? mine[e] : mine_largest;
    largest = warp_max(mine_largest);
    if (left == kKept) break;
#pragma unroll
    for (int e = 0; e < kMostRoom / 32; e++) mine[e] = mine[e] == largest ? 0 : mine[e];
  }
  __syncwarp();
  int begin = 0;
#pragma unroll
  for (int e = 0; e < kMostRoom / 32; e++) {
    const unsigned kept = __ballot_sync(kAllLanes, mine[e] != 0);
    if (mine[e] != 0) keys.store(begin + __popc(kept & ((1u << lane) - 1)), mine[e]);
    begin += __popc(kept);
  }
  if (lane != 0) return;
  desk.counts.store(row, kKept);
  desk.thresholds.store(row, score_of(largest));
}

// By a warp: those of its rows [first, first + rows), 32 at most, that need it.
__device__ inline void cut_lists(const Desk& desk, int first, int rows, int lane) {
  unsigned full = __ballot_sync(kAllLanes, lane < rows && desk.counts.load(first + lane) > kKept);
  for (; full != 0; full &= full - 1) cut_list(desk, first + __ffs(full) - 1, lane);
}

// By a warp: rows [first, first + rows), in order.
__device__ inline void write_lists(const Filter& f, const Task& task, const Desk& desk, int first, int rows, int lane) {
  for (int row = first; row < first + rows && row < task.queries; row++) {
    const int64_t query = task.query_begin + row;
    const int count = desk.counts.load(row);
    for (int e = lane; e < count; e += 32) {
      const uint64_t key = desk.keys.load(row * desk.room + e);
      int rank = 0;
      for (int other = 0; other < count; other++) rank += desk.keys.load(row * desk.room + other) < key ? 1 : 0;
      f.lists.keys[query * kKept + rank] = key;
    }
    if (lane != 0) continue;
    f.lists.counts[query] = count;
    f.lists.thresholds[query] = desk.thresholds.load(row);
  }
}

}  // namespace quern::cuda::knn
