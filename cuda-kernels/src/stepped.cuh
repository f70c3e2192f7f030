// A sum taken step by step, each sum rounded, without taking the steps.
#pragma once

#include "device.cuh"

namespace quern::cuda {

// start + step + … + step, every one of n sums rounded. While sums share an exponent, each adds the same but for the first two, of which the
// second may have met a tie and made the sum even; so whole runs of sums are one exact product.
__device__ inline double stepped(double start, double step, int64_t n) {
  double at = start;
  while (n > 0) {
    const double first = at + step;
    if (n == 1 || first == at) return first;
    const double second = first + step;
    if (n == 2 || second == first) return second;
    const double third = second + step;
    n -= 3;
    at = third;
    const int octave = ilogb(first);
    if (ilogb(second) != octave || ilogb(third) != octave) continue;
    const double gain = third - second, lowest = ldexp(1.0, octave);
    const double room = fabs(third) > fabs(second) ? 2 * lowest - fabs(third) : fabs(third) - lowest;
    const double whole = floor(room / fabs(gain)) - 1;
    const int64_t jump = whole < 0 ? 0 : whole < static_cast<double>(n) ? static_cast<int64_t>(whole) : n;
    at += static_cast<double>(jump) * gain;
    n -= jump;
  }
  return at;
}

}  // namespace quern::cuda
