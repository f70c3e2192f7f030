// The tables of the ops that map every byte by itself, and the statistics that some of them need, by a whole block or by a team of blocks.
#pragma once

#include "augment_stage.cuh"
#include "reduce.cuh"

namespace quern::cuda::augment {

// A block's place in the work on a sample.
struct Crew {
  int part, parts;   // of the pixels it makes
  int rank, size;    // of the pixels it counts; the blocks it shares a cluster with

  __device__ void barrier() const {
    if (size > 1) {
      cluster_barrier();
    } else {
      __syncthreads();
    }
  }
};

enum class Counted { kChannels, kGrey };

// Leaves how often every value occurs in the whole image, per channel or, in the first 256 totals, of grey.
template <class Source>
__device__ void count_values(const Source& image, Counted counted, const Crew& crew, const Desk& desk) {
  const int t = static_cast<int>(threadIdx.x);
  for (int v = t; v < kTables; v += kThreads) desk.counts.store(v, 0u);
  __syncthreads();
  const int begin = static_cast<int>(int64_t{image.pixels()} * crew.rank / crew.size);
  const int end = static_cast<int>(int64_t{image.pixels()} * (crew.rank + 1) / crew.size);
  for (int i = begin + t; i < end; i += kThreads) {
    const Pixel p = image.at(i);
    if (counted == Counted::kGrey) {
      desk.counts.add(grey_of(channel_of(p, 0), channel_of(p, 1), channel_of(p, 2)), 1u);
    } else {
      for (int c = 0; c < 3; c++) desk.counts.add(256 * c + channel_of(p, c), 1u);
    }
  }
  crew.barrier();
  for (int v = t; v < kTables; v += kThreads) {
    unsigned total = 0;
    for (int r = 0; r < crew.size; r++) total += desk.counts.of(static_cast<unsigned>(r)).load(v);
    desk.totals.store(v, total);
  }
  crew.barrier();
}

// ---- by one warp, eight values a lane

struct EightCounts {
  int count[8];
  int sum;

