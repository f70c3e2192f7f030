// The filter's view of the rows: 16-bit fixed point about a centre, with what the rounding lost.
//
// A row y = x − centre becomes step·q with q integral, |q|₂ < 2^15.5 and |q|∞ < 2^15, so that a dot product of two rows is exact in int32.
// A panel holds 48 rows in the order the micro-kernel reads them: [pairs of columns][48 rows][2]. The relative loss |y − step·q| / |y| is
// measured; for d columns it is near 0.29·√d / 45800 and never above 0.5·√d / 32767.
#pragma once

#include "lanes.hpp"
#include "memory.hpp"

namespace quern::QUERN_TIER {

constexpr int64_t kPanel = 48;
constexpr double kLargestEntry = 32767;
// Rounding adds at most √d/2 ≤ 512 to the norm for d ≤ 2^20, and 46312² < 2^31.
constexpr double kTargetNorm = 45800;
constexpr int64_t kWidestPanel = int64_t{1} << 20;
// Scaled so that the longest row is about 1, a step below this is taken as 0; what that loses is in the slack of the bound.
constexpr double kSmallestStep = 1e-30;

// Rows by place: where they lie and which they are.
struct KnnRows {
  const float* data;
  int64_t ld;
  const int64_t* order;
  int64_t begin;
  int64_t count;

  int64_t index(int64_t place) const { return order == nullptr ? begin + place : order[begin + place]; }
  const float* row(int64_t place) const { return data + index(place) * ld; }
};

struct Panels {
  int32_t* entries;  // [panels][pairs][kPanel], two int16 each
  int64_t pairs;
  double* norm;      // |y|², +infinity for a row that is not finite and for padding
  double* step;
  double* loss;      // |y − step·q| / |y|
  float* half;       // (½ − ρ)·|y|², scaled
  float* scale;      // step, scaled

