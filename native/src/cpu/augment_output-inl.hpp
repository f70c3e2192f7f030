// The way out of fused augment: crop with padding, mirror, normalise, lay out, cut out. Rows are taken straight from the image where nothing
// has to be padded; sixteen pixels at a time are split into planes (mirrored by the same shuffle), widened, scaled and stored.
#pragma once

#include "augment_bytes-inl.hpp"
#include "augment_colour-inl.hpp"
#include "augment_geometry-inl.hpp"

namespace quern::QUERN_TIER::imaging {

// Scale and bias of sixteen consecutive values: patterns 0, 1, 2 are planes of one channel, 3 + k interleaved ones starting with channel k.
struct Patterns {
  float scale[6][kLanes], bias[6][kLanes];
  int32_t channel[6][kLanes];
  const float* values;  // [3][256] every normalised byte, for tiers without a fused multiply-add of their own
};

struct Output {
  ImageSize size;
  int32_t dtype, layout, padding;
  int64_t cutout;
  Patterns patterns;

  int64_t bytes() const { return 3 * size.pixels() * element_size(dtype); }
};

struct Placement {
  int64_t crop_y, crop_x;
  int mirrored;
};

inline void fill_patterns(const float* mean, const float* std, float* values, Patterns& patterns) {
  for (int k = 0; k < 6; k++) {
    for (int i = 0; i < kLanes; i++) {
      const int c = k < 3 ? k : (k + i) % 3;
      patterns.channel[k][i] = c;
      patterns.scale[k][i] = static_cast<float>(1.0 / (255.0 * static_cast<double>(std[c])));
      patterns.bias[k][i] = static_cast<float>(-static_cast<double>(mean[c]) / static_cast<double>(std[c]));
    }
  }
  patterns.values = values;
#if !defined(__FMA__) && !defined(__aarch64__)
  for (int c = 0; c < 3; c++) {
    for (int v = 0; v < 256; v++) values[256 * c + v] = __builtin_fmaf(static_cast<float>(v), patterns.scale[c][0], patterns.bias[c][0]);
  }
#endif
}

inline Lanes normalise_16(const Patterns& patterns, int k, const uint8_t* bytes) {
#if !defined(__FMA__) && !defined(__aarch64__)
  return Lanes::each([&](int i) { return patterns.values[256 * patterns.channel[k][i] + bytes[i]]; });
#else
  return fma(widen(bytes), Lanes::load(patterns.scale[k]), Lanes::load(patterns.bias[k]));
#endif
}

#if defined(__AVX512F__) && defined(__AVX512DQ__)

// Sixteen values as 16-bit floats of a type.
inline void round_16(Lanes a, int32_t dtype, uint16_t* p) {
  __m256i* out = reinterpret_cast<__m256i*>(p);
  if (dtype == QUERN_FLOAT16) return _mm256_storeu_si256(out, _mm512_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  const __m512i bits = _mm512_castps_si512(a.v);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
  _mm256_storeu_si256(out, _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16)));
}

#else

inline void round_16(Lanes a, int32_t dtype, uint16_t* p) {
  float values[kLanes];
  a.store(values);
  for (int i = 0; i < kLanes; i++) p[i] = dtype == QUERN_FLOAT16 ? float16_of(values[i]) : bfloat16_of(values[i]);
}

#endif

// The first count of sixteen bytes to elements [at, at + count) of out.
inline void put_16(const Output& o, int k, const uint8_t* bytes, int64_t at, int64_t count, uint8_t* out) {
  if (o.dtype == QUERN_FLOAT32) {
    const Lanes values = normalise_16(o.patterns, k, bytes);
    float* p = reinterpret_cast<float*>(out) + at;
    if (count == kLanes) return values.store(p);
    values.store_first(p, count);
  } else if (o.dtype != QUERN_UINT8) {
    const Lanes values = normalise_16(o.patterns, k, bytes);
    uint16_t* p = reinterpret_cast<uint16_t*>(out) + at;
    if (count == kLanes) return round_16(values, o.dtype, p);
    uint16_t whole[kLanes];
    round_16(values, o.dtype, whole);
    std::memcpy(p, whole, static_cast<size_t>(count) * sizeof(uint16_t));
  } else if (count == kLanes) {
    std::memcpy(out + at, bytes, kLanes);
  } else {
    std::memcpy(out + at, bytes, static_cast<size_t>(count));
  }
}

// pixels to elements [at, at + count) of the three planes.
inline void put_planes(const Output& o, const uint8_t* pixels, int64_t count, int mirrored, int64_t at, uint8_t* out) {
  Planes planes;
  const int64_t plane = o.size.pixels();
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    split_16(pixels + 3 * (mirrored == 1 ? count - i - kLanes : i), mirrored, planes);
    for (int c = 0; c < 3; c++) put_16(o, c, planes.channel[c], c * plane + at + i, kLanes, out);
  }
  if (i == count) return;
  split_first(pixels + 3 * (mirrored == 1 ? 0 : i), count - i, mirrored, planes);
  for (int c = 0; c < 3; c++) put_16(o, c, planes.channel[c], c * plane + at + i, count - i, out);
}

