// Sinkhorn iterations over a source of costs (stored, or recomputed from points), with potentials that cannot overflow.
//
// rebuild    The log-domain iteration. Row i: exponent_i = −max_j(exponent_j + slope·C_ij), so its Gibbs kernel K_ij ≤ 1 has an entry near 1 and
//            its sum lies in [½, 2m]; then the columns are summed from the same K. Only where a column is so far from every row that its sum
//            is not trustworthy, the columns are maximised and the kernel is built a second time.
// sweep      One pass over the stored K of the last rebuild, taken while its sums are trustworthy: rows dot x, y = a / sums, columns += y·K.
//            A sweep that is not trustworthy is thrown away for a rebuild, so at extreme cost/ε every iteration is a log-domain one.
//
// Rows are worked in slabs of fixed height; the column sums of the slabs are added in float64 in the order of the slabs.
#pragma once

#include "cpu/sinkhorn_rows-inl.hpp"
#include "cpu/sinkhorn_state-inl.hpp"

namespace quern::QUERN_TIER::ot {

// A Source has: n, m, ld; slope; kKeepsKernel; open_slab(worker); costs(i, rows, worker) → rows × cost_ld() floats; kernel(i, worker) →
// where the kernel rows i … belong, ld apart; terms(columns, i, worker).
template <class Source>
struct Problem {
  Source source;
  Crew crew;
  Side rows, columns;
  float* slab_columns;   // [slabs, ld]
  SumRange* slab_range;  // [slabs]
  double* slab_error;    // [slabs]
  double* slab_cost;     // [slabs]
  float largest_x;
  bool kernel_is_built;

