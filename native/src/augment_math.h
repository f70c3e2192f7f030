// The arithmetic of the augmentation ops, written once for the CPU tiers and for CUDA: plain functions of plain numbers.
//
// Every function gives Pillow's result bit for bit (checked against 12.3.0). That holds only without contraction of a·b + c into fma:
// compile with -ffp-contract=off, nvcc with --fmad=false. Where a fused product is meant, fma is written.
#pragma once

#include <math.h>
#include <stdint.h>

#include "element_math.h"

namespace quern {

// ---- colour

// ITU-R 601 luma in 16.16 fixed point.
QUERN_SHARED int32_t grey_of(int32_t r, int32_t g, int32_t b) { return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16; }

// A factor outside float32 becomes the largest float32 of its sign, so that infinity · 0 cannot arise in the blend.
QUERN_SHARED float blend_factor(double factor) {
  const double largest = 3.4028234663852886e38;
  return static_cast<float>(factor > largest ? largest : factor < -largest ? -largest : factor);
}

// degenerate + factor·(image − degenerate), the product and the sum rounded to float32 one by one, clamped and truncated.
QUERN_SHARED int32_t blend_of(int32_t degenerate, int32_t image, float factor) {
  const float product = factor * static_cast<float>(image - degenerate);
  const float sum = static_cast<float>(degenerate) + product;
  return sum <= 0.0f ? 0 : sum >= 255.0f ? 255 : static_cast<int32_t>(sum);
}

// The 3×3 filter (1,1,1; 1,5,1; 1,1,1)/13 of bytes, given the sum of the nine plus four times the centre (≤ 3315). Pillow adds 0.5 and
// truncates in float32; sum/13 + 1/2 is never closer than 1/26 to an integer and the float sum is never further than 1e-3 from it, so that
// is (sum + 6) div 13. 5042 = ⌈2^16/13⌉ divides numbers below 6564 exactly.
QUERN_SHARED uint16_t smooth_of(uint16_t sum) {
  return static_cast<uint16_t>(static_cast<uint32_t>(static_cast<uint16_t>(sum + 6)) * 5042u >> 16);
}

// The grey level that the contrast op blends with.
QUERN_SHARED int32_t contrast_level(int64_t grey_sum, int64_t pixels) {
  return static_cast<int32_t>(static_cast<double>(grey_sum) / static_cast<double>(pixels) + 0.5);
}

// ---- tables: the image of every byte

QUERN_SHARED int32_t solarized(int32_t v, double threshold) { return static_cast<double>(v) < threshold ? v : 255 - v; }

QUERN_SHARED void solarize_table(double threshold, uint8_t* table) {
  for (int32_t v = 0; v < 256; v++) table[v] = static_cast<uint8_t>(solarized(v, threshold));
}

QUERN_SHARED int32_t posterized(int32_t v, int32_t bits) { return v & ~((1 << (8 - bits)) - 1); }

QUERN_SHARED void posterize_table(int32_t bits, uint8_t* table) {
  for (int32_t v = 0; v < 256; v++) table[v] = static_cast<uint8_t>(posterized(v, bits));
}

QUERN_SHARED void blend_table(int32_t degenerate, float factor, uint8_t* table) {
  for (int32_t v = 0; v < 256; v++) table[v] = static_cast<uint8_t>(blend_of(degenerate, v, factor));
}

// v·scale + offset, for a channel's extreme values.
struct Stretch {
  double scale, offset;
};

QUERN_SHARED Stretch stretch_of(int32_t lowest, int32_t highest) {
  if (highest <= lowest) return {1.0, 0.0};
  const double scale = 255.0 / (highest - lowest);
  return {scale, -lowest * scale};
}

QUERN_SHARED int32_t stretched(int32_t v, Stretch by) {
  const int32_t level = static_cast<int32_t>(v * by.scale + by.offset);
  return level < 0 ? 0 : level > 255 ? 255 : level;
}

QUERN_SHARED void auto_contrast_table(int32_t lowest, int32_t highest, uint8_t* table) {
  const Stretch by = stretch_of(lowest, highest);
  for (int32_t v = 0; v < 256; v++) table[v] = static_cast<uint8_t>(stretched(v, by));
}

// The pixels a level holds after equalising; last: those of the highest value that occurs.
QUERN_SHARED int32_t equalize_step(int32_t total, int32_t last) { return (total - last) / 255; }

// below: half a step and the pixels of lower values. below div step: a quotient of such integers is never rounded up to the next one.
QUERN_SHARED int32_t equalized(int32_t v, int32_t below, int32_t step) {
  const double level = step == 0 ? v : below / static_cast<double>(step);
  return static_cast<int32_t>(level < 255.0 ? level : 255.0);
}

// histogram: counts of at most 2^28 pixels.
QUERN_SHARED void equalize_table(const uint32_t* histogram, uint8_t* table) {
  int32_t total = 0, last = 0;
  for (int32_t v = 0; v < 256; v++) {
    const int32_t count = static_cast<int32_t>(histogram[v]);
    total += count;
    last = count != 0 ? count : last;
  }
  const int32_t step = equalize_step(total, last);
  int32_t below[256], sum = step / 2;
  for (int32_t v = 0; v < 256; v++) {
    below[v] = sum;
    sum += static_cast<int32_t>(histogram[v]);
  }
  for (int32_t v = 0; v < 256; v++) table[v] = static_cast<uint8_t>(equalized(v, below[v], step));
}

// ---- sine and cosine, the same bits on every machine

// The unevaluated sum of two doubles.
struct Twofold {
  double hi, lo;
};

QUERN_SHARED Twofold two_sum(double a, double b) {
  const double s = a + b, t = s - a;
  return {s, (a - (s - t)) + (b - t)};
}

QUERN_SHARED Twofold twofold_add(Twofold a, Twofold b) {
  const Twofold s = two_sum(a.hi, b.hi);
  return two_sum(s.hi, s.lo + (a.lo + b.lo));
}

QUERN_SHARED Twofold twofold_mul(Twofold a, Twofold b) {
  const double p = a.hi * b.hi;
  return two_sum(p, fma(a.hi, b.hi, -p) + (a.hi * b.lo + a.lo * b.hi));
}

// sin and cos of |t| ≤ π/4 given as a twofold, Taylor series with its first terms in twofold arithmetic: error below 1e-20.
QUERN_SHARED double sin_taylor(Twofold t) {
  const Twofold u = twofold_mul(t, t);
  const double tail =
      -1.0 / 5040 + u.hi * (1.0 / 362880 +
                            u.hi * (-1.0 / 39916800 +
                                    u.hi * (1.0 / 6227020800 + u.hi * (-1.0 / 1307674368000 + u.hi * (1.0 / 355687428096000)))));
  Twofold p = twofold_add({1.0 / 120, 1.1564823173178714e-19}, twofold_mul(u, {tail, 0.0}));
  p = twofold_add({-1.0 / 6, -9.25185853854297e-18}, twofold_mul(u, p));
  return twofold_add(t, twofold_mul(t, twofold_mul(u, p))).hi;
}

QUERN_SHARED double cos_taylor(Twofold t) {
  const Twofold u = twofold_mul(t, t);
  const double tail =
      -1.0 / 720 + u.hi * (1.0 / 40320 +
                           u.hi * (-1.0 / 3628800 +
                                   u.hi * (1.0 / 479001600 + u.hi * (-1.0 / 87178291200 + u.hi * (1.0 / 20922789888000)))));
  Twofold p = twofold_add({1.0 / 24, 2.3129646346357427e-18}, twofold_mul(u, {tail, 0.0}));
  p = twofold_add({-0.5, 0.0}, twofold_mul(u, p));
  return twofold_add({1.0, 0.0}, twofold_mul(u, p)).hi;
}

// |r| ≤ 2π.
QUERN_SHARED void sine_cosine(double r, double* sine, double* cosine) {
  const double quarters = rint(r * 0.63661977236758134);
  const Twofold half_pi = {1.5707963267948966, 6.123233995736766e-17};
  const Twofold t = twofold_add({r, 0.0}, twofold_mul({-quarters, 0.0}, half_pi));
  const double s = sin_taylor(t), c = cos_taylor(t);
  const int32_t quadrant = static_cast<int32_t>(quarters) & 3;
  *sine = quadrant == 0 ? s : quadrant == 1 ? c : quadrant == 2 ? -s : -c;
  *cosine = quadrant == 0 ? c : quadrant == 1 ? -s : quadrant == 2 ? -c : s;
}

// x in [-1, 1] to 15 decimals, ties of the exact binary value to even, as Python's round.
QUERN_SHARED double round_15(double x) {
  const double scaled = x * 1e15;
  const double lost = fma(x, 1e15, -scaled);
  double whole = rint(scaled);
  const double left = scaled - whole;
  if (left == 0.5 && lost > 0) whole += 1.0;
  if (left == -0.5 && lost < 0) whole -= 1.0;
  return whole / 1e15;
}

// ---- geometry

// Maps the centre of an output pixel to the source: u = a·(x+½) + b·(y+½) + c, v = d·(x+½) + e·(y+½) + f.
struct Affine {
  double a, b, c, d, e, f;
};

// Rotation about the centre, degrees counter-clockwise.
QUERN_SHARED Affine rotation(double degrees, int64_t height, int64_t width) {
  double turn = fmod(degrees, 360.0);
  if (turn < 0) turn += 360.0;
  double sine, cosine;
  sine_cosine(-(turn * 0.017453292519943295), &sine, &cosine);
  Affine m = {round_15(cosine), round_15(sine), 0.0, round_15(-sine), round_15(cosine), 0.0};
  const double cx = static_cast<double>(width) / 2, cy = static_cast<double>(height) / 2;
  m.c = (m.a * -cx + m.b * -cy) + cx;
  m.f = (m.d * -cx + m.e * -cy) + cy;
  return m;
}

// Index of a coordinate: truncated if 0 ≤ v < size, otherwise −1, so NaN, infinities and huge values are outside.
QUERN_SHARED int64_t pixel_index(double v, int64_t size) { return v >= 0.0 && v < static_cast<double>(size) ? static_cast<int64_t>(v) : -1; }

QUERN_SHARED int32_t corner_fits(Affine m, double x, double y) {
  return fabs(x * m.a + y * m.b + m.c) < 32768.0 && fabs(x * m.d + y * m.e + m.f) < 32768.0;
}

// Whether Pillow samples this map in 16.16 fixed point (otherwise it steps in doubles).
QUERN_SHARED int32_t fits_fixed_point(Affine m, int64_t height, int64_t width) {
  const double w = static_cast<double>(width), h = static_cast<double>(height);
  return corner_fits(m, 0, 0) && corner_fits(m, w, h) && corner_fits(m, 0, h) && corner_fits(m, w, 0);
}

// The map in 16.16: the source of output pixel (x, y) is ((a·x + b·y + c) >> 16, (d·x + e·y + f) >> 16).
struct FixedAffine {
  int64_t a, b, c, d, e, f;
};

QUERN_SHARED int64_t fixed_16(double v) { return static_cast<int64_t>(floor(v * 65536.0 + 0.5)); }

QUERN_SHARED FixedAffine fixed_affine(Affine m) {
  return {fixed_16(m.a), fixed_16(m.b), fixed_16(m.c + m.a * 0.5 + m.b * 0.5),
          fixed_16(m.d), fixed_16(m.e), fixed_16(m.f + m.d * 0.5 + m.e * 0.5)};
}

// Bilinear sampling in float64, for a double or a vector of doubles.

// A sample at u lies between the pixels low and low + 1 of an axis, the second weighted with weight. Before the first centre the weight is 0;
// at and behind the last one low is last: given as size − 1 the weight is 0 there, given as size − 2 it is 1 (the same result if the two
// values mixed are integers). Any u, NaN too, gives 0 ≤ low ≤ last.
template <class Real>
QUERN_SHARED void bilinear_axis(Real u, int64_t size, int64_t last, Real* low, Real* weight) {
  const Real zero = {}, one = zero + 1.0, most = zero + static_cast<double>(size - 1), limit = zero + static_cast<double>(last);
  Real centre = u - 0.5;
  centre = centre > zero ? centre : zero;
  centre = centre < most ? centre : most;
  const Real nearest = (centre + 4503599627370496.0) - 4503599627370496.0;  // 2^52: no bits left for a fraction
  const Real below = nearest - (nearest > centre ? one : zero);
  *low = below < limit ? below : limit;
  *weight = centre - *low;
}

// To be truncated.
template <class Real>
QUERN_SHARED Real bilinear_of(Real p00, Real p01, Real p10, Real p11, Real dx, Real dy) {
  const Real upper = p00 + (p01 - p00) * dx;
  const Real lower = p10 + (p11 - p10) * dx;
  return upper + (lower - upper) * dy;
}

// Reflection without repeating the border, for −size < i < 2·size − 1.
QUERN_SHARED int64_t reflected(int64_t i, int64_t size) { return i < 0 ? -i : i >= size ? 2 * size - 2 - i : i; }

}  // namespace quern
