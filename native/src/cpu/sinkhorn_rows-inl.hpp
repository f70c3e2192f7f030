// Row kernels of Sinkhorn: what is done to one or a few rows of m costs. Every row sum is one chain of 16 lanes, every column sum one chain over the
// rows, so how many rows a tier takes at a time changes no bit.
#pragma once

#include "cpu/sinkhorn_math-inl.hpp"

namespace quern::QUERN_TIER::ot {

// Rows per block of the sweeps: as many accumulators as the registers hold.
#if defined(__AVX512F__)
constexpr int kRowBlock = 8;
#else
constexpr int kRowBlock = 4;
#endif

// The column side of the exponent as one row sees it: base is integral or −infinity, fraction (may be NULL) in [-½, ½]; both padded to 16.
struct ColumnTerms {
  const float* base;
  const float* fraction;
};

inline Lanes load_tail(const float* p, int64_t j, int64_t m) {
  return m - j >= kLanes ? Lanes::load(p + j) : Lanes::load_first(p + j, m - j, 0.0f);
}

// max_j base_j + slope·c_j, rounded; −infinity if every pair is forbidden.
inline float row_top(const float* c, const float* base, int64_t m, Slope slope) {
  const Lanes hi = Lanes::all(slope.hi);
  Lanes top[2] = {Lanes::all(-kInfinity), Lanes::all(-kInfinity)};
  int64_t j = 0;
  for (; j + 2 * kLanes <= m; j += 2 * kLanes) {
    top[0] = max(fma(Lanes::load(c + j), hi, Lanes::load(base + j)), top[0]);
    top[1] = max(fma(Lanes::load(c + j + kLanes), hi, Lanes::load(base + j + kLanes)), top[1]);
  }
  for (; j < m; j += kLanes) top[0] = max(fma(load_tail(c, j, m), hi, Lanes::load(base + j)), top[0]);
  return __builtin_rintf(reduce_max(max(top[0], top[1])));
}

// tops_j ← max(tops_j, lift + base_j + slope·c_j).
inline void raise_column_tops(const float* c, const float* base, float lift, float* tops, int64_t m, Slope slope) {
  const Lanes hi = Lanes::all(slope.hi), up = Lanes::all(lift);
  for (int64_t j = 0; j < m; j += kLanes) {
    max(fma(load_tail(c, j, m), hi, up + Lanes::load(base + j)), Lanes::load(tops + j)).store(tops + j);
  }
}

template <bool kFraction>
inline float build_row_of(const float* c, ColumnTerms terms, float lift, const float* x, float* kernel, int64_t m, Slope slope) {
  const Lanes hi = Lanes::all(slope.hi), lo = Lanes::all(slope.lo), up = Lanes::all(lift);
  Lanes sum = Lanes::zero();
  for (int64_t j = 0; j < m; j += kLanes) {
    const Lanes fraction = kFraction ? Lanes::load(terms.fraction + j) : Lanes::zero();
    const Lanes k = gibbs<kFraction>(load_tail(c, j, m), up + Lanes::load(terms.base + j), fraction, hi, lo);
    k.store(kernel + j);
    sum = fma(k, Lanes::load(x + j), sum);
  }
  return reduce_add(sum);
}

// kernel_j ← 2^(lift + base_j + fraction_j + slope·c_j); returns Σ_j kernel_j x_j. kernel may be c.
inline float build_row(const float* c, ColumnTerms terms, float lift, const float* x, float* kernel, int64_t m, Slope slope) {
  return terms.fraction == nullptr ? build_row_of<false>(c, terms, lift, x, kernel, m, slope)
                                   : build_row_of<true>(c, terms, lift, x, kernel, m, slope);
}

template <int kRows>
inline void reduce_rows(const Lanes* rows, float* sums) {
  for (int r = 0; r < kRows; r++) sums[r] = reduce_add(rows[r]);
}

#if defined(__AVX512F__)
// Eight trees at once, each the tree of reduce_add: its halves, quarters and pairs are gathered over the rows and added side by side.
template <>
inline void reduce_rows<8>(const Lanes* rows, float* sums) {
  __m512 two[4], four[2];
  for (int r = 0; r < 4; r++) {
    const __m512 a = rows[2 * r].v, b = rows[2 * r + 1].v;
    two[r] = _mm512_add_ps(__builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
                           __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
  }
  for (int r = 0; r < 2; r++) {
    const __m512 a = two[2 * r], b = two[2 * r + 1];
    four[r] = _mm512_add_ps(__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),
                            __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31));
  }
  const __m512 eight =
      _mm512_add_ps(__builtin_shufflevector(four[0], four[1], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
                    __builtin_shufflevector(four[0], four[1], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31));
  const __m512 whole = _mm512_add_ps(eight, __builtin_shufflevector(eight, eight, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  _mm256_storeu_ps(sums, __builtin_shufflevector(whole, whole, 0, 4, 8, 12, 2, 6, 10, 14));
}
#endif

template <int kRows>
inline void dot_rows(const float* kernel, int64_t ld, const float* x, float* sums) {
  Lanes sum[kRows];
  for (int r = 0; r < kRows; r++) sum[r] = Lanes::zero();
  for (int64_t j = 0; j < ld; j += kLanes) {
    const Lanes v = Lanes::load(x + j);
    for (int r = 0; r < kRows; r++) sum[r] = fma(Lanes::load(kernel + r * ld + j), v, sum[r]);
  }
  reduce_rows<kRows>(sum, sums);
}

// Rows whose contributions to a column are chained before they join its sum: fixed, so that a column sum has the same bits on every tier.
constexpr int kColumnGroup = 8;

// columns_j += Σ_r y_r kernel_rj over rows, a multiple of kColumnGroup.
inline void accumulate_rows(const float* kernel, int64_t ld, const float* y, int64_t rows, float* columns) {
  for (int64_t first = 0; first < rows; first += kColumnGroup) {
    const float* group = kernel + first * ld;
    Lanes factor[kColumnGroup];
    for (int r = 0; r < kColumnGroup; r++) factor[r] = Lanes::all(y[first + r]);
    for (int64_t j = 0; j < ld; j += kLanes) {
      Lanes sum = factor[0] * Lanes::load(group + j);
      for (int r = 1; r < kColumnGroup; r++) sum = fma(factor[r], Lanes::load(group + r * ld + j), sum);
      (Lanes::load(columns + j) + sum).store(columns + j);
    }
  }
}

// How the cost of a pair follows from what a source stores: slope·c_j + offset + offsets_j (offsets may be NULL).
struct PairCost {
  float slope, offset;
  const float* offsets;
};

// Σ_j P_j · cost_j of one row of the plan, P_j = y kernel_j x_j; the row goes to plan unless that is NULL. A forbidden pair has P_j = 0 and adds 0.
inline float plan_row(const float* kernel, const float* x, float y, const float* c, int64_t m, PairCost pair, float* plan) {
  const Lanes factor = Lanes::all(y), slope = Lanes::all(pair.slope), offset = Lanes::all(pair.offset), largest = Lanes::all(__FLT_MAX__);
  Lanes cost = Lanes::zero();
  for (int64_t j = 0; j < m; j += kLanes) {
    const Lanes p = Lanes::load(kernel + j) * Lanes::load(x + j) * factor;
    const Lanes at = pair.offsets == nullptr ? offset : offset + Lanes::load(pair.offsets + j);
    cost = fma(p, min(fma(load_tail(c, j, m), slope, at), largest), cost);
    if (plan != nullptr) p.store_first(plan + j, m - j < kLanes ? m - j : kLanes);
  }
  return reduce_add(cost);
}

}  // namespace quern::QUERN_TIER::ot
