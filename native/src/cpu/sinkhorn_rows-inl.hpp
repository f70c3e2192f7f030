// Row kernels of Sinkhorn: what is done to one or a few rows of m costs. Every row sum is one chain of 16 lanes, every column sum one chain over the
// rows, so how many rows a tier takes at a time changes no bit.
#pragma once

#include "cpu/sinkhorn_math-inl.hpp"

namespace quern::QUERN_TIER::ot {

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

// Rows that are dotted at a time: as many sums as the registers hold.
#if defined(__AVX512F__)
constexpr int kDotRows = 8;
#else
constexpr int kDotRows = 4;
#endif

template <int kRows>
[[gnu::always_inline]] inline void dot_rows(const float* kernel, int64_t ld, const float* x, Lanes* sum) {
  for (int r = 0; r < kRows; r++) sum[r] = Lanes::zero();
  for (int64_t j = 0; j < ld; j += kLanes) {
    const Lanes v = Lanes::load(x + j);
    for (int r = 0; r < kRows; r++) sum[r] = fma(Lanes::load(kernel + r * ld + j), v, sum[r]);
  }
}

inline float dot_row(const float* kernel, int64_t ld, const float* x) {
  Lanes sum;
  dot_rows<1>(kernel, ld, x, &sum);
  return reduce_add(sum);
}

#if defined(__AVX512F__)

// Eight trees at once, each the tree of reduce_add: its halves, quarters and pairs are gathered over the rows and added side by side.
[[gnu::always_inline]] inline Lanes reduce_eight(const Lanes* rows) {
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
  return {__builtin_shufflevector(whole, whole, 0, 4, 8, 12, 2, 6, 10, 14, 0, 4, 8, 12, 2, 6, 10, 14)};
}

#elif defined(__AVX2__)

[[gnu::always_inline]] inline Lanes reduce_eight(const Lanes* rows) {
  __m256 two[4], four[2];
  for (int r = 0; r < 4; r++) {
    const __m256 a = _mm256_add_ps(rows[2 * r].lo, rows[2 * r].hi), b = _mm256_add_ps(rows[2 * r + 1].lo, rows[2 * r + 1].hi);
    two[r] = _mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31));
  }
  for (int r = 0; r < 2; r++) {
    const __m256 a = two[2 * r], b = two[2 * r + 1];
    four[r] = _mm256_add_ps(_mm256_shuffle_ps(a, b, 0x44), _mm256_shuffle_ps(a, b, 0xee));
  }
  const __m256 whole = _mm256_add_ps(_mm256_shuffle_ps(four[0], four[1], 0x88), _mm256_shuffle_ps(four[0], four[1], 0xdd));
  const __m256 sums = _mm256_permutevar8x32_ps(whole, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  return {sums, sums};
}

#else

[[gnu::always_inline]] inline Lanes reduce_eight(const Lanes* rows) {
  return Lanes::each([&](int i) { return reduce_add(rows[i % 8]); });
}

#endif

// Σ_j K_rj x_j of eight rows, in both halves.
[[gnu::always_inline]] inline Lanes dot_eight(const float* kernel, int64_t ld, const float* x) {
  Lanes rows[8];
  for (int r = 0; r < 8; r += kDotRows) dot_rows<kDotRows>(kernel + r * ld, ld, x, rows + r);
  return reduce_eight(rows);
}

// Rows whose contributions to a column are chained before they join its sum: fixed, so that a column sum has the same bits on every tier.
constexpr int kColumnGroup = 8;

// Σ_r y_r kernel_rj of a group for the 16 columns from j.
[[gnu::always_inline]] inline Lanes group_sum(const float* group, int64_t ld, const Lanes* y, int64_t j) {
  Lanes sum = y[0] * Lanes::load(group + j);
  for (int r = 1; r < kColumnGroup; r++) sum = fma(y[r], Lanes::load(group + r * ld + j), sum);
  return sum;
}

// columns_j += Σ_r y_r kernel_rj over a group. ahead: the group that is wanted next, fetched meanwhile, or NULL.
inline void accumulate_group(const float* group, int64_t ld, const float* y, float* columns, const float* ahead) {
  Lanes factor[kColumnGroup];
  for (int r = 0; r < kColumnGroup; r++) factor[r] = Lanes::all(y[r]);
  for (int64_t j = 0; j < ld; j += kLanes) {
    for (int r = 0; ahead != nullptr && r < kColumnGroup; r++) __builtin_prefetch(ahead + r * ld + j);
    (Lanes::load(columns + j) + group_sum(group, ld, factor, j)).store(columns + j);
  }
}

// The same with the sums of all columns, 16 · kVectors, in registers.
template <int kVectors>
[[gnu::always_inline]] inline void accumulate_narrow(const float* group, const float* y, Lanes* columns) {
  Lanes factor[kColumnGroup];
  for (int r = 0; r < kColumnGroup; r++) factor[r] = Lanes::all(y[r]);
  for (int v = 0; v < kVectors; v++) columns[v] = columns[v] + group_sum(group, kVectors * kLanes, factor, v * kLanes);
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
