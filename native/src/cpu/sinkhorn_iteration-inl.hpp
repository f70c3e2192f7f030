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
  bool backwards;  // the next sweep

  int64_t slabs() const { return slab_count(source.n); }
  int64_t slab_begin(int64_t slab) const { return slab * slab_rows(source.n); }
  int64_t slab_end(int64_t slab) const {
    const int64_t end = (slab + 1) * slab_rows(source.n);
    return end < source.n ? end : source.n;
  }
};

inline Lanes sum_slabs(const float* parts, int64_t slabs, int64_t ld) {
  double total[kLanes] = {};
  for (int64_t slab = 0; slab < slabs; slab++) {
    for (int l = 0; l < kLanes; l++) total[l] += static_cast<double>(parts[slab * ld + l]);
  }
  float sums[kLanes];
  for (int l = 0; l < kLanes; l++) sums[l] = static_cast<float>(total[l]);
  return Lanes::load(sums);
}

// x_j = b_j / column sum; remembers the largest and returns the range.
template <class Source>
SumRange scale_columns(Problem<Source>& p) {
  const int64_t slabs = p.slabs(), ld = p.source.ld;
  LaneRange range;
  for (int64_t j = 0; j < ld; j += kLanes) {
    scale(p.columns, j, kAllLanes, slabs == 1 ? Lanes::load(p.slab_columns + j) : sum_slabs(p.slab_columns + j, slabs, ld), range);
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
    if (scalings == RowScalings::kSet) scale(p.rows, i, kAllLanes, Lanes::load(sums), range);
    for (int64_t r = 0; r < count; r += kColumnGroup) accumulate_group(kernel + r * source.ld, source.ld, p.rows.scaling + i + r, columns, nullptr);
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

// The groups of a slab in the order of this sweep: every other sweep goes backwards, over what the last one left in the caches.
struct GroupOrder {
  int64_t begin, count;
  bool backwards;

  int64_t row(int64_t k) const { return begin + kColumnGroup * (backwards ? count - 1 - k : k); }
};

template <class Source>
GroupOrder order_of(const Problem<Source>& p, int64_t slab) {
  const int64_t begin = p.slab_begin(slab);
  return {begin, padded_to_group(p.slab_end(slab) - begin) / kColumnGroup, p.backwards};
}

// The row scalings of a group, where they are read back sooner than a store of half a vector into the row potentials could be.
struct GroupScalings {
  alignas(64) float lanes[kLanes];
  const float* first;
};

// Row scalings of a group from the column scalings.
template <class Source>
[[gnu::always_inline]] inline void scale_group(Problem<Source>& p, int64_t i, int64_t ld, LaneRange& range, GroupScalings& y) {
  const int64_t first = i / kLanes * kLanes;
  scale(p.rows, first, i == first ? 0x00ffu : 0xff00u, dot_eight(p.source.kernel(i, 0), ld, p.columns.scaling), range).store(y.lanes);
  y.first = y.lanes + (i - first);
}

// Column sums in registers; they follow the row sums by kLag groups, which hides the latency of reduction and division.
template <int kVectors, class Source>
SumRange sweep_narrow(Problem<Source>& p, GroupOrder order, float* columns) {
  constexpr int64_t ld = kVectors * kLanes, kLag = 2;
  Lanes sums[kVectors];
  for (int v = 0; v < kVectors; v++) sums[v] = Lanes::zero();
  LaneRange range;
  GroupScalings y[kLag + 1];
  int64_t ahead = 0, behind = -kLag;
  for (; behind < order.count; ahead++, behind++) {
    if (ahead < order.count) scale_group(p, order.row(ahead), ld, range, y[ahead % (kLag + 1)]);
    if (behind >= 0) accumulate_narrow<kVectors>(p.source.kernel(order.row(behind), 0), y[behind % (kLag + 1)].first, sums);
  }
  for (int v = 0; v < kVectors; v++) sums[v].store(columns + v * kLanes);
  return range.reduced();
}

// Column sums in memory; the next group is fetched while one is added up.
template <class Source>
SumRange sweep_wide(Problem<Source>& p, GroupOrder order, float* columns) {
  const int64_t ld = p.source.ld;
  LaneRange range;
  GroupScalings y;
  fill(columns, ld, 0);
  for (int64_t k = 0; k < order.count; k++) {
    scale_group(p, order.row(k), ld, range, y);
    const float* ahead = k + 1 < order.count ? p.source.kernel(order.row(k + 1), 0) : nullptr;
    accumulate_group(p.source.kernel(order.row(k), 0), ld, y.first, columns, ahead);
  }
  return range.reduced();
}

// Column sums that the registers hold.
constexpr int kNarrowVectors = 8;

template <int kVectors, class Source>
SumRange sweep_of_width(Problem<Source>& p, GroupOrder order, float* columns) {
  if constexpr (kVectors > kNarrowVectors) {
    return sweep_wide(p, order, columns);
  } else {
    if (p.source.ld == kVectors * kLanes) return sweep_narrow<kVectors>(p, order, columns);
    return sweep_of_width<kVectors + 1>(p, order, columns);
  }
}

template <class Source>
void sweep_slab(Problem<Source>& p, int64_t slab) {
  p.slab_range[slab] = sweep_of_width<1>(p, order_of(p, slab), p.slab_columns + slab * p.source.ld);
}

// An iteration on the kernel as it stands; false, with the column potentials as they were, where its row sums are not trustworthy.
template <class Source>
bool sweep(Problem<Source>& p) {
  const int64_t slabs = p.slabs();
  p.crew.each(slabs, [&](int64_t task, int) { sweep_slab(p, p.backwards ? slabs - 1 - task : task); });
  p.backwards = !p.backwards;
  const SumRange rows = range_of_slabs(p);
  if (!trustworthy(rows, p.source.m, p.largest_x)) return false;
  if (!columns_follow(p, rows)) rebuild_columns(p);
  return true;
}

// f ← softmin(C, log b + g/ε), then g ← softmin(Cᵀ, log a + f/ε).
template <class Source>
void iterate(Problem<Source>& p) {
  if constexpr (Source::kKeepsKernel) {
    if (p.kernel_is_built && sweep(p)) return;
  }
  rebuild(p);
}

}  // namespace quern::QUERN_TIER::ot
