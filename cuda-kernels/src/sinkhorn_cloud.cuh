// A point cloud as tensor cores multiply it: coordinates about the middle of the problem's box, scaled by a power of two so that they lie within
// ±2^15, each as the sum of two fp16, high and low. That is as exact as float32, and no product leaves fp16's or float32's range.
#pragma once

#include "sinkhorn_crew.cuh"

namespace quern::cuda::ot {

constexpr float kFarthest = 1e18f;
constexpr double kLargestRatio = 2097152.0;  // cost / ε

// Floats as integers of the same order, and back.
__device__ __forceinline__ int ordered(float value) {
  const int bits = __float_as_int(value);
  return bits < 0 ? bits ^ 0x7fffffff : bits;
}
__device__ __forceinline__ float unordered(int order) { return __int_as_float(order < 0 ? order ^ 0x7fffffff : order); }

struct Cloud {
  int64_t count;
  uint16_t* values;  // [count, chunks, 64]: 32 high halves, 32 low ones
  double* shift;     // [padded to a tile] scale·‖x‖² about the middle
  int32_t* labels;   // [padded to a tile]
};

// The joint bounding box of a problem's points, infinite where one of them, or a label, is not allowed.
struct Box {
  int* bounds;  // [d] lows, [d] highs, the largest label distance; ordered
  int64_t d;

  __device__ void clear() const {
    for (int64_t k = threadIdx.x; k < d; k += blockDim.x) {
      bounds[k] = ordered(kInfinity);
      bounds[d + k] = ordered(-kInfinity);
    }
    if (threadIdx.x == 0) bounds[2 * d] = ordered(0.0f);
  }
  // By all blocks of the crew; points: [count, d].
  __device__ void cover(const Crew& crew, const float* points, int64_t count) const {
    const int64_t width = d < blockDim.x ? d : blockDim.x, groups = blockDim.x / width, group = threadIdx.x / width;
    if (group >= groups) return;
    for (int64_t k = threadIdx.x % width; k < d; k += width) {
      float low = kInfinity, high = -kInfinity;
      for (int64_t i = crew.rank * groups + group; i < count; i += crew.size * groups) {
        const float value = points[i * d + k];
        const bool allowed = fabsf(value) <= kFarthest;
        low = fminf(low, allowed ? value : -kInfinity);
        high = fmaxf(high, allowed ? value : kInfinity);
      }
      atomicMin(bounds + k, ordered(low));
      atomicMax(bounds + d + k, ordered(high));
    }
  }
  __device__ void cover_labels(const Crew& crew, const int32_t* labels, int64_t count, int64_t most) const {
    for (int64_t i = crew.rank * blockDim.x + threadIdx.x; i < count; i += crew.size * blockDim.x) {
      if (labels[i] < 0 || labels[i] >= most) atomicMax(bounds + d, ordered(kInfinity));
    }
  }
  __device__ void cover_table(const Crew& crew, const float* table, int64_t labels, int64_t ld) const {
    float largest = 0.0f;
    for (int64_t row = crew.rank; row < labels; row += crew.size) {
      for (int64_t k = threadIdx.x; k < labels; k += blockDim.x) {
        const float size = fabsf(table[row * ld + k]);
        largest = fmaxf(largest, size < kInfinity ? size : kInfinity);
      }
    }
    atomicMax(bounds + 2 * d, ordered(largest));
  }
  __device__ double low(int64_t k) const { return static_cast<double>(unordered(bounds[k])); }
  __device__ double high(int64_t k) const { return static_cast<double>(unordered(bounds[d + k])); }
  __device__ double largest_label() const { return static_cast<double>(unordered(bounds[2 * d])); }
  // Square of the diagonal, the same bits for all threads.
  __device__ double diagonal(const Shared<double>& scratch) const {
    double sum = 0;
    for (int64_t k = threadIdx.x; k < d; k += blockDim.x) sum += (high(k) - low(k)) * (high(k) - low(k));
    return block_sum(sum, scratch);
  }
};

// A warp a point. points: [cloud.count, d]; labels: NULL without a table.
__device__ inline void pack(const Crew& crew, const Cloud& cloud, const Box& box, const float* points, const int32_t* labels, int64_t chunks,
                            double magnify, double scale) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  const int64_t warp = crew.rank * kTileWarps + threadIdx.x / 32, padded = (cloud.count + kTileColumns - 1) / kTileColumns * kTileColumns;
  for (int64_t i = warp; i < padded; i += crew.size * kTileWarps) {
    double norm = 0;
    for (int64_t c = 0; i < cloud.count && c < chunks; c++) {
      const int64_t k = c * kChunk + lane;
      const double value = k < box.d ? (static_cast<double>(points[i * box.d + k]) - 0.5 * (box.low(k) + box.high(k))) * magnify : 0.0;
      const uint16_t high = to_half(static_cast<float>(value));
      const uint16_t low = to_half(static_cast<float>(value - static_cast<double>(from_half(high))));
      uint16_t* at = cloud.values + (i * chunks + c) * kRowValues + lane;
      at[0] = high;
      at[kChunk] = low;
      const double rounded = (static_cast<double>(from_half(high)) + static_cast<double>(from_half(low))) / magnify;
      norm += rounded * rounded;
    }
    norm = warp_sum(norm);
    if (lane != 0) continue;
    cloud.shift[i] = scale * norm;
    cloud.labels[i] = labels == nullptr || i >= cloud.count ? 0 : labels[i];
  }
}

}  // namespace quern::cuda::ot
