// What Pillow computes, in the plainest code there is: one function per op, one pixel at a time, Pillow's own branches and libm.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "quern/quern.h"

namespace quern::test {

struct Image {
  int64_t height, width;
  std::vector<uint8_t> bytes;

  Image(int64_t h, int64_t w) : height(h), width(w), bytes(static_cast<size_t>(3 * h * w)) {}
  uint8_t& at(int64_t y, int64_t x, int64_t c) { return bytes[static_cast<size_t>(3 * (y * width + x) + c)]; }
  uint8_t at(int64_t y, int64_t x, int64_t c) const { return bytes[static_cast<size_t>(3 * (y * width + x) + c)]; }
};

template <class Pixel>
Image each_byte(int64_t height, int64_t width, const Pixel& pixel) {
  Image out(height, width);
  for (int64_t y = 0; y < height; y++) {
    for (int64_t x = 0; x < width; x++) {
      for (int64_t c = 0; c < 3; c++) out.at(y, x, c) = static_cast<uint8_t>(pixel(y, x, c));
    }
  }
  return out;
}

inline int clip(long v) { return static_cast<int>(v < 0 ? 0 : v > 255 ? 255 : v); }

inline Image oracle_auto_contrast(const Image& in) {
  int low[3] = {255, 255, 255}, high[3] = {0, 0, 0};
  for (size_t i = 0; i < in.bytes.size(); i++) {
    low[i % 3] = std::min<int>(low[i % 3], in.bytes[i]);
    high[i % 3] = std::max<int>(high[i % 3], in.bytes[i]);
  }
  return each_byte(in.height, in.width, [&](int64_t y, int64_t x, int64_t c) -> int {
    if (high[c] <= low[c]) return in.at(y, x, c);
    const double scale = 255.0 / (high[c] - low[c]), offset = -low[c] * scale;
    return clip(static_cast<long>(in.at(y, x, c) * scale + offset));
  });
}

inline Image oracle_equalize(const Image& in) {
  std::vector<int> tables[3];
  for (size_t c = 0; c < 3; c++) {
    std::vector<long> histogram(256, 0), filled;
    for (size_t i = c; i < in.bytes.size(); i += 3) histogram[in.bytes[i]]++;
    for (long count : histogram) {
      if (count != 0) filled.push_back(count);
    }
    const long step = filled.size() <= 1 ? 0 : (in.height * in.width - filled.back()) / 255;
    long n = step / 2;
    for (int v = 0; v < 256; v++) {
      tables[c].push_back(step == 0 ? v : clip(n / step));
      n += histogram[static_cast<size_t>(v)];
    }
  }
  return each_byte(in.height, in.width, [&](int64_t y, int64_t x, int64_t c) { return tables[c][in.at(y, x, c)]; });
}

inline int oracle_grey(const Image& in, int64_t y, int64_t x) {
  return (in.at(y, x, 0) * 19595 + in.at(y, x, 1) * 38470 + in.at(y, x, 2) * 7471 + 0x8000) >> 16;
}

inline Image oracle_blend(const Image& degenerate, const Image& in, double factor) {
  const float alpha = static_cast<float>(factor);
  if (alpha == 0.0f) return degenerate;
  if (alpha == 1.0f) return in;
  return each_byte(in.height, in.width, [&](int64_t y, int64_t x, int64_t c) -> int {
    const int from = degenerate.at(y, x, c), to = in.at(y, x, c);
    const volatile float product = alpha * static_cast<float>(to - from);
    const volatile float sum = static_cast<float>(from) + product;
    return sum <= 0.0f ? 0 : sum >= 255.0f ? 255 : static_cast<int>(sum);
  });
}

inline Image oracle_contrast(const Image& in, double factor) {
  double sum = 0;
  for (int64_t y = 0; y < in.height; y++) {
    for (int64_t x = 0; x < in.width; x++) sum += oracle_grey(in, y, x);
  }
  const int mean = static_cast<int>(sum / static_cast<double>(in.height * in.width) + 0.5);
  return oracle_blend(each_byte(in.height, in.width, [&](int64_t, int64_t, int64_t) { return mean; }), in, factor);
}

// In float32 and in Pillow's order: row below, own row, row above.
inline Image oracle_smooth(const Image& in) {
  if (in.height < 3 || in.width < 3) return in;
  const float k1 = 1.0f / 13.0f, k5 = 5.0f / 13.0f;
  auto row = [&](int64_t y, int64_t x, int64_t c, float middle) {
    const volatile float left = static_cast<float>(in.at(y, x - 1, c)) * k1, own = static_cast<float>(in.at(y, x, c)) * middle;
    const volatile float right = static_cast<float>(in.at(y, x + 1, c)) * k1, first = left + own;
    return first + right;
  };
  return each_byte(in.height, in.width, [&](int64_t y, int64_t x, int64_t c) -> int {
    if (y == 0 || x == 0 || y == in.height - 1 || x == in.width - 1) return in.at(y, x, c);
    volatile float sum = 0.5f;
    sum = sum + row(y + 1, x, c, k1);
    sum = sum + row(y, x, c, k5);
    sum = sum + row(y - 1, x, c, k1);
    return sum <= 0.0f ? 0 : sum >= 255.0f ? 255 : static_cast<int>(sum);
  });
}

struct Matrix {
  double a, b, c, d, e, f;
};

inline long oracle_index(double v, int64_t size) { return v >= 0 && v < static_cast<double>(size) ? static_cast<long>(v) : -1; }

// xs and ys: source column and row of an output pixel, −1 outside.
template <class Source>
Image oracle_gather(const Image& in, const Source& source) {
  return each_byte(in.height, in.width, [&](int64_t y, int64_t x, int64_t c) -> int {
    long column = -1, row = -1;
    source(y, x, column, row);
    return column < 0 || row < 0 || column >= in.width || row >= in.height ? 0 : in.at(row, column, c);
  });
}

inline Image oracle_nearest(const Image& in, const Matrix& m) {
  const double w = static_cast<double>(in.width), h = static_cast<double>(in.height);
  if (m.b == 0 && m.d == 0) {
    std::vector<long> columns, rows;
    double u = m.c + m.a * 0.5, v = m.f + m.e * 0.5;
    for (int64_t x = 0; x < in.width; x++, u += m.a) columns.push_back(oracle_index(u, in.width));
    for (int64_t y = 0; y < in.height; y++, v += m.e) rows.push_back(oracle_index(v, in.height));
    return oracle_gather(in, [&](int64_t y, int64_t x, long& column, long& row) {
      column = columns[static_cast<size_t>(x)];
      row = rows[static_cast<size_t>(y)];
    });
  }
  auto fits = [&](double x, double y) { return std::fabs(x * m.a + y * m.b + m.c) < 32768 && std::fabs(x * m.d + y * m.e + m.f) < 32768; };
  if (fits(0, 0) && fits(w, h) && fits(0, h) && fits(w, 0)) {
    auto fix = [](double v) { return static_cast<long>(std::floor(v * 65536 + 0.5)); };
    const long a = fix(m.a), b = fix(m.b), c = fix(m.c + m.a * 0.5 + m.b * 0.5), d = fix(m.d), e = fix(m.e), f = fix(m.f + m.d * 0.5 + m.e * 0.5);
    return oracle_gather(in, [&](int64_t y, int64_t x, long& column, long& row) {
      column = (c + y * b + x * a) >> 16;
      row = (f + y * e + x * d) >> 16;
    });
  }
  std::vector<double> u, v;
  double row_u = m.c + m.b * 0.5 + m.a * 0.5, row_v = m.f + m.e * 0.5 + m.d * 0.5;
  for (int64_t y = 0; y < in.height; y++, row_u += m.b, row_v += m.e) {
    double pixel_u = row_u, pixel_v = row_v;
    for (int64_t x = 0; x < in.width; x++, pixel_u += m.a, pixel_v += m.d) {
      u.push_back(pixel_u);
      v.push_back(pixel_v);
    }
  }
  return oracle_gather(in, [&](int64_t y, int64_t x, long& column, long& row) {
    column = oracle_index(u[static_cast<size_t>(y * in.width + x)], in.width);
    row = oracle_index(v[static_cast<size_t>(y * in.width + x)], in.height);
  });
}

inline Image oracle_bilinear(const Image& in, const Matrix& m) {
  return each_byte(in.height, in.width, [&](int64_t y, int64_t x, int64_t c) -> int {
    const double px = static_cast<double>(x) + 0.5, py = static_cast<double>(y) + 0.5;
    double u = m.a * px + m.b * py + m.c, v = m.d * px + m.e * py + m.f;
    if (!(u >= 0 && u < static_cast<double>(in.width) && v >= 0 && v < static_cast<double>(in.height))) return 0;
    u -= 0.5;
    v -= 0.5;
    const int64_t left = static_cast<int64_t>(std::floor(u)), top = static_cast<int64_t>(std::floor(v));
    const double dx = u - static_cast<double>(left), dy = v - static_cast<double>(top);
    auto across = [&](int64_t row) {
      const int p = in.at(row, std::clamp<int64_t>(left, 0, in.width - 1), c), q = in.at(row, std::clamp<int64_t>(left + 1, 0, in.width - 1), c);
      return p + (q - p) * dx;
    };
    const double upper = across(std::clamp<int64_t>(top, 0, in.height - 1));
    const double lower = top + 1 >= 0 && top + 1 < in.height ? across(top + 1) : upper;
    return static_cast<int>(upper + (lower - upper) * dy);
  });
}

// Python's round(v, 15): the decimal nearest to the exact value.
inline double oracle_round_15(double v) {
  char text[64];
  std::snprintf(text, sizeof text, "%.15f", v);
  return std::strtod(text, nullptr);
}

inline Matrix oracle_rotation(double angle, int64_t height, int64_t width) {
  const double r = -(angle * (3.14159265358979323846 / 180.0));
  const double cosine = oracle_round_15(std::cos(r)), sine = oracle_round_15(std::sin(r)), minus = oracle_round_15(-std::sin(r));
  const double cx = static_cast<double>(width) / 2, cy = static_cast<double>(height) / 2;
  return {cosine, sine, (cosine * -cx + sine * -cy + 0.0) + cx, minus, cosine, (minus * -cx + cosine * -cy + 0.0) + cy};
}

inline Image oracle_rotate(const Image& in, double degrees, int32_t resample) {
  double angle = std::fmod(degrees, 360.0);
  if (angle < 0) angle += 360.0;
  const int64_t h = in.height, w = in.width;
  if (angle == 0) return in;
  if (angle == 180) return each_byte(h, w, [&](int64_t y, int64_t x, int64_t c) { return in.at(h - 1 - y, w - 1 - x, c); });
  if (angle == 90 && h == w) return each_byte(h, w, [&](int64_t y, int64_t x, int64_t c) { return in.at(x, w - 1 - y, c); });
  if (angle == 270 && h == w) return each_byte(h, w, [&](int64_t y, int64_t x, int64_t c) { return in.at(h - 1 - x, y, c); });
  const Matrix m = oracle_rotation(angle, h, w);
  return resample == QUERN_BILINEAR ? oracle_bilinear(in, m) : oracle_nearest(in, m);
}

inline Image oracle_affine(const Image& in, const Matrix& m, int32_t resample) {
  return resample == QUERN_BILINEAR ? oracle_bilinear(in, m) : oracle_nearest(in, m);
}

inline Image oracle_op(const Image& in, int32_t op, double value, int32_t resample) {
  const int64_t h = in.height, w = in.width;
  switch (op) {
    case QUERN_OP_AUTO_CONTRAST:
      return oracle_auto_contrast(in);
    case QUERN_OP_EQUALIZE:
      return oracle_equalize(in);
    case QUERN_OP_ROTATE:
      return oracle_rotate(in, value, resample);
    case QUERN_OP_SOLARIZE:
      return each_byte(h, w, [&](int64_t y, int64_t x, int64_t c) { return in.at(y, x, c) < value ? in.at(y, x, c) : 255 - in.at(y, x, c); });
    case QUERN_OP_COLOR:
      return oracle_blend(each_byte(h, w, [&](int64_t y, int64_t x, int64_t) { return oracle_grey(in, y, x); }), in, value);
    case QUERN_OP_POSTERIZE:
      return each_byte(h, w, [&](int64_t y, int64_t x, int64_t c) { return in.at(y, x, c) >> (8 - static_cast<int>(value)) << (8 - static_cast<int>(value)); });
    case QUERN_OP_CONTRAST:
      return oracle_contrast(in, value);
    case QUERN_OP_BRIGHTNESS:
      return oracle_blend(Image(h, w), in, value);
    case QUERN_OP_SHARPNESS:
      return oracle_blend(oracle_smooth(in), in, value);
    case QUERN_OP_SHEAR_X:
      return oracle_affine(in, {1, value, 0, 0, 1, 0}, resample);
    case QUERN_OP_SHEAR_Y:
      return oracle_affine(in, {1, 0, 0, value, 1, 0}, resample);
    case QUERN_OP_TRANSLATE_X:
      return oracle_affine(in, {1, 0, value, 0, 1, 0}, resample);
    case QUERN_OP_TRANSLATE_Y:
      return oracle_affine(in, {1, 0, 0, 0, 1, value}, resample);
    case QUERN_OP_INVERT:
      return each_byte(h, w, [&](int64_t y, int64_t x, int64_t c) { return 255 - in.at(y, x, c); });
    default:
      return in;
  }
}

// Byte of the output at (y, x, c) after crop and mirror; −1 in the zero padding.
inline int oracle_placed(const Image& in, int64_t y, int64_t x, int64_t c, int64_t out_width, int64_t crop_y, int64_t crop_x, bool mirrored,
                         int32_t padding) {
  int64_t row = crop_y + y, column = crop_x + (mirrored ? out_width - 1 - x : x);
  if (padding == QUERN_PAD_REFLECT) {
    if (row < 0) row = -row;
    if (row >= in.height) row = 2 * (in.height - 1) - row;
    if (column < 0) column = -column;
    if (column >= in.width) column = 2 * (in.width - 1) - column;
  }
  return row < 0 || row >= in.height || column < 0 || column >= in.width ? -1 : in.at(row, column, c);
}

}  // namespace quern::test
