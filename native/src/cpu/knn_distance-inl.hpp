// The distance that decides, and the list of the k nearest by it.
//
// squared_distance is a pure function of two rows: sub, mul, add in 16 lanes × 4 chains, no fma, so that plain SSE2 keeps up and every tier
// returns the same bits. Blocks of 2048 dimensions are summed in float64. Error: (32 + 8)·u relative at most, u = 2^-24.
#pragma once

#include "lanes.hpp"

namespace quern::QUERN_TIER {

constexpr int kDistanceChains = 4;
constexpr int64_t kDistanceBlock = 2048;
// Below this, squares of differences may have been lost to underflow.
constexpr double kSmallestSquare = 1e-25;
constexpr double kLargestSquare = 3.4028234e38;
// Relative error of squared_distance, rounded up.
constexpr double kDistanceError = 4e-6;

inline float squared_distance_block(const float* x, const float* y, int64_t d) {
  Lanes sum[kDistanceChains] = {Lanes::zero(), Lanes::zero(), Lanes::zero(), Lanes::zero()};
  int64_t j = 0;
  for (; j + kDistanceChains * kLanes <= d; j += kDistanceChains * kLanes) {
    for (int c = 0; c < kDistanceChains; c++) {
      const Lanes difference = Lanes::load(x + j + c * kLanes) - Lanes::load(y + j + c * kLanes);
      sum[c] = sum[c] + difference * difference;
    }
  }
  for (int c = 0; j < d; c++, j += kLanes) {
    const int64_t count = d - j < kLanes ? d - j : kLanes;
    const Lanes difference = Lanes::load_first(x + j, count, 0.0f) - Lanes::load_first(y + j, count, 0.0f);
    sum[c] = sum[c] + difference * difference;
  }
  return reduce_add((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

inline double squared_distance_in_double(const float* x, const float* y, int64_t d) {
  double sum[8] = {};
  int64_t j = 0;
  for (; j + 8 <= d; j += 8) {
    for (int c = 0; c < 8; c++) {
      const double difference = static_cast<double>(x[j + c]) - static_cast<double>(y[j + c]);
      sum[c] += difference * difference;
    }
  }
  for (int c = 0; j < d; c++, j++) {
    const double difference = static_cast<double>(x[j]) - static_cast<double>(y[j]);
    sum[c] += difference * difference;
  }
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

// In float32 alone, blocks summed in float64.
inline float float_square(const float* x, const float* y, int64_t d) {
  double square = 0;
  for (int64_t j = 0; j < d; j += kDistanceBlock) {
    square += static_cast<double>(squared_distance_block(x + j, y + j, d - j < kDistanceBlock ? d - j : kDistanceBlock));
  }
  return static_cast<float>(square);
}

// The square whose float32 value is known, computed again where that under- or overflowed.
inline double exact_square(float square, const float* x, const float* y, int64_t d) {
  const double known = static_cast<double>(square);
  return known > kSmallestSquare && known < kLargestSquare ? known : squared_distance_in_double(x, y, d);
}

// Not finite exactly where one of the rows is not.
inline double squared_distance(const float* x, const float* y, int64_t d) { return exact_square(float_square(x, y, d), x, y, d); }

inline bool is_finite(const float* x, int64_t d) {
  float zero = 0;
  for (int64_t j = 0; j < d; j++) zero += x[j] * 0.0f;
  return zero == 0.0f;
}

// The nearest of what was offered, by distance, then by index: a heap whose root is the farthest.
struct Nearest {
  double* square;
  int64_t* index;
  int64_t limit;
  int64_t size;

  bool full() const { return size == limit; }

  static bool farther(double a, int64_t i, double b, int64_t j) { return a > b || (a == b && i > j); }

  void put(int64_t at, double s, int64_t i) {
    square[at] = s;
    index[at] = i;
  }

  // Places (s, i) in the heap of the first count entries, whose root is vacant.
  void sift_down(double s, int64_t i, int64_t count) {
    int64_t at = 0;
    for (int64_t child = 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && farther(square[child + 1], index[child + 1], square[child], index[child])) child++;
      if (!farther(square[child], index[child], s, i)) break;
      put(at, square[child], index[child]);
      at = child;
    }
    put(at, s, i);
  }

  void offer(double s, int64_t i) {
    if (!full()) {
      int64_t at = size++;
      for (; at > 0 && farther(s, i, square[(at - 1) / 2], index[(at - 1) / 2]); at = (at - 1) / 2) {
        put(at, square[(at - 1) / 2], index[(at - 1) / 2]);
      }
      put(at, s, i);
    } else if (farther(square[0], index[0], s, i)) {
      sift_down(s, i, size);
    }
  }

  // Ascending; no longer a heap.
  void sort() {
    for (int64_t last = size - 1; last > 0; last--) {
      const double s = square[last];
      const int64_t i = index[last];
      put(last, square[0], index[0]);
      sift_down(s, i, last);
    }
  }
};

}  // namespace quern::QUERN_TIER
