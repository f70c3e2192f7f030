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

// ---- bilinear

inline void sample_bilinear(const uint8_t* source, ImageSize size, const Affine& m, uint8_t* target) {
  BilinearSite s;
  for (int64_t y = 0; y < size.height; y++) {
    uint8_t* out = target + 3 * y * size.width;
    const double cy = static_cast<double>(y) + 0.5;
    for (int64_t x = 0; x < size.width; x++) {
      const double cx = static_cast<double>(x) + 0.5;
      if (!bilinear_site(m.a * cx + m.b * cy + m.c, m.d * cx + m.e * cy + m.f, size.height, size.width, &s)) {
        black(out, x, x + 1);
        continue;
      }
      const uint8_t *upper = source + 3 * s.y0 * size.width, *lower = source + 3 * s.y1 * size.width;
      for (int64_t c = 0; c < 3; c++) {
        out[3 * x + c] = static_cast<uint8_t>(
            bilinear_of(upper[3 * s.x0 + c], upper[3 * s.x1 + c], lower[3 * s.x0 + c], lower[3 * s.x1 + c], s.dx, s.dy));
      }
    }
  }
}

// ---- ops

inline Affine affine_of(int32_t op, double value, ImageSize size) {
  switch (op) {
    case QUERN_OP_ROTATE:
      return rotation(value, size.height, size.width);
    case QUERN_OP_SHEAR_X:
      return {1, value, 0, 0, 1, 0};
    case QUERN_OP_SHEAR_Y:
      return {1, 0, 0, value, 1, 0};
    case QUERN_OP_TRANSLATE_X:
      return {1, 0, value, 0, 1, 0};
    default:
      return {1, 0, 0, 0, 1, value};
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