  __device__ EightCounts(const Shared<unsigned>& totals, int lane) : sum(0) {
#pragma unroll
    for (int k = 0; k < 8; k++) sum += count[k] = static_cast<int>(totals.load(8 * lane + k));
  }
  // The first and the last of the eight that occur.
  __device__ int first() const {
    int at = 8;
#pragma unroll
    for (int k = 7; k >= 0; k--) at = count[k] != 0 ? k : at;
    return at;
  }
  __device__ int last() const {
    int at = 0;
#pragma unroll
    for (int k = 0; k < 8; k++) at = count[k] != 0 ? k : at;
    return at;
  }
  __device__ int count_of_last() const {
    int of = 0;
#pragma unroll
    for (int k = 0; k < 8; k++) of = count[k] != 0 ? count[k] : of;
    return of;
  }
};

__device__ inline void auto_contrast_channel(const Shared<unsigned>& totals, const Shared<uint8_t>& table, int lane) {
  const EightCounts mine(totals, lane);
  const unsigned occupied = __ballot_sync(kAllLanes, mine.sum != 0);
  const int low = __ffs(occupied) - 1, high = 31 - __clz(occupied);
  const int first = __shfl_sync(kAllLanes, mine.first(), low), last = __shfl_sync(kAllLanes, mine.last(), high);
  const Stretch by = stretch_of(8 * low + first, 8 * high + last);
#pragma unroll
  for (int k = 0; k < 8; k++) table.store(8 * lane + k, static_cast<uint8_t>(stretched(8 * lane + k, by)));
}

__device__ inline void equalize_channel(const Shared<unsigned>& totals, const Shared<uint8_t>& table, int lane) {
  const EightCounts mine(totals, lane);
  const unsigned occupied = __ballot_sync(kAllLanes, mine.sum != 0);
  const int last = __shfl_sync(kAllLanes, mine.count_of_last(), 31 - __clz(occupied));
  int up_to = mine.sum;
#pragma unroll
  for (int step = 1; step < 32; step *= 2) {
    const int other = __shfl_up_sync(kAllLanes, up_to, static_cast<unsigned>(step));
    up_to += lane >= step ? other : 0;
  }
  const int step = equalize_step(__shfl_sync(kAllLanes, up_to, 31), last);
  int below = step / 2 + up_to - mine.sum;
#pragma unroll
  for (int k = 0; k < 8; k++) {
    table.store(8 * lane + k, static_cast<uint8_t>(equalized(8 * lane + k, below, step)));
    below += mine.count[k];
  }
}

// The mean grey of the image, rounded.
__device__ inline int grey_level(const Shared<unsigned>& totals, int pixels, int lane) {
  const EightCounts mine(totals, lane);
  int64_t sum = 0;
#pragma unroll
  for (int k = 0; k < 8; k++) sum += int64_t{mine.count[k]} * (8 * lane + k);
  return contrast_level(warp_sum(sum), pixels);
}

// ---- by the block

template <class Source>
__device__ void fill_from_statistics(int32_t op, float factor, const Source& image, const Crew& crew, const Desk& desk) {
  const int t = static_cast<int>(threadIdx.x), warp = t / 32, lane = t % 32;
  count_values(image, op == QUERN_OP_CONTRAST ? Counted::kGrey : Counted::kChannels, crew, desk);
  if (op == QUERN_OP_CONTRAST) {
    if (warp == 0) {
      const int level = grey_level(desk.totals, image.pixels(), lane);
      if (lane == 0) desk.level.store(0, level);
    }
    __syncthreads();
    for (int v = t; v < kTables; v += kThreads) desk.table.store(v, static_cast<uint8_t>(blend_of(desk.level.load(0), v % 256, factor)));
  } else if (warp < 3 && op == QUERN_OP_EQUALIZE) {
    equalize_channel(desk.totals.from(256 * warp), desk.table.from(256 * warp), lane);
  } else if (warp < 3) {
    auto_contrast_channel(desk.totals.from(256 * warp), desk.table.from(256 * warp), lane);
  }
}

__device__ inline int mapped(int32_t op, double value, float factor, int v) {
  switch (op) {
    case QUERN_OP_SOLARIZE:
      return solarized(v, value);
    case QUERN_OP_POSTERIZE:
      return posterized(v, static_cast<int>(value));
    case QUERN_OP_BRIGHTNESS:
      return blend_of(0, v, factor);
    default:
      return 255 - v;
  }
}

// Leaves in desk.stage the op, ready to be asked for pixels. By all threads of the block; nobody may still use the stage before.
template <class Source>
__device__ void prepare(int32_t op, double value, const Source& image, const Crew& crew, const Desk& desk) {
  const int t = static_cast<int>(threadIdx.x);
  Stage stage{Kind::kTable, blend_factor(value), {}};
  switch (op) {
    case QUERN_OP_COLOR:
      stage.kind = Kind::kColor;
      break;
    case QUERN_OP_SHARPNESS:
      stage.kind = Kind::kSharpness;
      break;
    case QUERN_OP_AUTO_CONTRAST:
    case QUERN_OP_EQUALIZE:
    case QUERN_OP_CONTRAST:
      fill_from_statistics(op, stage.factor, image, crew, desk);
      break;
    case QUERN_OP_SOLARIZE:
    case QUERN_OP_POSTERIZE:
    case QUERN_OP_BRIGHTNESS:
    case QUERN_OP_INVERT:
      for (int v = t; v < kTables; v += kThreads) desk.table.store(v, static_cast<uint8_t>(mapped(op, value, stage.factor, v % 256)));
      break;
    default:
      if (t == 0) stage = geometric_stage(op, value, Source::kResample, image.height, image.width);
  }
  if (t == 0) desk.stage.store(0, stage);
  __syncthreads();
}

}  // namespace quern::cuda::augment
