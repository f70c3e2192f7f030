// One op of a chain, made ready for pixels to be asked for one by one: each is computed from the op's source when it is needed, so that the
// last op of a chain needs no image to lie in.
#pragma once

#include "augment_ops.h"
#include "augment_plan.hpp"
#include "device.cuh"
#include "stepped.cuh"

namespace quern::cuda::augment {

// Red, green and blue from the lowest byte up.
using Pixel = uint32_t;
constexpr Pixel kBlack = 0;
constexpr Pixel kBlank = 1u << 24;  // a pixel that is 0 in the output's units

__device__ __forceinline__ Pixel pixel_of(int r, int g, int b) {
  return static_cast<Pixel>(r) | static_cast<Pixel>(g) << 8 | static_cast<Pixel>(b) << 16;
}
__device__ __forceinline__ int channel_of(Pixel p, int c) { return static_cast<int>(p >> (8 * c) & 255u); }

// Global memory with the accessors of shared memory.
class Global {
 public:
  __device__ explicit Global(uint8_t* data) : data_(data) {}
  __device__ uint8_t load(int64_t i) const { return data_[i]; }
  __device__ void store(int64_t i, uint8_t value) const { data_[i] = value; }
  __device__ Global from(int64_t i) const { return Global(data_ + i); }

 private:
  uint8_t* data_;
};

// An image as it was given, or what an op left.
template <class Scratch, quern_resample R>
struct Image {
  static constexpr quern_resample kResample = R;
  const uint8_t* given;  // NULL: in scratch
  Scratch scratch;
  int height, width;

  __device__ int pixels() const { return height * width; }
  __device__ Pixel at(int i) const {
    if (given != nullptr) return pixel_of(__ldg(given + 3 * i), __ldg(given + 3 * i + 1), __ldg(given + 3 * i + 2));
    return pixel_of(scratch.load(3 * i), scratch.load(3 * i + 1), scratch.load(3 * i + 2));
  }
  __device__ Pixel at(int y, int x) const { return at(y * width + x); }
};

enum class Kind : int32_t { kCopy, kTable, kColor, kSharpness, kFixed, kStepped, kBilinear };

struct alignas(16) Stage {
  Kind kind;
  float factor;
  union {
    Affine map;
    FixedAffine fixed;
  };
};

struct Range {
  int begin, end;

