// Arithmetic of the Sinkhorn kernels. Potentials live in base 2: φ = exponent + log2(scaling) with an integral exponent (−infinity: the point
// takes no part), so that moving powers of two between the Gibbs kernel and a scaling changes no bit.
#pragma once

#include "device.cuh"

namespace quern::cuda::ot {

constexpr double kLog2E = 1.4426950408889634074;
constexpr double kLn2 = 0.69314718055994530942;
constexpr float kInfinity = __builtin_huge_valf();

// The factor of a cost in the exponent, in two floats: value = hi + lo within 2^-48.
struct Slope {
  double value;
  float hi, lo;
};

__device__ inline Slope slope_of(double value) {
  const float hi = static_cast<float>(value);
  return {value, hi, static_cast<float>(value - static_cast<double>(hi))};
}

// 2^n, n integral in [-127, 126]; 2^-127 counts as 0.
__device__ __forceinline__ float exp2_integer(float n) { return __int_as_float((static_cast<int>(n) + 127) << 23); }

// 2^r, |r| ≤ ½: least squares of the relative error in the Chebyshev sense, 1.6e-8 before rounding.
__device__ __forceinline__ float exp2_fraction(float r) {
  float p = 0.0001535336196f;
  p = fmaf(p, r, 0.001339887385f);
  p = fmaf(p, r, 0.009618436918f);
  p = fmaf(p, r, 0.05550332367f);
  p = fmaf(p, r, 0.2402264774f);
  p = fmaf(p, r, 0.6931471825f);
  return fmaf(p, r, 1.0f);
}

// 2^(base + slope·c), 0 below 2^-126; base integral or −infinity, the exponent ≤ 126. base − n is exact, so the fma rounds a number below ½ once:
// the relative error stays near 1.2e-7 however large slope·c is. Infinite and NaN exponents end as 0.
__device__ __forceinline__ float gibbs(float c, float base, const Slope& slope) {
  const float n = rintf(fmaxf(fmaf(c, slope.hi, base), -127.0f));
  const float r = fmaf(c, slope.lo, fmaf(c, slope.hi, base - n));
  return exp2_fraction(fmaxf(r, -1.0f)) * exp2_integer(n);
}

// One side of a problem: weights that sum to 1 and potentials, [padded to 4], scaling 0 beyond count.
struct Side {
  float* weight;
  float* scaling;
  float* exponent;

  __device__ bool live(int64_t i) const { return exponent[i] > -kInfinity; }
  __device__ void remove(int64_t i) const {
    exponent[i] = -kInfinity;
    scaling[i] = 0.0f;
  }
  __device__ void set(int64_t i, double potential) const {
    const double whole = floor(potential);
    exponent[i] = static_cast<float>(whole);
    scaling[i] = static_cast<float>(exp2(potential - whole));
  }
  // Potential / ε without the weight's part; 0 for a point that takes no part.
  __device__ double natural(int64_t i) const {
    if (!live(i) || !(scaling[i] > 0.0f)) return 0;
    return kLn2 * (static_cast<double>(exponent[i]) + log2(static_cast<double>(scaling[i])) - log2(static_cast<double>(weight[i])));
  }
  // The same potential in units of another ε; ratio = old ε / new ε.
  __device__ void rescale(int64_t i, double ratio) const {
    if (live(i)) set(i, log2(static_cast<double>(weight[i])) + ratio * natural(i) * kLog2E);
  }
  // Moves the power of two of the scaling into the exponent: the scaling ends in [1, 2), nothing is rounded.
  __device__ void absorb(int64_t i) const {
    if (!live(i) || !(scaling[i] > 0.0f)) return;
    int power = 0;
    const float mantissa = frexpf(scaling[i], &power);
    exponent[i] += static_cast<float>(power - 1);
    scaling[i] = 2.0f * mantissa;
  }
};

// The smallest sum somebody divides by, and the largest scaling that comes of it.
struct SumRange {
  float smallest, largest;

  __device__ void cover(const SumRange& other) {
    smallest = fminf(smallest, other.smallest);
    largest = fmaxf(largest, other.largest);
  }
};
constexpr SumRange kNoSums{3.402823466e38f, 0.0f};

// Kernel entries below 2^-126 are stored as 0. A sum Σ_count K·scaling lost at most count·2^-126·largest scaling by it, which is under 2^-66 of
// the sum where this holds. The new scalings must also keep clear of the ends of float32.
__device__ inline bool trustworthy(const SumRange& sums, int64_t count, float largest_scaling) {
  return static_cast<double>(sums.smallest) >= 0x1p-60 * static_cast<double>(count) * static_cast<double>(largest_scaling) &&
         sums.largest >= 0x1p-60f && sums.largest <= 0x1p60f;
}

// scaling_i = weight_i / sum for a point that takes part, 0 for another.
__device__ inline void scale(const Side& side, int64_t i, float sum, SumRange& range) {
  if (!side.live(i)) {
    side.scaling[i] = 0.0f;
    return;
  }
  side.scaling[i] = side.weight[i] / sum;
  range.cover({sum, side.scaling[i]});
}

}  // namespace quern::cuda::ot
