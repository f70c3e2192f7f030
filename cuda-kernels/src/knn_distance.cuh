// The distance that decides, and the list of the nearest by it, both by a warp.
//
// squared_distance gives the CPU's bits (knn_distance-inl.hpp): float32 sums of 64 chains over blocks of 2048 columns, the same tree over
// them, blocks summed in float64; where that under- or overflows, float64 in eight chains.
#pragma once

#include "reduce.cuh"

namespace quern::cuda::knn {

constexpr int64_t kDistanceBlock = 2048;
constexpr double kSmallestSquare = 1e-25;
constexpr double kLargestSquare = 3.4028234e38;
// Relative error of squared_distance, rounded up.
constexpr double kDistanceError = 4e-6;

// Columns j, j + 64, … are the chain of lane j mod 32, its first or its second.
__device__ inline float square_of_block(const float* x, const float* y, int64_t d, int lane) {
  float first = 0, second = 0;
  for (int64_t j = lane; j < d; j += 64) {
    const float difference = x[j] - y[j];
    first += difference * difference;
    if (j + 32 >= d) continue;
    const float other = x[j + 32] - y[j + 32];
    second += other * other;
  }
  first += __shfl_xor_sync(kAllLanes, first, 16);
  second += __shfl_xor_sync(kAllLanes, second, 16);
  float sum = first + second;
#pragma unroll
  for (int step = 8; step > 0; step /= 2) sum += __shfl_xor_sync(kAllLanes, sum, step);
  return sum;
}

__device__ inline double square_in_double(const float* x, const float* y, int64_t d, int lane) {
  double sum = 0;
  for (int64_t j = lane; lane < 8 && j < d; j += 8) {
    const double difference = static_cast<double>(x[j]) - static_cast<double>(y[j]);
    sum += difference * difference;
  }
#pragma unroll
  for (int step = 1; step < 8; step *= 2) sum += __shfl_xor_sync(kAllLanes, sum, step);
  return __shfl_sync(kAllLanes, sum, 0);
}

// Not finite exactly where one of the rows is not.
__device__ inline double squared_distance(const float* x, const float* y, int64_t d, int lane) {
  double square = 0;
  for (int64_t j = 0; j < d; j += kDistanceBlock) {
    square += static_cast<double>(square_of_block(x + j, y + j, d - j < kDistanceBlock ? d - j : kDistanceBlock, lane));
  }
  const double known = static_cast<double>(static_cast<float>(square));
  return known > kSmallestSquare && known < kLargestSquare ? known : square_in_double(x, y, d, lane);
}

// The nearest of what was offered, ascending by distance, then by index, in shared memory that belongs to the warp.
class Nearest {
 public:
  __device__ Nearest(const Shared<double>& squares, const Shared<int64_t>& places, int limit)
      : squares_(squares), places_(places), limit_(limit), size_(0) {}

  __device__ int size() const { return size_; }
  __device__ bool full() const { return size_ == limit_; }
  __device__ double square(int at) const { return squares_.load(at); }
  __device__ int64_t place(int at) const { return places_.load(at); }

  // By all lanes, with the same arguments.
  __device__ void offer(double square, int64_t place, int lane) {
    if (full() && !nearer(square, place, squares_.load(limit_ - 1), places_.load(limit_ - 1))) return;
    int before = 0;
    for (int base = 0; base < size_; base += 32) {
      const int e = base + lane;
      const bool stays = e < size_ && nearer(squares_.load(e), places_.load(e), square, place);
      before += __popc(__ballot_sync(kAllLanes, stays));
    }
    const int last = full() ? limit_ - 1 : size_;
    for (int top = last; top > before; top -= 32) {
      const int e = top - lane;
      double moved_square = 0;
      int64_t moved_place = 0;
      if (e > before) {
        moved_square = squares_.load(e - 1);
        moved_place = places_.load(e - 1);
      }
      __syncwarp();
      if (e > before) put(e, moved_square, moved_place);
      __syncwarp();
    }
    __syncwarp();
    if (lane == 0) put(before, square, place);
    __syncwarp();
    size_ = last + 1;
  }

 private:
  __device__ static bool nearer(double a, int64_t i, double b, int64_t j) { return a < b || (a == b && i < j); }
  __device__ void put(int at, double square, int64_t place) const {
    squares_.store(at, square);
    places_.store(at, place);
  }

  Shared<double> squares_;
  Shared<int64_t> places_;
  int limit_, size_;
};

}  // namespace quern::cuda::knn
