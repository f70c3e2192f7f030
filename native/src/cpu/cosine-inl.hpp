// Cosine consistency: cos(x_i, y_i), or cos(x_i, y_index[i]) against a table.
//
// Work split   blocks of rows, a megabyte of x each where there are enough, handed out to the threads; a row is the work of one thread.
// Bytes        8·d a row paired, 4·d a row against a table that stays in cache. Bound by reading x (and y) once.
// Arithmetic   one pass, three sums (x·y, x·x, y·y), each in 16 lanes × 2 chains of fma, then the fixed tree. Where a sum leaves the
//              safe range of float32 (overflow, or a norm so small that squares are lost) the row is summed again in float64.
// Error        |result − cos| ≤ (d/16 + 8)·2u for finite rows, u = 2^-24.
// Determinism  a row's result depends on the row alone.
#pragma once

#include "backend.hpp"
#include "lanes.hpp"
#include "parallel_for.hpp"

namespace quern::QUERN_TIER {

// Bytes of x in a block: streams that run on are fetched ahead best. A quarter of a thread's share where that is less.
constexpr int64_t kCosineBlockBytes = int64_t{1} << 20;
// Rows worth a task.
constexpr int64_t kCosineLeastRows = 16;
// Floats between what is summed and what is asked for: the hardware starts afresh at every page, 1,024 floats.
constexpr int64_t kCosineAhead = 1024;
// Below this a sum of squares may have lost more than u relative to flushed or subnormal squares.
constexpr float kCosineSmallest = 1e-25f;

struct CosineSums {
  float xy, xx, yy;
};

inline CosineSums cosine_sums(const float* x, const float* y, int64_t d) {
  Lanes xy[2] = {Lanes::zero(), Lanes::zero()};
  Lanes xx[2] = {Lanes::zero(), Lanes::zero()};
  Lanes yy[2] = {Lanes::zero(), Lanes::zero()};
  int64_t j = 0;
  for (; j + 2 * kLanes <= d; j += 2 * kLanes) {
    for (int c = 0; c < 2; c++) {
      __builtin_prefetch(x + j + c * kLanes + kCosineAhead);
      __builtin_prefetch(y + j + c * kLanes + kCosineAhead);
      const Lanes a = Lanes::load(x + j + c * kLanes), b = Lanes::load(y + j + c * kLanes);
      xy[c] = fma(a, b, xy[c]);
      xx[c] = fma(a, a, xx[c]);
      yy[c] = fma(b, b, yy[c]);
    }
  }
  for (int c = 0; j < d; c++, j += kLanes) {
    const int64_t count = d - j < kLanes ? d - j : kLanes;
    const Lanes a = Lanes::load_first(x + j, count, 0.0f), b = Lanes::load_first(y + j, count, 0.0f);
    xy[c] = fma(a, b, xy[c]);
    xx[c] = fma(a, a, xx[c]);
    yy[c] = fma(b, b, yy[c]);
  }
  return {reduce_add(xy[0] + xy[1]), reduce_add(xx[0] + xx[1]), reduce_add(yy[0] + yy[1])};
}

inline float cosine_in_double(const float* x, const float* y, int64_t d) {
  double xy = 0, xx = 0, yy = 0;
  for (int64_t j = 0; j < d; j++) {
    const double a = static_cast<double>(x[j]), b = static_cast<double>(y[j]);
    xy += a * b;
    xx += a * a;
    yy += b * b;
  }
  if (xx == 0 || yy == 0) return xx + yy == xx + yy ? 0.0f : __builtin_nanf("");
  return static_cast<float>(xy / (__builtin_sqrt(xx) * __builtin_sqrt(yy)));
}

inline float cosine_row(const float* x, const float* y, int64_t d) {
  const CosineSums s = cosine_sums(x, y, d);
  const bool in_range = s.xx > kCosineSmallest && s.yy > kCosineSmallest && s.xx < __FLT_MAX__ && s.yy < __FLT_MAX__;
  const float cosine = in_range ? s.xy / (__builtin_sqrtf(s.xx) * __builtin_sqrtf(s.yy)) : cosine_in_double(x, y, d);
  if (cosine > 1.0f) return 1.0f;
  return cosine < -1.0f ? -1.0f : cosine;
}

inline int64_t cosine_block_rows(int64_t n, int64_t d, int threads) {
  const int64_t streamed = kCosineBlockBytes / (d * 4), share = n / (4 * threads);
  const int64_t rows = streamed < share ? streamed : share;
  return rows < kCosineLeastRows ? kCosineLeastRows : rows;
}

inline void cosine_consistency(Workbench& bench, const quern_cosine_params& p, float* consistency) {
  const int64_t height = cosine_block_rows(p.n, p.d, bench.pool.threads()), blocks = (p.n + height - 1) / height;
  bench.pool.parallel_for(blocks, [&](int64_t block, int) {
    const int64_t end = (block + 1) * height < p.n ? (block + 1) * height : p.n;
    for (int64_t i = block * height; i < end; i++) {
      const int64_t row = p.index == nullptr ? i : p.index[i];
      consistency[i] = cosine_row(p.x + i * p.x_ld, p.y + row * p.y_ld, p.d);
    }
  });
}

}  // namespace quern::QUERN_TIER