  int64_t slabs() const { return slab_count(source.n); }
  int64_t slab_begin(int64_t slab) const { return slab * slab_rows(source.n); }
  int64_t slab_end(int64_t slab) const {
    const int64_t end = (slab + 1) * slab_rows(source.n);
    return end < source.n ? end : source.n;
  }
};

// x_j = b_j / column sum; remembers the largest and returns the range.
template <class Source>
SumRange scale_columns(Problem<Source>& p) {
  const int64_t slabs = p.slabs(), ld = p.source.ld;
  LaneRange range;
  for (int64_t j = 0; j < ld; j += kLanes) {
    const float* parts = p.slab_columns + j;
    float sums[kLanes];
    if (slabs == 1) {
      Lanes::load(parts).store(sums);
    } else {
      double total[kLanes] = {};
      for (int64_t slab = 0; slab < slabs; slab++) {
        for (int l = 0; l < kLanes; l++) total[l] += static_cast<double>(parts[slab * ld + l]);
      }
      for (int l = 0; l < kLanes; l++) sums[l] = static_cast<float>(total[l]);
    }
    scale(p.columns, j, kLanes, Lanes::load(sums), range);
  }
  const SumRange reduced = range.reduced();
  p.largest_x = reduced.largest;
  return reduced;
}

template <class Source>
SumRange range_of_slabs(const Problem<Source>& p) {
  SumRange range = p.slab_range[0];
  for (int64_t slab = 1; slab < p.slabs(); slab++) {
    const SumRange other = p.slab_range[slab];
    if (other.smallest < range.smallest) range.smallest = other.smallest;
    if (other.largest > range.largest) range.largest = other.largest;
  }
  return range;
}

inline void fill(float* p, int64_t count, float value) {
  for (int64_t j = 0; j < count; j++) p[j] = value;
}

// One row of the log-domain update; a row that can reach no column, or has no weight, takes no part.
template <class Source>
float lift_and_build_row(Problem<Source>& p, int64_t i, const float* c, float* kernel, int worker) {
  const Source& source = p.source;
  if (p.rows.weight[i] > 0) {
    const ColumnTerms terms = source.terms(p.columns, i, worker);
    const float top = row_top(c, terms.base, source.m, source.slope);
    if (top > -kInfinity) {
      p.rows.exponent[i] = -top;
      return build_row(c, terms, -top, p.columns.scaling, kernel, source.m, source.slope);
    }
  }
  p.rows.remove(i);
  fill(kernel, source.ld, 0);
  return 0;
}

inline int64_t padded_to_group(int64_t rows) { return (rows + kColumnGroup - 1) / kColumnGroup * kColumnGroup; }

enum class RowScalings { kSet, kKeep };

// Calls row(i, costs, kernel) → sum for every row of the slab, sets the row scalings or keeps them, and adds the rows up in columns.
template <class Source, class Row>
SumRange build_slab(Problem<Source>& p, int64_t slab, int worker, RowScalings scalings, const Row& row) {
  Source& source = p.source;
  float* columns = p.slab_columns + slab * source.ld;
  LaneRange range;
  source.open_slab(worker);
  fill(columns, source.ld, 0);
  for (int64_t i = p.slab_begin(slab); i < p.slab_end(slab); i += kStrip) {
    const int64_t count = p.slab_end(slab) - i < kStrip ? p.slab_end(slab) - i : kStrip;
    const float* costs = source.costs(i, count, worker);
    float* kernel = source.kernel(i, worker);
    float sums[kStrip] = {};
    for (int64_t r = 0; r < count; r++) sums[r] = row(i + r, costs + r * source.cost_ld(), kernel + r * source.ld);
    fill(kernel + count * source.ld, (padded_to_group(count) - count) * source.ld, 0);
    if (scalings == RowScalings::kSet) scale(p.rows, i, kStrip, Lanes::load(sums), range);
    accumulate_rows(kernel, source.ld, p.rows.scaling + i, padded_to_group(count), columns);
  }
  return range.reduced();
}

// Builds every row's kernel from the column potentials; row scalings and the slabs' column sums follow.
template <class Source>
void rebuild_rows(Problem<Source>& p) {
  absorb(p.columns);
  p.crew.each(p.slabs(), [&](int64_t slab, int worker) {
    p.slab_range[slab] = build_slab(p, slab, worker, RowScalings::kSet, [&](int64_t i, const float* c, float* kernel) {
      return lift_and_build_row(p, i, c, kernel, worker);
    });
  });
}

// −rint(max_i(exponent_i + slope·C_ij)) becomes the exponent of column j; a column that no row can reach takes no part.
template <class Source>
void lift_columns(Problem<Source>& p) {
  const int64_t ld = p.source.ld, slabs = p.slabs();
  p.crew.each(slabs, [&](int64_t slab, int worker) {
    Source& source = p.source;
    float* tops = p.slab_columns + slab * ld;
    fill(tops, ld, -kInfinity);
    source.open_slab(worker);
    for (int64_t i = p.slab_begin(slab); i < p.slab_end(slab); i += kStrip) {
      const int64_t count = p.slab_end(slab) - i < kStrip ? p.slab_end(slab) - i : kStrip;
      const float* costs = source.costs(i, count, worker);
      for (int64_t r = 0; r < count; r++) {
        if (!p.rows.live(i + r)) continue;
        raise_column_tops(costs + r * source.cost_ld(), source.terms(p.columns, i + r, worker).base, p.rows.exponent[i + r], tops, source.m,
                          source.slope);
      }
    }
  });
  for (int64_t j = 0; j < p.columns.count; j++) {
    float top = -kInfinity;
    for (int64_t slab = 0; slab < slabs; slab++) top = p.slab_columns[slab * ld + j] > top ? p.slab_columns[slab * ld + j] : top;
    if (!p.columns.live(j)) continue;
    if (top > -kInfinity) {
      p.columns.exponent[j] -= __builtin_rintf(top);
    } else {
      p.columns.remove(j);
    }
  }
}

// The column half of a log-domain iteration: the kernel is built anew around the columns' own maxima.
template <class Source>
void rebuild_columns(Problem<Source>& p) {
  absorb(p.rows);
  lift_columns(p);
  p.crew.each(p.slabs(), [&](int64_t slab, int worker) {
    Source& source = p.source;
    build_slab(p, slab, worker, RowScalings::kKeep, [&](int64_t i, const float* c, float* kernel) {
      const ColumnTerms terms = source.terms(p.columns, i, worker);
      if (p.rows.live(i)) return build_row(c, terms, p.rows.exponent[i], p.columns.scaling, kernel, source.m, source.slope);
      fill(kernel, source.ld, 0);
      return 0.0f;
    });
  });
  scale_columns(p);
}

// Whether the column sums of the slabs give trustworthy scalings, which are then set.
template <class Source>
bool columns_follow(Problem<Source>& p, SumRange rows) {
  return trustworthy(scale_columns(p), p.source.n, rows.largest);
}

template <class Source>
void rebuild(Problem<Source>& p) {
  rebuild_rows(p);
  if (!columns_follow(p, range_of_slabs(p))) rebuild_columns(p);
  p.kernel_is_built = true;
}

// Rows are taken in steps whose kernel stays in L1 between its two readings. On narrow kernels the row sums run one step ahead of the column sums,
// which hides the latency of the division.
inline int64_t sweep_step(int64_t ld) { return ld <= 512 ? kStrip : kColumnGroup; }
inline bool sweep_runs_ahead(int64_t ld) { return ld <= 256; }

template <class Source>
void sweep_slab(Problem<Source>& p, int64_t slab) {
  const int64_t ld = p.source.ld, step = sweep_step(ld), begin = p.slab_begin(slab), end = begin + padded_to_group(p.slab_end(slab) - begin);
  const int64_t lag = sweep_runs_ahead(ld) ? step : 0;
  float* columns = p.slab_columns + slab * ld;
  LaneRange range;
  fill(columns, ld, 0);
  for (int64_t i = begin; i < end + lag; i += step) {
    if (i < end) {
      const int64_t count = end - i < step ? end - i : step;
      float sums[kStrip] = {};
      for (int64_t r = 0; r < count; r += kRowBlock) dot_rows<kRowBlock>(p.source.kernel(i + r, 0), ld, p.columns.scaling, sums + r);
      scale(p.rows, i, count, Lanes::load(sums), range);
    }
    const int64_t behind = i - lag;
    if (behind >= begin) {
      const int64_t count = end - behind < step ? end - behind : step;
      accumulate_rows(p.source.kernel(behind, 0), ld, p.rows.scaling + behind, count, columns);
    }
  }
  p.slab_range[slab] = range.reduced();
}

// An iteration on the kernel as it stands; false, with the column potentials as they were, where its row sums are not trustworthy.
template <class Source>
bool sweep(Problem<Source>& p) {
  p.crew.each(p.slabs(), [&](int64_t slab, int) { sweep_slab(p, slab); });
  const SumRange rows = range_of_slabs(p);
  if (!trustworthy(rows, p.source.m, p.largest_x)) return false;
  if (!columns_follow(p, rows)) rebuild_columns(p);
  return true;
}

// f ← softmin(C, log b + g/ε), then g ← softmin(Cᵀ, log a + f/ε).
template <class Source>
void iterate(Problem<Source>& p) {
  if (Source::kKeepsKernel && p.kernel_is_built && sweep(p)) return;
  rebuild(p);
}

}  // namespace quern::QUERN_TIER::ot