  int32_t* panel(int64_t p) const { return entries + p * pairs * kPanel; }
};

inline int64_t panels_of(int64_t rows) { return (rows + kPanel - 1) / kPanel; }

inline Panels take_panels(Arena& arena, int64_t rows, int64_t d) {
  const int64_t padded = checked_mul(panels_of(rows), kPanel, "workspace");
  Panels p;
  p.pairs = (d + 1) / 2;
  p.entries = arena.take<int32_t>(checked_mul(padded, p.pairs, "workspace"));
  p.norm = arena.take<double>(padded);
  p.step = arena.take<double>(padded);
  p.loss = arena.take<double>(padded);
  p.half = arena.take<float>(padded);
  p.scale = arena.take<float>(padded);
  return p;
}

// About the mean of up to 256 rows. Any centre is right; one amid the rows keeps norms, and with them the loss, small.
inline void find_centre(const KnnRows& rows, int64_t d, float* centre) {
  const int64_t stride = rows.count / 256 + 1, sampled = (rows.count + stride - 1) / stride;
  const float share = 1.0f / static_cast<float>(sampled);
  for (int64_t j = 0; j < d; j++) centre[j] = 0.0f;
  for (int64_t i = 0; i < rows.count; i += stride) {
    const float* x = rows.row(i);
    for (int64_t j = 0; j < d; j++) {
      const float part = x[j] * share;
      centre[j] += part - part == 0.0f ? part : 0.0f;
    }
  }
}

constexpr int64_t kPackChunk = 64;

// Differences from the centre, exact or nearly so: column from … from + count of a row, zeros up to the chunk.
inline void centred(const float* x, const float* centre, int64_t count, double* y) {
  for (int64_t j = 0; j < count; j++) y[j] = static_cast<double>(x[j]) - static_cast<double>(centre[j]);
  for (int64_t j = count; j < kPackChunk; j++) y[j] = 0;
}

struct RowSize {
  double square;   // |y|²; not finite exactly where the row is not
  double largest;  // |y|∞
};

inline RowSize measure_row(const float* x, const float* centre, int64_t d) {
  double sum[8] = {}, top[8] = {};
  for (int64_t from = 0; from < d; from += kPackChunk) {
    double y[kPackChunk];
    centred(x + from, centre + from, d - from < kPackChunk ? d - from : kPackChunk, y);
    for (int64_t j = 0; j < kPackChunk; j += 8) {
      for (int c = 0; c < 8; c++) {
        const double size = __builtin_fabs(y[j + c]);
        sum[c] += size * size;
        top[c] = size > top[c] ? size : top[c];
      }
    }
  }
  RowSize all{0, 0};
  for (int c = 0; c < 8; c++) {
    all.square += sum[c];
    all.largest = top[c] > all.largest ? top[c] : all.largest;
  }
  return all;
}

// Writes the row's column of its panel; returns |y − step·q|².
inline double quantise_row(const float* x, const float* centre, int64_t d, double step, int32_t* column) {
  // Adding 1.5·2^52 rounds to the nearest integer and leaves it in the low bits.
  constexpr double kRound = 6755399441055744.0;
  const double inverse = 1.0 / step;
  double lost[8] = {};
  for (int64_t from = 0; from < d; from += kPackChunk) {
    double y[kPackChunk], q[kPackChunk];
    const int64_t count = d - from < kPackChunk ? d - from : kPackChunk;
    centred(x + from, centre + from, count, y);
    for (int64_t j = 0; j < kPackChunk; j += 8) {
      for (int c = 0; c < 8; c++) {
        q[j + c] = (y[j + c] * inverse + kRound) - kRound;
        const double rest = y[j + c] - step * q[j + c];
        lost[c] += rest * rest;
      }
    }
    int32_t whole[kPackChunk];
    for (int64_t j = 0; j < kPackChunk; j++) whole[j] = static_cast<int32_t>(q[j]);
    for (int64_t j = 0; j < count; j += 2) {
      column[(from + j) / 2 * kPanel] = static_cast<int32_t>(static_cast<uint32_t>(whole[j]) & 0xffffu) | whole[j + 1] * 65536;
    }
  }
  return ((lost[0] + lost[1]) + (lost[2] + lost[3])) + ((lost[4] + lost[5]) + (lost[6] + lost[7]));
}

inline void pack_row(const float* x, const float* centre, int64_t d, const Panels& panels, int64_t place) {
  int32_t* column = panels.panel(place / kPanel) + place % kPanel;
  const RowSize size = measure_row(x, centre, d);
  const bool finite = size.square - size.square == 0.0;
  const double norm = finite ? __builtin_sqrt(size.square) : 0.0;
  panels.norm[place] = finite ? size.square : static_cast<double>(__builtin_inff());
  panels.loss[place] = 0;
  panels.step[place] = 0;
  if (norm > 0) {
    const double by_norm = norm / kTargetNorm, by_entry = size.largest / kLargestEntry;
    const double step = by_norm > by_entry ? by_norm : by_entry;
    panels.step[place] = step;
    panels.loss[place] = __builtin_sqrt(quantise_row(x, centre, d, step, column)) / norm;
  } else {
    for (int64_t j = 0; j < panels.pairs; j++) column[j * kPanel] = 0;
  }
}

inline void pack_panel(const KnnRows& rows, const float* centre, int64_t d, const Panels& panels, int64_t p) {
  const int64_t begin = p * kPanel, end = begin + kPanel < rows.count ? begin + kPanel : rows.count;
  for (int64_t i = begin; i < end; i++) pack_row(rows.row(i), centre, d, panels, i);
  for (int64_t i = end; i < begin + kPanel; i++) {
    int32_t* column = panels.panel(p) + (i - begin);
    for (int64_t j = 0; j < panels.pairs; j++) column[j * kPanel] = 0;
    panels.norm[i] = static_cast<double>(__builtin_inff());
    panels.loss[i] = panels.step[i] = 0;
  }
}

}  // namespace quern::QUERN_TIER
