// The geometric ops of fused augment: an image sampled along an affine map, black outside.
//
// Nearest neighbour walks 16.16 fixed-point coordinates; the pixels of a row whose source lies inside are one interval, found by division,
// so that the walk itself has no bounds to check. Rows that only shift are copied whole.
#pragma once

#include "augment_bytes-inl.hpp"
#include "augment_colour-inl.hpp"

namespace quern::QUERN_TIER::imaging {

inline void black(uint8_t* row, int64_t from, int64_t to) { std::memset(row + 3 * from, 0, static_cast<size_t>(3 * (to - from))); }

inline void copy_pixels(const uint8_t* source, int64_t pixels, uint8_t* target) {
  std::memcpy(target, source, static_cast<size_t>(3 * pixels));
}

// ---- nearest, no mixed terms: columns and rows map on their own. columns: width entries of scratch.

inline void sample_separable(const uint8_t* source, ImageSize size, const Affine& m, int32_t* columns, uint8_t* target) {
  int64_t begin = size.width, end = 0;
  bool shifts = true;
  double u = m.c + m.a * 0.5, v = m.f + m.e * 0.5;
  for (int64_t x = 0; x < size.width; x++, u += m.a) {
    const int64_t column = pixel_index(u, size.width);
    columns[x] = static_cast<int32_t>(column);
    if (column < 0) continue;
    if (begin > x) begin = x;
    end = x + 1;
    shifts = shifts && column - x == columns[begin] - begin;
  }
  if (begin > end) begin = end;
  for (int64_t y = 0; y < size.height; y++, v += m.e) {
    uint8_t* out = target + 3 * y * size.width;
    const int64_t row = pixel_index(v, size.height);
    if (row < 0 || begin == end) {
      black(out, 0, size.width);
      continue;
    }
    const uint8_t* in = source + 3 * row * size.width;
    black(out, 0, begin);
    if (shifts) {
      copy_pixels(in + 3 * columns[begin], end - begin, out + 3 * begin);
    } else {
      for (int64_t x = begin; x < end; x++) copy_pixels(in + 3 * columns[x], 1, out + 3 * x);
    }
    black(out, end, size.width);
  }
}

// ---- nearest, 16.16

struct Interval {
  int64_t begin, end;
};

inline int64_t divide_up(int64_t a, int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

// The x in [0, width) with 0 ≤ start + x·step < limit.
inline Interval inside(int64_t start, int64_t step, int64_t limit, int64_t width) {
  if (step == 0) return start >= 0 && start < limit ? Interval{0, width} : Interval{0, 0};
  const int64_t first = step > 0 ? divide_up(-start, step) : divide_up(start - limit + 1, -step);
  const int64_t beyond = step > 0 ? divide_up(limit - start, step) : divide_up(start + 1, -step);
  const int64_t begin = first < 0 ? 0 : first, end = beyond > width ? width : beyond;
  return begin < end ? Interval{begin, end} : Interval{0, 0};
}

inline Interval common(Interval a, Interval b) {
  const Interval both = {a.begin > b.begin ? a.begin : b.begin, a.end < b.end ? a.end : b.end};
  return both.begin < both.end ? both : Interval{0, 0};
}

// Pixels [begin, end) of a row. Whole pixels move as four bytes: the fourth lies in the next pixel, which comes later, or in the margin
// of the target; only in the last row of the source may it lie beyond the image, and there three are read.
inline void walk_row(const uint8_t* source, ImageSize size, const FixedAffine& m, int64_t u, int64_t v, Interval x, uint8_t* out) {
  const int64_t stride = 3 * size.width;
  const int64_t bottom = (m.d > 0 ? v + (x.end - 1) * m.d : v + x.begin * m.d) >> 16;
  u += x.begin * m.a;
  v += x.begin * m.d;
  out += 3 * x.begin;
  if (bottom == size.height - 1) {
    for (int64_t n = x.end - x.begin; n > 0; n--, u += m.a, v += m.d, out += 3) copy_pixels(source + (v >> 16) * stride + 3 * (u >> 16), 1, out);
    return;
  }
  for (int64_t n = x.end - x.begin; n > 0; n--, u += m.a, v += m.d, out += 3) {
    std::memcpy(out, source + (v >> 16) * stride + 3 * (u >> 16), 4);
  }
}

inline void sample_fixed(const uint8_t* source, ImageSize size, const FixedAffine& m, uint8_t* target) {
  const int64_t stride = 3 * size.width;
  int64_t u = m.c, v = m.f;
  for (int64_t y = 0; y < size.height; y++, u += m.b, v += m.e) {
    uint8_t* out = target + y * stride;
    const Interval x = common(inside(u, m.a, size.width << 16, size.width), inside(v, m.d, size.height << 16, size.width));
    if (x.begin < x.end) {
      if (m.a == 65536 && m.d == 0) {
        copy_pixels(source + (v >> 16) * stride + 3 * (x.begin + (u >> 16)), x.end - x.begin, out + 3 * x.begin);
      } else {
        walk_row(source, size, m, u, v, x, out);
      }
    }
    black(out, 0, x.begin);
    black(out, x.end, size.width);
  }
}

// ---- nearest, coordinates too large for 16.16

inline void sample_in_doubles(const uint8_t* source, ImageSize size, const Affine& m, uint8_t* target) {
  double row_u = m.c + m.b * 0.5 + m.a * 0.5, row_v = m.f + m.e * 0.5 + m.d * 0.5;
  for (int64_t y = 0; y < size.height; y++, row_u += m.b, row_v += m.e) {
    double u = row_u, v = row_v;
    uint8_t* out = target + 3 * y * size.width;
    for (int64_t x = 0; x < size.width; x++, u += m.a, v += m.d) {
      const int64_t column = pixel_index(u, size.width), row = pixel_index(v, size.height);
      if (column < 0 || row < 0) {
        black(out, x, x + 1);
      } else {
        copy_pixels(source + 3 * (row * size.width + column), 1, out + 3 * x);
      }
    }
  }
}

// ---- bilinear, 32 output pixels at a time: coordinates, then the pixels around each, then the weighting. In the compiler's own vectors, of
// the width of the tier.

#if defined(__AVX512F__)
constexpr int kGroup = 8;
#elif defined(__AVX2__)
constexpr int kGroup = 4;
#else
constexpr int kGroup = 2;
#endif
typedef double Doubles __attribute__((vector_size(8 * kGroup)));
typedef int64_t Longs __attribute__((vector_size(8 * kGroup)));
typedef int32_t Ints __attribute__((vector_size(4 * kGroup)));
constexpr int kGroups = 32 / kGroup;
constexpr int kSites = kGroup * kGroups;

struct Sites {
  Doubles dx[kGroups], dy[kGroups];
  Ints offset[kGroups];  // of the upper left pixel in bytes
  Ints shown[kGroups];   // all ones, or 0 outside the image
};

inline void find_sites(const Affine& m, ImageSize size, double x, double y, Sites& s) {
  const double width = static_cast<double>(size.width), height = static_cast<double>(size.height);
  Doubles lane = {};
  for (int i = 0; i < kGroup; i++) lane[i] = i;
  for (int g = 0; g < kGroups; g++) {
    const Doubles cx = x + static_cast<double>(kGroup * g) + lane;
    const Doubles u = m.a * cx + m.b * y + m.c, v = m.d * cx + m.e * y + m.f;
    Doubles left, top;
    bilinear_axis(u, size.width, size.width > 1 ? size.width - 2 : 0, &left, &s.dx[g]);
    bilinear_axis(v, size.height, size.height - 1, &top, &s.dy[g]);
    s.offset[g] = __builtin_convertvector(3.0 * (top * width + left), Ints);
    s.shown[g] = __builtin_convertvector((u >= 0.0) & (u < width) & (v >= 0.0) & (v < height), Ints);
  }
}

// The two upper and the two lower pixels of every site, as the low six bytes; anything where their weight is 0. total: bytes of the image,
// beyond which nothing is read.
inline void read_sites(const uint8_t* source, int64_t total, int64_t row, const Sites& s, int64_t* upper, int64_t* lower) {
  const int32_t* offset = reinterpret_cast<const int32_t*>(s.offset);
  Ints furthest = s.offset[0];
  for (const Ints& some : s.offset) furthest = furthest > some ? furthest : some;
  int64_t reach = 0;
  for (int i = 0; i < kGroup; i++) reach = furthest[i] > reach ? furthest[i] : reach;
  if (reach + row + 8 > total) {
    for (int i = 0; i < kSites; i++) {
      const int64_t left = total - offset[i];
      upper[i] = lower[i] = 0;
      std::memcpy(&upper[i], source + offset[i], static_cast<size_t>(least(8, left)));
      if (left > row) std::memcpy(&lower[i], source + offset[i] + row, static_cast<size_t>(least(8, left - row)));
    }
    return;
  }
  for (int i = 0; i < kSites; i++) std::memcpy(&upper[i], source + offset[i], 8);
  for (int i = 0; i < kSites; i++) std::memcpy(&lower[i], source + offset[i] + row, 8);
}

// The byte at shift of every lane as a double: placed below the exponent of 2^52, which is then taken away.
inline Doubles byte_at(Longs pixels, int shift) {
  const Longs bits = (pixels >> shift & 255) | 0x4330000000000000;
  return (Doubles)bits - 4503599627370496.0;
}

inline void weight_sites(const Sites& s, const Longs* upper, const Longs* lower, Ints* mixed) {
  for (int g = 0; g < kGroups; g++) {
    Ints pixel = {};
    for (int shift = 0; shift < 24; shift += 8) {
      const Doubles value = bilinear_of(byte_at(upper[g], shift), byte_at(upper[g], 24 + shift), byte_at(lower[g], shift),
                                        byte_at(lower[g], 24 + shift), s.dx[g], s.dy[g]);
      pixel |= __builtin_convertvector(value, Ints) << shift;
    }
    mixed[g] = pixel & s.shown[g];
  }
}

inline void sample_bilinear(const uint8_t* source, ImageSize size, const Affine& m, uint8_t* target) {
  Sites sites;
  Longs upper[kGroups], lower[kGroups];
  Ints mixed[kGroups];
  uint8_t* out = target;
  for (int64_t y = 0; y < size.height; y++) {
    for (int64_t x = 0; x < size.width; x += kSites) {
      find_sites(m, size, static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5, sites);
      read_sites(source, 3 * size.pixels(), 3 * size.width, sites, reinterpret_cast<int64_t*>(upper), reinterpret_cast<int64_t*>(lower));
      weight_sites(sites, upper, lower, mixed);
      const uint8_t* from = reinterpret_cast<const uint8_t*>(mixed);
      for (int64_t i = least(kSites, size.width - x); i > 0; i--, from += 4, out += 3) std::memcpy(out, from, 4);
    }
  }
}

// target has a margin of a byte behind the image. columns: width entries of scratch.
inline void sample(const uint8_t* source, ImageSize size, const Affine& m, int32_t resample, int32_t* columns, uint8_t* target) {
  if (resample == QUERN_BILINEAR) return sample_bilinear(source, size, m, target);
  if (m.b == 0 && m.d == 0) return sample_separable(source, size, m, columns, target);
  if (fits_fixed_point(m, size.height, size.width)) return sample_fixed(source, size, fixed_affine(m), target);
  sample_in_doubles(source, size, m, target);
}

}  // namespace quern::QUERN_TIER::imaging
