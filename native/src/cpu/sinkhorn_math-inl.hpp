// Scalar and lane arithmetic of the Sinkhorn kernels. Potentials live in base 2: a scaling is 2^exponent · mantissa with an integral exponent,
// so that moving a potential into or out of the Gibbs kernel changes no bit.
#pragma once

#include <cstdint>
#include <cstring>

#include "lanes.hpp"

namespace quern::QUERN_TIER::ot {

constexpr double kLog2E = 1.4426950408889634074;
constexpr double kLn2 = 0.69314718055994530942;
constexpr float kInfinity = __builtin_inff();

// floor(log2 v) of a positive, normal v.
inline int exponent_of(double v) {
  uint64_t bits;
  std::memcpy(&bits, &v, sizeof bits);
  return static_cast<int>(bits >> 52 & 2047u) - 1023;
}

// 2^n, n in [-1022, 1023].
inline double power_of_two(int n) {
  const uint64_t bits = static_cast<uint64_t>(n + 1023) << 52;
  double power;
  std::memcpy(&power, &bits, sizeof power);
  return power;
}

// log2 of a positive, normal v, relative error below 1e-15: the area hyperbolic tangent series about 1.
inline double log2_of(double v) {
  int exponent = exponent_of(v);
  double m = v * power_of_two(-exponent / 2) * power_of_two(-(exponent - exponent / 2));
  if (m > 1.41421356237309505) {
    m *= 0.5;
    exponent++;
  }
  const double z = (m - 1) / (m + 1), zz = z * z;
  double series = 0;
  for (int k = 23; k >= 1; k -= 2) series = series * zz + 1.0 / k;
  return static_cast<double>(exponent) + 2 * kLog2E * z * series;
}

// 2^t, relative error below 1e-14; t is clamped to [-1000, 1000].
inline double exp2_of(double t) {
  t = t < -1000 ? -1000 : t > 1000 ? 1000 : t;
  const double n = __builtin_rint(t), r = (t - n) * kLn2;
  double series = 1;
  for (int k = 13; k >= 1; k--) series = 1 + series * r / k;
  return series * power_of_two(static_cast<int>(n));
}

// The factor of a cost in the exponent, in two floats: value = hi + lo within 2^-48.
struct Slope {
  double value;
  float hi, lo;
};

inline Slope slope_of(double value) {
  const float hi = static_cast<float>(value);
  return {value, hi, static_cast<float>(value - static_cast<double>(hi))};
}

// 2^(base + slope·c + fraction), 0 below 2^-126. base is integral or −infinity, |fraction| ≤ ½, the exponent ≤ 126.
// base − n is exact, so the fma rounds a number below ½ once: the relative error stays near 1.2e-7 however large slope·c is.
// A −infinity base or an infinite slope·c makes r infinite or NaN; max(r, −1) turns both into −1 and the factor 2^-127 is stored as 0.
template <bool kFraction>
inline Lanes gibbs(Lanes c, Lanes base, Lanes fraction, Lanes hi, Lanes lo) {
  Lanes t = fma(c, hi, base);
  if (kFraction) t = t + fraction;
  const Lanes n = round(max(t, Lanes::all(-127.0f)));
  Lanes r = fma(c, hi, base - n);
  r = kFraction ? r + fma(c, lo, fraction) : fma(c, lo, r);
  r = max(r, Lanes::all(-1.0f));
  // Least squares of the relative error in the Chebyshev sense on [-½, ½]: 1.6e-8 before rounding.
  Lanes p = Lanes::all(0.0001535336196f);
  p = fma(p, r, Lanes::all(0.001339887385f));
  p = fma(p, r, Lanes::all(0.009618436918f));
  p = fma(p, r, Lanes::all(0.05550332367f));
  p = fma(p, r, Lanes::all(0.2402264774f));
  p = fma(p, r, Lanes::all(0.6931471825f));
  p = fma(p, r, Lanes::all(1.0f));
  return p * exp2_integer(n);
}

}  // namespace quern::QUERN_TIER::ot
