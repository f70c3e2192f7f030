// The filter's view of the rows: 16-bit fixed point about a centre, with what the rounding lost.
//
// A row y = x − centre becomes step·q with q integral, |q|₂ < 2^15.5 and |q|∞ < 2^15, so that a dot product of two rows is exact in int32.
// A panel holds 48 rows in the order the micro-kernel reads them (knn_dots, knn_tiles). The relative loss |y − step·q| / |y| is
// measured; for d columns it is near 0.29·√d / 45800 and never above 0.5·√d / 32767.
#pragma once

#include "cpu/knn_distance-inl.hpp"
#include "memory.hpp"

#if defined(QUERN_TILES)
#include "cpu/knn_tiles-inl.hpp"
#else
#include "cpu/knn_dots-inl.hpp"
#endif

namespace quern::QUERN_TIER {

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
  int32_t* entries;  // [panels][panel_words(pairs)], two int16 or four bytes each
  int64_t pairs;
  double* norm;      // |y|², +infinity for a row that is not finite and for padding
  double* step;
  double* loss;      // |y − step·q| / |y|
  float* half;       // (½ − ρ)·|y|², scaled
  float* scale;      // step, scaled

  int32_t* panel(int64_t p) const { return entries + p * panel_words(pairs); }
};

inline int64_t panels_of(int64_t rows) { return (rows + kPanel - 1) / kPanel; }

inline Panels take_panels(Arena& arena, int64_t rows, int64_t d) {
  const int64_t padded = checked_mul(panels_of(rows), kPanel, "workspace");
  Panels p;
  p.pairs = (d + 1) / 2;
  p.entries = arena.take<int32_t>(checked_mul(panels_of(rows), panel_words(p.pairs), "workspace"));
  p.norm = arena.take<double>(padded);
  p.step = arena.take<double>(padded);
  p.loss = arena.take<double>(padded);
  p.half = arena.take<float>(padded);
  p.scale = arena.take<float>(padded);
  return p;
}

constexpr int64_t kSampledRows = 63;
// A mean of the largest floats may round to infinity.
constexpr float kFarthestCentre = 1e38f;

// The i-th of the rows that stand for all: the golden ratio's steps, in tune with no period of the data.
inline int64_t sampled_place(int64_t i, int64_t rows) {
  if (rows <= kSampledRows) return i;
  const uint64_t fraction = static_cast<uint64_t>(i) * UINT64_C(0x9E3779B97F4A7C15) >> 32;
  return static_cast<int64_t>(fraction * static_cast<uint64_t>(rows) >> 32);
}

// Sixteen columns of the centre: the median of the means of three samples, so that a few outliers do not move it. Any centre is right; one
// amid the rows keeps norms, and with them the loss, small.
inline Lanes centre_of(const KnnRows& rows, int64_t sampled, int64_t column, int64_t count) {
  const Lanes infinite = Lanes::all(__builtin_inff()), share = Lanes::all(3.0f / static_cast<float>(sampled));
  Lanes mean[3] = {Lanes::zero(), Lanes::zero(), Lanes::zero()};
  for (int64_t i = 0; i < sampled; i++) {
    const Lanes part = Lanes::load_first(rows.row(sampled_place(i, rows.count)) + column, count, 0.0f) * share;
    const uint32_t finite = less(max(part, Lanes::zero() - part), infinite);
    mean[i % 3] = mean[i % 3] + select(finite, part, Lanes::zero());
  }
  const Lanes median = max(min(mean[0], mean[1]), min(max(mean[0], mean[1]), mean[2]));
  return max(min(median, Lanes::all(kFarthestCentre)), Lanes::all(-kFarthestCentre));
}

inline void find_centre(const KnnRows& rows, int64_t d, float* centre) {
  const int64_t sampled = rows.count < kSampledRows ? rows.count : kSampledRows;
  for (int64_t j = 0; j < d; j += kLanes) {
    const int64_t count = d - j < kLanes ? d - j : kLanes;
    centre_of(rows, sampled, j, count).store_first(centre + j, count);
  }
}

constexpr int64_t kPackChunk = 64;
constexpr int64_t kPackedRows = 4;
// Within these |y|∞, squares in float32 neither overflow nor lose what matters.
constexpr float kSafeLeast = 1e-12f;
constexpr float kSafeMost = 1e12f;

// Powers of two before and after the subtraction of the centre: huge rows are shrunk before, tiny ones grown after it.
struct RowUnit {
  float before, after;
};

// Differences from the centre, columns [from, from + 64) of a row, zeros behind its end.
struct Chunk {
  Lanes y[4];
};
inline Chunk centred(const float* x, const float* centre, int64_t from, int64_t d, RowUnit unit) {
  const Lanes before = Lanes::all(unit.before), after = Lanes::all(unit.after);
  Chunk chunk;
  for (int v = 0; v < 4; v++) {
    const int64_t at = from + v * kLanes, left = d - at;
    if (left >= kLanes) {
      chunk.y[v] = (Lanes::load(x + at) * before - Lanes::load(centre + at) * before) * after;
    } else if (left > 0) {
      chunk.y[v] = (Lanes::load_first(x + at, left, 0.0f) * before - Lanes::load_first(centre + at, left, 0.0f) * before) * after;
    } else {
      chunk.y[v] = Lanes::zero();
    }
  }
  return chunk;
}

