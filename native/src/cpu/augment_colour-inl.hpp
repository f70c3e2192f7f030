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

inline void grey_16(const Planes& planes, int32_t* grey) {
  for (int i = 0; i < kLanes; i++) grey[i] = grey_of(planes.channel[0][i], planes.channel[1][i], planes.channel[2][i]);
}

inline int64_t grey_sum(const uint8_t* image, int64_t pixels) {
  constexpr int64_t kChunk = kLanes << 18;  // lanes of 255 · 2^18 stay within 32 bits
  Planes planes;
  int32_t grey[kLanes];
  int64_t sum = 0;
  for (int64_t start = 0; start < pixels; start += kChunk) {
    const int64_t end = least(start + kChunk, pixels);
    int32_t lanes[kLanes] = {};
    for (int64_t i = start; i < end; i += kLanes) {
      if (end - i >= kLanes) {
        split_16(image + 3 * i, 0, planes);
      } else {
        split_first(image + 3 * i, end - i, 0, planes);
      }
      grey_16(planes, grey);
      for (int k = 0; k < kLanes; k++) lanes[k] += grey[k];
    }
    for (int32_t lane : lanes) sum += lane;
  }
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
  int32_t grey[kLanes];
  uint8_t degenerate[kLanes];
  grey_16(planes, grey);
  for (int k = 0; k < kLanes; k++) degenerate[k] = static_cast<uint8_t>(grey[k]);
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

// Bytes [0, count) of a row, of which the neighbours at −3 and +3 exist, blended with their smoothed selves.
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

// The border of one pixel, and images smaller than the filter, stay as they are.
inline void sharpness(const uint8_t* source, ImageSize size, float factor, uint8_t* target) {
  const int64_t row = 3 * size.width;
  if (size.height < 3 || size.width < 3) {
    std::memcpy(target, source, static_cast<size_t>(size.height * row));
    return;
  }
  std::memcpy(target, source, static_cast<size_t>(row));
  for (int64_t y = 1; y < size.height - 1; y++) {
    const uint8_t* in = source + y * row;
    uint8_t* out = target + y * row;
    std::memcpy(out, in, 3);
    sharpen_bytes(in - row + 3, in + 3, in + row + 3, row - 6, factor, out + 3);
    std::memcpy(out + row - 3, in + row - 3, 3);
  }
  std::memcpy(target + (size.height - 1) * row, source + (size.height - 1) * row, static_cast<size_t>(row));
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