  __device__ bool holds(int i) const { return i >= begin && i < end; }
};

// Where a sample's output pixels come from.
struct Placement {
  int crop_y, crop_x, mirrored;
  Range cut_rows, cut_columns;
};

// A block's shared memory beside the scratch images.
struct Desk {
  Shared<Stage> stage;
  Shared<Placement> placement;  // of the sample, not in the registers of every thread
  Shared<unsigned> counts, totals;  // [3][256]
  Shared<uint8_t> table;            // [3][256]
  Shared<int> level;
};
constexpr size_t kDeskBytes = sizeof(Stage) + sizeof(Placement) + kTables * (2 * sizeof(unsigned) + 1) + 64;

// ---- geometry

// A number of 16 binary places at most, small enough that sums of steps are exact.
__device__ inline bool is_on_grid(double v) { return fabs(v) < 1073741824.0 && v * 65536.0 == floor(v * 65536.0); }

__device__ inline Stage geometric_stage(int32_t op, double value, quern_resample resample, int height, int width) {
  Stage s{Kind::kBilinear, 0, {}};
  s.map = affine_of(op, value, height, width);
  if (resample == QUERN_BILINEAR) return s;
  const Affine m = s.map;
  const double column = m.c + m.a * 0.5, row = m.f + m.e * 0.5;
  s.kind = Kind::kStepped;
  if (m.b == 0 && m.d == 0) {
    if (is_on_grid(m.a) && is_on_grid(m.e) && is_on_grid(column) && is_on_grid(row)) {
      s.kind = Kind::kFixed;
      s.fixed = {fixed_16(m.a), 0, fixed_16(column), 0, fixed_16(m.e), fixed_16(row)};
    }
  } else if (fits_fixed_point(m, height, width)) {
    s.kind = Kind::kFixed;
    s.fixed = fixed_affine(m);
  }
  return s;
}

template <class Source>
__device__ __forceinline__ Pixel sampled_fixed(const FixedAffine& m, const Source& image, int y, int x) {
  const int64_t column = (m.c + y * m.b + x * m.a) >> 16;
  if (column < 0 || column >= image.width) return kBlack;
  const int64_t row = (m.f + y * m.e + x * m.d) >> 16;
  if (row < 0 || row >= image.height) return kBlack;
  return image.at(static_cast<int>(row), static_cast<int>(column));
}

// The pixel of the source that pixel (y, x) shows, −1: none.
QUERN_RARE __device__ inline int stepped_source(Shared<Stage> stage, int height, int width, int y, int x) {
  const Affine m = stage.load(0).map;
  const int64_t column = pixel_index(stepped(stepped(m.c + m.b * 0.5 + m.a * 0.5, m.b, y), m.a, x), width);
  if (column < 0) return -1;
  const int64_t row = pixel_index(stepped(stepped(m.f + m.e * 0.5 + m.d * 0.5, m.e, y), m.d, x), height);
  return row < 0 ? -1 : static_cast<int>(row * width + column);
}

template <class Source>
__device__ __forceinline__ Pixel sampled_bilinear(const Affine& m, const Source& image, int y, int x) {
  const double cx = static_cast<double>(x) + 0.5, cy = static_cast<double>(y) + 0.5;
  const double u = m.a * cx + m.b * cy + m.c, v = m.d * cx + m.e * cy + m.f;
  if (!(u >= 0.0 && u < static_cast<double>(image.width) && v >= 0.0 && v < static_cast<double>(image.height))) return kBlack;
  double left, top, dx, dy;
  bilinear_axis(u, image.width, image.width > 1 ? image.width - 2 : 0, &left, &dx);
  bilinear_axis(v, image.height, image.height - 1, &top, &dy);
  const int x0 = static_cast<int>(left), y0 = static_cast<int>(top);
  const int x1 = x0 + 1 < image.width ? x0 + 1 : x0, y1 = y0 + 1 < image.height ? y0 + 1 : y0;
  const Pixel p00 = image.at(y0, x0), p01 = image.at(y0, x1), p10 = image.at(y1, x0), p11 = image.at(y1, x1);
  int mixed[3];
#pragma unroll
  for (int c = 0; c < 3; c++) {
    mixed[c] = static_cast<int>(bilinear_of<double>(channel_of(p00, c), channel_of(p01, c), channel_of(p10, c), channel_of(p11, c), dx, dy));
  }
  return pixel_of(mixed[0], mixed[1], mixed[2]);
}

// ---- colour

__device__ __forceinline__ Pixel colored(Pixel p, float factor) {
  const int grey = grey_of(channel_of(p, 0), channel_of(p, 1), channel_of(p, 2));
  return pixel_of(blend_of(grey, channel_of(p, 0), factor), blend_of(grey, channel_of(p, 1), factor), blend_of(grey, channel_of(p, 2), factor));
}

// The border of one pixel, and images smaller than the filter, stay as they are.
template <class Source>
__device__ inline Pixel sharpened(const Source& image, float factor, int y, int x) {
  const Pixel centre = image.at(y, x);
  if (y == 0 || x == 0 || y >= image.height - 1 || x >= image.width - 1) return centre;
  int sum[3] = {4 * channel_of(centre, 0), 4 * channel_of(centre, 1), 4 * channel_of(centre, 2)};
#pragma unroll 3
  for (int k = 0; k < 9; k++) {
    const Pixel p = image.at(y + k / 3 - 1, x + k % 3 - 1);
#pragma unroll
    for (int c = 0; c < 3; c++) sum[c] += channel_of(p, c);
  }
#pragma unroll
  for (int c = 0; c < 3; c++) sum[c] = blend_of(smooth_of(static_cast<uint16_t>(sum[c])), channel_of(centre, c), factor);
  return pixel_of(sum[0], sum[1], sum[2]);
}

// The pixel that desk's stage makes of its source.
template <class Source>
__device__ inline Pixel pixel_at(const Desk& desk, const Source& image, int y, int x) {
  switch (desk.stage.load(0).kind) {
    case Kind::kTable: {
      const Pixel p = image.at(y, x);
      return pixel_of(desk.table.load(channel_of(p, 0)), desk.table.load(256 + channel_of(p, 1)), desk.table.load(512 + channel_of(p, 2)));
    }
    case Kind::kColor:
      return colored(image.at(y, x), desk.stage.load(0).factor);
    case Kind::kSharpness:
      return sharpened(image, desk.stage.load(0).factor, y, x);
    case Kind::kCopy:
      return image.at(y, x);
    case Kind::kFixed:
      if constexpr (Source::kResample == QUERN_NEAREST) return sampled_fixed(desk.stage.load(0).fixed, image, y, x);
      return kBlack;
    default:
      if constexpr (Source::kResample == QUERN_NEAREST) {
        const int source = stepped_source(desk.stage, image.height, image.width, y, x);
        return source < 0 ? kBlack : image.at(source);
      }
      return sampled_bilinear(desk.stage.load(0).map, image, y, x);
  }
}

}  // namespace quern::cuda::augment