struct RowSize {
  double square;  // |y|²; not finite exactly where the row is not
  float largest;  // |y|∞; of no meaning where a value is NaN
};

inline RowSize measure_row(const float* x, const float* centre, int64_t d, RowUnit unit) {
  RowSize size{0, 0};
  Lanes top = Lanes::zero();
  for (int64_t block = 0; block < d; block += kDistanceBlock) {
    const int64_t end = d - block < kDistanceBlock ? d : block + kDistanceBlock;
    Lanes sum[4] = {Lanes::zero(), Lanes::zero(), Lanes::zero(), Lanes::zero()};
    for (int64_t from = block; from < end; from += kPackChunk) {
      const Chunk chunk = centred(x, centre, from, d, unit);
      for (int v = 0; v < 4; v++) {
        sum[v] = sum[v] + chunk.y[v] * chunk.y[v];
        top = max(max(chunk.y[v], Lanes::zero() - chunk.y[v]), top);
      }
    }
    size.square += static_cast<double>(reduce_add((sum[0] + sum[1]) + (sum[2] + sum[3])));
  }
  size.largest = reduce_max(top);
  return size;
}

// Writes the row's entries one after the other; returns |y − step·q|².
inline double quantise_row(const float* x, const float* centre, int64_t d, RowUnit unit, float step, int32_t* entries) {
  const Lanes steps = Lanes::all(step), inverse = Lanes::all(1.0f / step);
  double lost = 0;
  for (int64_t from = 0; from < d; from += kPackChunk) {
    const Chunk chunk = centred(x, centre, from, d, unit);
    float whole[kPackChunk];
    Lanes sum = Lanes::zero();
    for (int v = 0; v < 4; v++) {
      const Lanes q = round(chunk.y[v] * inverse), rest = chunk.y[v] - steps * q;
      sum = sum + rest * rest;
      q.store(whole + v * kLanes);
    }
    lost += static_cast<double>(reduce_add(sum));
    const int64_t pairs = d - from < kPackChunk ? (d - from + 1) / 2 : kPackChunk / 2;
    for (int64_t j = 0; j < pairs; j++) {
      const uint32_t low = static_cast<uint32_t>(static_cast<int32_t>(whole[2 * j])) & 0xffffu;
      const uint32_t high = static_cast<uint32_t>(static_cast<int32_t>(whole[2 * j + 1])) << 16;
      entries[from / 2 + j] = static_cast<int32_t>(low | high);
    }
  }
  return lost;
}

// About 1 for a row whose |y|∞, halved, is `largest`.
inline RowUnit unit_of(float largest) {
  int exponent = 0;
  if (largest - largest == 0.0f) __builtin_frexpf(largest, &exponent);
  if (exponent > 0) return {__builtin_ldexpf(1.0f, -exponent), 1.0f};
  return {1.0f, __builtin_ldexpf(1.0f, exponent < -120 ? 120 : -exponent)};
}

// Writes the row's entries one after the other and its size at its place.
inline void pack_row(const float* x, const float* centre, int64_t d, const Panels& panels, int64_t place, int32_t* entries) {
  RowUnit unit{1, 1};
  RowSize size = measure_row(x, centre, d, unit);
  if (!(size.largest < kSafeMost) || !(size.largest > kSafeLeast)) {
    // Halved, for the difference itself may overflow.
    unit = unit_of(measure_row(x, centre, d, {0.5f, 1}).largest);
    size = measure_row(x, centre, d, unit);
  }
  const bool finite = size.square - size.square == 0.0;
  const double grow = 1.0 / (static_cast<double>(unit.before) * static_cast<double>(unit.after));
  panels.norm[place] = finite ? size.square * grow * grow : static_cast<double>(__builtin_inff());
  panels.loss[place] = panels.step[place] = 0;
  if (!finite || size.square == 0) {
    std::memset(entries, 0, static_cast<size_t>(panels.pairs) * sizeof *entries);
    return;
  }
  const double norm = __builtin_sqrt(size.square);
  const double by_norm = norm / kTargetNorm, by_entry = static_cast<double>(size.largest) / kLargestEntry;
  const float step = static_cast<float>(by_norm > by_entry ? by_norm : by_entry);
  panels.step[place] = static_cast<double>(step) * grow;
  panels.loss[place] = __builtin_sqrt(quantise_row(x, centre, d, unit, step, entries)) / norm;
}

// entries: room for kPackedRows rows.
inline void pack_panel(const KnnRows& rows, const float* centre, int64_t d, const Panels& panels, int64_t p, int32_t* entries) {
  for (int64_t i = p * kPanel; i < (p + 1) * kPanel; i++) {
    int32_t* row = entries + i % kPackedRows * panels.pairs;
    if (i < rows.count) {
      pack_row(rows.row(i), centre, d, panels, i, row);
    } else {
      std::memset(row, 0, static_cast<size_t>(panels.pairs) * sizeof *row);
      panels.norm[i] = static_cast<double>(__builtin_inff());
      panels.loss[i] = panels.step[i] = 0;
    }
    if (i % kPackedRows == kPackedRows - 1) place_rows(entries, panels.pairs, i % kPanel - (kPackedRows - 1), panels.panel(p));
  }
}

}  // namespace quern::QUERN_TIER
