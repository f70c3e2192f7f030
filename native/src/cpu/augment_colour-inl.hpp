// The colour ops of fused augment: statistics of an image, tables, blends. An image is height × width RGB pixels without gaps.
#pragma once

#include "augment_bytes-inl.hpp"
#include "quern/quern.h"

namespace quern::QUERN_TIER::imaging {

struct ImageSize {
  int64_t height, width;
  int64_t pixels() const { return height * width; }
};

inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// ---- statistics

struct ChannelRange {
  uint8_t lowest[3], highest[3];
};

inline ChannelRange channel_range(const uint8_t* image, int64_t pixels) {
  constexpr int kBlock = 3 * 64;
  uint8_t low[kBlock], high[kBlock];
  std::memset(low, 255, sizeof low);
  std::memset(high, 0, sizeof high);
  int64_t i = 0;
  for (; i + kBlock <= 3 * pixels; i += kBlock) {
    for (int j = 0; j < kBlock; j++) {
      low[j] = image[i + j] < low[j] ? image[i + j] : low[j];
      high[j] = image[i + j] > high[j] ? image[i + j] : high[j];
    }
  }
  for (int j = 0; i + j < 3 * pixels; j++) {
    low[j] = image[i + j] < low[j] ? image[i + j] : low[j];
    high[j] = image[i + j] > high[j] ? image[i + j] : high[j];
  }
  ChannelRange range = {{255, 255, 255}, {0, 0, 0}};
  for (int j = 0; j < kBlock; j++) {
    range.lowest[j % 3] = low[j] < range.lowest[j % 3] ? low[j] : range.lowest[j % 3];
    range.highest[j % 3] = high[j] > range.highest[j % 3] ? high[j] : range.highest[j % 3];
  }
  return range;
}

// histograms: [3][256]. Neighbouring pixels count into different copies: the same value twice in a row would wait for itself.
inline void count_values(const uint8_t* image, int64_t pixels, uint32_t* histograms) {
  uint32_t copies[2][3 * 256] = {};
  for (int64_t i = 0; i < pixels; i++) {
    uint32_t* copy = copies[i & 1];
    copy[image[3 * i]]++;
    copy[256 + image[3 * i + 1]]++;
    copy[512 + image[3 * i + 2]]++;
  }
  for (int v = 0; v < 3 * 256; v++) histograms[v] = copies[0][v] + copies[1][v];
}

// Grey bytes of sixteen pixels. Every number below 2^24 is a float32, and none of the sums reaches it.
inline void grey_16(const Planes& planes, uint8_t* grey) {
#if defined(__AVX2__)
  const Lanes sum = widen(planes.channel[0]) * Lanes::all(19595.0f) + widen(planes.channel[1]) * Lanes::all(38470.0f) +
                    widen(planes.channel[2]) * Lanes::all(7471.0f) + Lanes::all(32768.0f);
  narrow(sum * Lanes::all(1.0f / 65536.0f), grey);
#else
  for (int i = 0; i < kLanes; i++) {
    grey[i] = static_cast<uint8_t>(grey_of(planes.channel[0][i], planes.channel[1][i], planes.channel[2][i]));
  }
#endif
}

inline int64_t grey_sum(const uint8_t* image, int64_t pixels) {
  constexpr int64_t kChunk = 16 * kLanes;
  Planes planes;
  uint8_t grey[kChunk];
  int64_t sum = 0, i = 0;
  for (; i + kChunk <= pixels; i += kChunk) {
    for (int64_t k = 0; k < kChunk; k += kLanes) {
      split_16(image + 3 * (i + k), 0, planes);
      grey_16(planes, grey + k);
    }
    int32_t chunk = 0;
    for (uint8_t g : grey) chunk += g;
    sum += chunk;
  }
  for (; i < pixels; i++) sum += grey_of(image[3 * i], image[3 * i + 1], image[3 * i + 2]);
  return sum;
}

// ---- ops: source to target, which may be the same but for sharpness

inline void auto_contrast(const uint8_t* source, int64_t pixels, uint8_t* target) {
  const ChannelRange range = channel_range(source, pixels);
  uint8_t tables[3 * 256];
  for (int c = 0; c < 3; c++) auto_contrast_table(range.lowest[c], range.highest[c], tables + 256 * c);
  map_pixels(source, pixels, tables, target);
}

inline void equalize(const uint8_t* source, int64_t pixels, uint8_t* target) {
  uint32_t histograms[3 * 256];
  count_values(source, pixels, histograms);
  uint8_t tables[3 * 256];
  for (int c = 0; c < 3; c++) equalize_table(histograms + 256 * c, tables + 256 * c);
  map_pixels(source, pixels, tables, target);
}

inline void color_16(const uint8_t* source, int64_t count, float factor, Planes& planes) {
  if (count == kLanes) {
    split_16(source, 0, planes);
  } else {
    split_first(source, count, 0, planes);
  }
  uint8_t degenerate[kLanes];
  grey_16(planes, degenerate);
  for (int c = 0; c < 3; c++) blend_16(degenerate, planes.channel[c], factor, planes.channel[c]);
}

inline void color(const uint8_t* source, int64_t pixels, float factor, uint8_t* target) {
  Planes planes;
  int64_t i = 0;
  for (; i + kLanes <= pixels; i += kLanes) {
    color_16(source + 3 * i, kLanes, factor, planes);
    join_16(planes, target + 3 * i);
  }
  if (i == pixels) return;
  uint8_t rest[3 * kLanes];
  color_16(source + 3 * i, pixels - i, factor, planes);
  join_16(planes, rest);
  std::memcpy(target + 3 * i, rest, static_cast<size_t>(3 * (pixels - i)));
}

// count bytes, of which the neighbours at −3 and +3 exist, blended with their smoothed selves.
inline void sharpen_bytes(const uint8_t* above, const uint8_t* row, const uint8_t* below, int64_t count, float factor, uint8_t* target) {
  constexpr int64_t kChunk = 192;
  uint16_t sums[kChunk];
  uint8_t smooth[kChunk], image[kLanes], blended[kLanes];
  for (int64_t start = 0; start < count; start += kChunk) {
    const int64_t n = least(kChunk, count - start);
    const uint8_t *a = above + start, *r = row + start, *b = below + start;
    for (int64_t i = 0; i < n; i++) {
      const int32_t sum = a[i - 3] + a[i] + a[i + 3] + r[i - 3] + 5 * r[i] + r[i + 3] + b[i - 3] + b[i] + b[i + 3];
      sums[i] = static_cast<uint16_t>(sum);
    }
    for (int64_t i = 0; i < n; i++) smooth[i] = static_cast<uint8_t>(smooth_of(sums[i]));
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) blend_16(smooth + i, r + i, factor, target + start + i);
    if (i == n) continue;
    std::memset(smooth + n, 0, static_cast<size_t>(i + kLanes - n));
    std::memset(image, 0, kLanes);
    std::memcpy(image, r + i, static_cast<size_t>(n - i));
    blend_16(smooth + i, image, factor, blended);
    std::memcpy(target + start + i, blended, static_cast<size_t>(n - i));
  }
}

