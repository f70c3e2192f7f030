// The filter's view of the rows: about a centre, of norm 1, in fp16; the norm beside them.
#pragma once

#include "element_math.h"
#include "knn_layout.hpp"
#include "reduce.cuh"

namespace quern::cuda::knn {

constexpr int kPackWarps = 8;
constexpr int64_t kCentreRows = 256;
// Rows of these distances from the centre can be scored in float32.
constexpr double kNearest = 1e-15, kFarthest = 1e15;
// Float32 roundings of a squared norm.
constexpr double kNormError = 16.0 / 16777216.0;

enum State : int32_t { kFiltered = 0, kScanned = 1 };

struct Rows {
  const float* data;
  int64_t ld;
  const int64_t* order;  // NULL: the identity
  int64_t count;

  __device__ int64_t row(int64_t place) const { return order == nullptr ? place : order[place]; }
  __device__ const float* at(int64_t place) const { return data + row(place) * ld; }
};

// lower_ij = half_j − scale_i·scale_j·(<b_i,b_j> + η) is at most (|x_i − x_j|² − |x_i|²)/2, rows being relative to the centre. half is NaN for rows
// that are nobody's neighbours and −infinity for those that cannot be scored: they are candidates of everybody.
struct Packed {
  uint16_t* values;  // [count, padded]
  float* half;
  float* scale;  // 0: cannot be scored
  double* norm;  // squared
};

// The mean of some rows: any centre is right, one in the middle makes norms small.
__global__ void __launch_bounds__(kPackWarps * 32) find_centre(Rows rows, int64_t d, float* centre) {
  const int64_t j = static_cast<int64_t>(blockIdx.x) * (kPackWarps * 32) + threadIdx.x;
  if (j >= d) return;
  const int64_t sample = rows.count < kCentreRows ? rows.count : kCentreRows;
  float sum = 0, seen = 0;
  for (int64_t i = 0; i < sample; i++) {
    const float value = rows.data[i * (rows.count / sample) * rows.ld + j];
    if (value - value == 0.0f) {
      sum += value;
      seen += 1;
    }
  }
  const float mean = sum / seen;
  centre[j] = mean - mean == 0.0f ? mean : 0.0f;
}

// A warp a row.
__global__ void __launch_bounds__(kPackWarps * 32) pack_rows(Rows rows, const float* centre, int64_t d, int64_t padded, Packed packed) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  const int64_t warps = static_cast<int64_t>(gridDim.x) * kPackWarps;
  for (int64_t place = static_cast<int64_t>(blockIdx.x) * kPackWarps + threadIdx.x / 32; place < rows.count; place += warps) {
    const float* x = rows.at(place);
    double lane_norm = 0;
    float zero = 0;
    for (int64_t j = lane; j < d; j += 32) {
      const double value = static_cast<double>(x[j] - centre[j]);
      lane_norm += value * value;
      zero += x[j] * 0.0f;
    }
    const double norm = warp_sum(lane_norm), root = sqrt(norm);
    const bool finite = warp_sum(zero) == 0.0f, scored = root >= kNearest && root <= kFarthest;
    const float inverse = scored ? static_cast<float>(1.0 / root) : 0.0f;
    for (int64_t j = lane; j < padded; j += 32) {
      packed.values[place * padded + j] = scored && j < d ? float16_of((x[j] - centre[j]) * inverse) : uint16_t{0};
    }
    if (lane != 0) continue;
    packed.half[place] = !finite ? NAN : scored || norm == 0.0 ? static_cast<float>(norm / 2 * (1 - kNormError)) : -INFINITY;
    packed.scale[place] = scored ? static_cast<float>(root) : 0.0f;
    packed.norm[place] = norm;
  }
}

}  // namespace quern::cuda::knn