// pixels to elements [3·at, 3·(at + count)).
inline void put_interleaved(const Output& o, const uint8_t* pixels, int64_t count, int64_t at, uint8_t* out) {
  if (o.dtype == QUERN_UINT8) return copy_pixels(pixels, count, out + 3 * at);
  int phase = 0;
  int64_t i = 0;
  for (; i + kLanes <= 3 * count; i += kLanes, phase = phase == 2 ? 0 : phase + 1) put_16(o, 3 + phase, pixels + i, 3 * at + i, kLanes, out);
  if (i == 3 * count) return;
  uint8_t rest[kLanes] = {};
  std::memcpy(rest, pixels + i, static_cast<size_t>(3 * count - i));
  put_16(o, 3 + phase, rest, 3 * at + i, 3 * count - i, out);
}

// Columns [x, x + width of the output) of source row y, padded. y is a row of the image.
inline void padded_row(const Output& o, const uint8_t* image, ImageSize size, int64_t y, int64_t x, uint8_t* row) {
  const int64_t width = o.size.width;
  const int64_t left = x >= 0 ? 0 : least(-x, width);
  int64_t right = size.width - x < 0 ? 0 : least(size.width - x, width);
  if (right < left) right = left;
  const uint8_t* in = image + 3 * y * size.width;
  if (right > left) copy_pixels(in + 3 * (x + left), right - left, row + 3 * left);
  if (o.padding == QUERN_PAD_ZERO) {
    black(row, 0, left);
    black(row, right, width);
    return;
  }
  for (int64_t i = 0; i < left; i++) copy_pixels(in + 3 * reflected(x + i, size.width), 1, row + 3 * i);
  for (int64_t i = right; i < width; i++) copy_pixels(in + 3 * reflected(x + i, size.width), 1, row + 3 * i);
}

inline void mirror(const uint8_t* pixels, int64_t count, uint8_t* out) {
  Planes planes;
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    split_16(pixels + 3 * (count - i - kLanes), 1, planes);
    join_16(planes, out + 3 * i);
  }
  for (; i < count; i++) copy_pixels(pixels + 3 * (count - 1 - i), 1, out + 3 * i);
}

inline void cut_out(const Output& o, int64_t centre_y, int64_t centre_x, uint8_t* out) {
  const int64_t y = centre_y - o.cutout / 2, x = centre_x - o.cutout / 2;
  const int64_t top = y < 0 ? 0 : y, bottom = least(y + o.cutout, o.size.height);
  const int64_t left = x < 0 ? 0 : x, right = least(x + o.cutout, o.size.width);
  if (left >= right) return;
  const int64_t planes = o.layout == QUERN_NCHW ? 3 : 1, channels = 3 / planes, element = element_size(o.dtype);
  for (int64_t row = top; row < bottom; row++) {
    for (int64_t c = 0; c < planes; c++) {
      const int64_t at = (c * o.size.pixels() + row * o.size.width + left) * channels;
      std::memset(out + at * element, 0, static_cast<size_t>((right - left) * channels * element));
    }
  }
}

// rows: scratch of two rows of the output.
inline void put_image(const Output& o, const uint8_t* image, ImageSize size, Placement at, uint8_t* rows, uint8_t* out) {
  const bool planar = o.layout == QUERN_NCHW;
  const bool columns_inside = at.crop_x >= 0 && at.crop_x + o.size.width <= size.width;
  if (at.mirrored == 0 && at.crop_x == 0 && size.width == o.size.width && at.crop_y >= 0 && at.crop_y + o.size.height <= size.height) {
    image += 3 * at.crop_y * size.width;
    return planar ? put_planes(o, image, o.size.pixels(), 0, 0, out) : put_interleaved(o, image, o.size.pixels(), 0, out);
  }
  for (int64_t y = 0; y < o.size.height; y++) {
    int64_t source_y = at.crop_y + y;
    const uint8_t* row = rows;
    if (o.padding == QUERN_PAD_REFLECT) source_y = reflected(source_y, size.height);
    if (source_y < 0 || source_y >= size.height) {
      black(rows, 0, o.size.width);
    } else if (columns_inside) {
      row = image + 3 * (source_y * size.width + at.crop_x);
    } else {
      padded_row(o, image, size, source_y, at.crop_x, rows);
    }
    if (planar) {
      put_planes(o, row, o.size.width, at.mirrored, y * o.size.width, out);
    } else if (at.mirrored == 0) {
      put_interleaved(o, row, o.size.width, y * o.size.width, out);
    } else {
      mirror(row, o.size.width, rows + 3 * o.size.width);
      put_interleaved(o, rows + 3 * o.size.width, o.size.width, y * o.size.width, out);
    }
  }
}

}  // namespace quern::QUERN_TIER::imaging
