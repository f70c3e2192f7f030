// Cosine consistency: cos(x_i, y_i), or cos(x_i, y_index[i]) against a table.
//
// Work split   one warp a row, 8 rows a block, a grid that fills the device once and strides over the rows. 16-byte loads where rows are
//              aligned to them, 8 in flight per lane.
// Bytes        8·d a row paired, 4·d a row against a table that stays in L2. Bound by device memory.
// Arithmetic   one pass, three sums per lane by fma, then the butterfly. Where a sum leaves the safe range of float32 (overflow, or a norm so
//              small that squares are lost) the warp sums its row again in float64.
// Error        |result − cos| ≤ (d/32 + 8)·2u for finite rows, u = 2^-24.
// Determinism  a row's result depends on the row, d and the alignment of rows alone.
#include "quern_cuda.hpp"
#include "reduce.cuh"

namespace quern::cuda {
namespace cosine {

constexpr int kWarps = 8;
constexpr int kBlocksPerMultiprocessor = 8;
constexpr int kUnroll = 4;
// Below this a sum of squares may have lost more than u relative to flushed or subnormal squares.
constexpr float kSmallest = 1e-25f;
constexpr float kLargest = 3.402823466e38f;

template <class T>
struct Sums {
  T xy, xx, yy;

  __device__ void add(float x, float y) {
    xy = fma(static_cast<T>(x), static_cast<T>(y), xy);
    xx = fma(static_cast<T>(x), static_cast<T>(x), xx);
    yy = fma(static_cast<T>(y), static_cast<T>(y), yy);
  }
  __device__ void add(const float4& x, const float4& y) {
    add(x.x, y.x);
    add(x.y, y.y);
    add(x.z, y.z);
    add(x.w, y.w);
  }
  __device__ Sums over_warp() const { return {warp_sum(xy), warp_sum(xx), warp_sum(yy)}; }
};

// Vectors of V from `lane` on in steps of a warp, several loads before the first use, then the elements that fill no vector.
template <class V>
__device__ Sums<float> row_sums(const float* x, const float* y, int64_t d, int lane) {
  constexpr int64_t width = sizeof(V) / sizeof(float);
  const V* xv = reinterpret_cast<const V*>(x);
  const V* yv = reinterpret_cast<const V*>(y);
  const int64_t vectors = d / width;
  Sums<float> sums{0, 0, 0};
  int64_t j = lane;
  for (; j + (kUnroll - 1) * 32 < vectors; j += kUnroll * 32) {
    V a[kUnroll], b[kUnroll];
#pragma unroll
    for (int k = 0; k < kUnroll; k++) {
      a[k] = __ldcs(xv + j + k * 32);
      b[k] = __ldg(yv + j + k * 32);
    }
#pragma unroll
    for (int k = 0; k < kUnroll; k++) sums.add(a[k], b[k]);
  }
  for (; j < vectors; j += 32) sums.add(xv[j], yv[j]);
  for (j = vectors * width + lane; j < d; j += 32) sums.add(x[j], y[j]);
  return sums.over_warp();
}

__device__ float cosine_in_double(const float* x, const float* y, int64_t d, int lane) {
  Sums<double> lane_sums{0, 0, 0};
  for (int64_t j = lane; j < d; j += 32) lane_sums.add(x[j], y[j]);
  const Sums<double> s = lane_sums.over_warp();
  if (s.xx == 0 || s.yy == 0) return s.xx + s.yy == s.xx + s.yy ? 0.0f : NAN;
  return static_cast<float>(s.xy / (sqrt(s.xx) * sqrt(s.yy)));
}

template <class V>
__global__ void __launch_bounds__(kWarps * 32) cosine_rows(quern_cosine_params p, float* consistency) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * kWarps + threadIdx.x / 32; i < p.n; i += static_cast<int64_t>(gridDim.x) * kWarps) {
    const int64_t row = p.index == nullptr ? i : p.index[i];
    float cosine = NAN;
    if (row >= 0 && row < p.y_rows) {
      const float* x = p.x + i * p.x_ld;
      const float* y = p.y + row * p.y_ld;
      const Sums<float> s = row_sums<V>(x, y, p.d, lane);
      const bool in_range = s.xx > kSmallest && s.yy > kSmallest && s.xx < kLargest && s.yy < kLargest;
      cosine = in_range ? s.xy / (sqrtf(s.xx) * sqrtf(s.yy)) : cosine_in_double(x, y, p.d, lane);
      cosine = cosine > 1.0f ? 1.0f : cosine < -1.0f ? -1.0f : cosine;
    }
    if (lane == 0) consistency[i] = cosine;
  }
}

inline bool aligned(const float* data, int64_t ld) { return reinterpret_cast<uintptr_t>(data) % 16 == 0 && ld % 4 == 0; }

}  // namespace cosine

int cosine_consistency(const Device& device, const quern_cosine_params& params, float* consistency, StreamHandle stream) {
  using namespace cosine;
  if (params.n == 0) return 0;
  const int64_t needed = (params.n - 1) / kWarps + 1, fill = static_cast<int64_t>(device.multiprocessors) * kBlocksPerMultiprocessor;
  const LaunchShape shape = blocks_of(needed < fill ? needed : fill, kWarps * 32);
  const bool wide = aligned(params.x, params.x_ld) && aligned(params.y, params.y_ld);
  return launch(shape, stream, wide ? &cosine_rows<float4> : &cosine_rows<float>, params, consistency);
}

}  // namespace quern::cuda
