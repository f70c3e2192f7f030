// The plainest kNN there is: float64 distances to everything, sorted.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace quern::test {

struct Neighbour {
  double distance;
  int64_t index;
};

inline double distance_in_double(const float* x, const float* y, int64_t d) {
  double sum = 0;
  for (int64_t j = 0; j < d; j++) {
    const double difference = static_cast<double>(x[j]) - static_cast<double>(y[j]);
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

// All that row may choose from, nearest first; reference_label and label are equal where there are no labels.
template <class Allowed>
std::vector<Neighbour> neighbours_in_double(const float* x, const float* reference, int64_t n_reference, int64_t ld, int64_t d,
                                            const Allowed& allowed) {
  std::vector<Neighbour> all;
  for (int64_t j = 0; j < n_reference; j++) {
    const double distance = allowed(j) ? distance_in_double(x, reference + j * ld, d) : INFINITY;
    if (std::isfinite(distance)) all.push_back({distance, j});
  }
  std::sort(all.begin(), all.end(), [](const Neighbour& a, const Neighbour& b) {
    return a.distance < b.distance || (a.distance == b.distance && a.index < b.index);
  });
  return all;
}

}  // namespace quern::test