// The border of one pixel, and images smaller than the filter, stay as they are. All rows but the first and the last are filtered in one
// go, from the second pixel to the last but one; what that makes of the left and right border is overwritten.
inline void sharpness(const uint8_t* source, ImageSize size, float factor, uint8_t* target) {
  const int64_t row = 3 * size.width, bytes = size.height * row;
  if (size.height < 3 || size.width < 3) {
    std::memcpy(target, source, static_cast<size_t>(bytes));
    return;
  }
  const uint8_t* in = source + row + 3;
  sharpen_bytes(in - row, in, in + row, bytes - 2 * row - 6, factor, target + row + 3);
  std::memcpy(target, source, static_cast<size_t>(row));
  for (int64_t at = row; at < bytes - row; at += row) {
    std::memcpy(target + at, source + at, 3);
    std::memcpy(target + at + row - 3, source + at + row - 3, 3);
  }
  std::memcpy(target + bytes - row, source + bytes - row, static_cast<size_t>(row));
}

// The ops that map every byte by itself. False for any other op.
inline bool byte_table(int32_t op, double value, const uint8_t* image, int64_t pixels, uint8_t* table) {
  switch (op) {
    case QUERN_OP_SOLARIZE:
      solarize_table(value, table);
      return true;
    case QUERN_OP_POSTERIZE:
      posterize_table(static_cast<int32_t>(value), table);
      return true;
    case QUERN_OP_CONTRAST:
      blend_table(contrast_level(grey_sum(image, pixels), pixels), blend_factor(value), table);
      return true;
    case QUERN_OP_BRIGHTNESS:
      blend_table(0, blend_factor(value), table);
      return true;
    case QUERN_OP_INVERT:
      solarize_table(0.0, table);
      return true;
    default:
      return false;
  }
}

}  // namespace quern::QUERN_TIER::imaging
