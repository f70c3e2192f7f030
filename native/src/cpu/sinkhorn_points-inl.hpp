// Sinkhorn between point clouds: costs are recomputed, a strip of 16 rows at a time, and never stored n × m.
//
// With both clouds centred on their common float64 mean, scale·‖x−y‖² = α_i + β_j − 2·scale·<x,y>. α and β are added to the potentials in
// float64, so that the strips hold nothing but <x,y> and its float32 rounding is all that is lost. A label distance splits into an integer
// and a fraction of a binary exponent; points are sorted by label, so that the split table row changes rarely.
#pragma once

#include "cpu/sinkhorn_run-inl.hpp"

namespace quern::QUERN_TIER::ot {

// Points in panels of 16: panel p holds coordinate k of its points at [p·d + k][16], 0 for the points beyond count.
struct Cloud {
  int64_t count, d;
  float* panels;
  double* shift;    // [count] scale·‖x_i‖² about the common mean
  int64_t* order;   // [count] place of the i-th point in the caller's array
  int32_t* labels;  // [count] of the i-th point, ascending; NULL without a table
};

inline Cloud take_cloud(Arena& arena, int64_t most, int64_t d, bool labelled) {
  Cloud cloud{0, d, nullptr, nullptr, nullptr, nullptr};
  cloud.panels = arena.take<float>(checked_mul(padded_to_lanes(most), d, "workspace"));
  cloud.shift = arena.take<double>(most);
  cloud.order = arena.take<int64_t>(most);
  if (labelled) cloud.labels = arena.take<int32_t>(most);
  return cloud;
}

// Stable counting sort; counts: [labels + 1] scratch.
inline void sort_by_label(Cloud& cloud, const int32_t* labels, int64_t label_count, int64_t* counts) {
  for (int64_t l = 0; l <= label_count; l++) counts[l] = 0;
  for (int64_t i = 0; i < cloud.count; i++) counts[labels[i] + 1]++;
  for (int64_t l = 0; l < label_count; l++) counts[l + 1] += counts[l];
  for (int64_t i = 0; i < cloud.count; i++) {
    const int64_t at = counts[labels[i]]++;
    cloud.order[at] = i;
    cloud.labels[at] = labels[i];
  }
}

inline void add_to_mean(const float* points, int64_t count, int64_t d, double share, double* mean) {
  for (int64_t i = 0; i < count; i++) {
    for (int64_t k = 0; k < d; k++) mean[k] += share * static_cast<double>(points[i * d + k]);
  }
}

// Packs points less mean; order, labels and count are set.
inline void pack(Cloud& cloud, const float* points, const double* mean, double scale) {
  const int64_t d = cloud.d;
  for (int64_t i = 0; i < padded_to_lanes(cloud.count); i++) {
    float* lane = cloud.panels + i / kLanes * d * kLanes + i % kLanes;
    const float* point = i < cloud.count ? points + cloud.order[i] * d : nullptr;
    double norm = 0;
    for (int64_t k = 0; k < d; k++) {
      const float value = point == nullptr ? 0.0f : static_cast<float>(static_cast<double>(point[k]) - mean[k]);
      lane[k * kLanes] = value;
      norm += static_cast<double>(value) * static_cast<double>(value);
    }
    if (point != nullptr) cloud.shift[i] = scale * norm;
  }
}

// out[r·ld + 16·p + l] = Σ_k x[k][r] · y_p[k][l], one fma chain over k.
template <int kRows, int kPanels>
inline void inner_products(const float* x, const float* y, int64_t d, float* out, int64_t ld) {
  Lanes sum[kRows][kPanels];
  for (int r = 0; r < kRows; r++) {
    for (int p = 0; p < kPanels; p++) sum[r][p] = Lanes::zero();
  }
  for (int64_t k = 0; k < d; k++) {
    Lanes b[kPanels];
    for (int p = 0; p < kPanels; p++) b[p] = Lanes::load(y + (p * d + k) * kLanes);
    for (int r = 0; r < kRows; r++) {
      const Lanes a = Lanes::all(x[k * kLanes + r]);
      for (int p = 0; p < kPanels; p++) sum[r][p] = fma(a, b[p], sum[r][p]);
    }
  }
  for (int r = 0; r < kRows; r++) {
    for (int p = 0; p < kPanels; p++) sum[r][p].store(out + r * ld + p * kLanes);
  }
}

#if defined(__AVX512F__)
constexpr int kTileRows = 8, kTilePanels = 3;
#else
constexpr int kTileRows = 4, kTilePanels = 1;
#endif

// A strip: one panel of x against all of y.
inline void strip_products(const Cloud& x, int64_t panel, const Cloud& y, float* out, int64_t ld) {
  const float* rows = x.panels + panel * x.d * kLanes;
  const int64_t panels = ld / kLanes;
  int64_t p = 0;
  for (; p + kTilePanels <= panels; p += kTilePanels) {
    for (int r = 0; r < kLanes; r += kTileRows) {
      inner_products<kTileRows, kTilePanels>(rows + r, y.panels + p * y.d * kLanes, x.d, out + r * ld + p * kLanes, ld);
    }
  }
  for (; p < panels; p++) {
    for (int r = 0; r < kLanes; r += kTileRows) {
      inner_products<kTileRows, 1>(rows + r, y.panels + p * y.d * kLanes, x.d, out + r * ld + p * kLanes, ld);
    }
  }
}

// Label distances: table[row label · row_stride + column label · column_stride].
struct LabelTable {
  const float* table;
  int64_t row_stride, column_stride;
};

// What one thread needs to recompute costs: a strip, a row, and the terms of the row label it is at.
struct Stripper {
  float* strip;     // [16, ld]
  float* row;       // [ld]
  float* base;      // [ld] column exponents plus the integral part of the label term
  float* fraction;  // [ld]
  float* offsets;   // [ld] β_j + label distance
  int32_t label;    // −1: none
};

inline Stripper* take_strippers(Arena& arena, int64_t count, int64_t most_m, bool labelled) {
  const int64_t ld = padded_to_lanes(most_m);
  Stripper* strippers = arena.take<Stripper>(count);
  for (int64_t k = 0; k < count; k++) {
    strippers[k].strip = arena.take<float>(checked_mul(kStrip, ld, "workspace"));
    strippers[k].row = arena.take<float>(ld);
    strippers[k].base = labelled ? arena.take<float>(ld) : nullptr;
    strippers[k].fraction = labelled ? arena.take<float>(ld) : nullptr;
    strippers[k].offsets = arena.take<float>(ld);
    strippers[k].label = -1;
  }
  return strippers;
}

struct PointCosts {
  static constexpr bool kKeepsKernel = false;

  int64_t n, m, ld;
  Slope slope;  // of <x,y>
  double scale, epsilon;
  Cloud x, y;
  LabelTable labels;
  Stripper* strippers;

  void set_epsilon(double to) {
    epsilon = to;
    slope = slope_of(2 * scale * kLog2E / to);
  }
  double slope_per_cost() const { return -kLog2E / epsilon; }
  void open_slab(int worker) { strippers[worker].label = -1; }
  const float* costs(int64_t i, int64_t, int worker) const {
    strip_products(x, i / kStrip, y, strippers[worker].strip, ld);
    return strippers[worker].strip;
  }
  int64_t cost_ld() const { return ld; }
  float* kernel(int64_t, int worker) const { return strippers[worker].strip; }
  const double* row_shift() const { return x.shift; }
  const double* column_shift() const { return y.shift; }
  const int64_t* row_order() const { return x.order; }
  const int64_t* column_order() const { return y.order; }

  ColumnTerms terms(const Side& columns, int64_t i, int worker) const {
    if (labels.table == nullptr) return {columns.exponent, nullptr};
    Stripper& at = strippers[worker];
    if (at.label != x.labels[i]) {
      at.label = x.labels[i];
      const float* table = labels.table + at.label * labels.row_stride;
      for (int64_t j = 0; j < ld; j++) {
        const double term = j < m ? slope_per_cost() * static_cast<double>(table[y.labels[j] * labels.column_stride]) : 0;
        const double whole = __builtin_rint(term);
        at.base[j] = columns.exponent[j] + static_cast<float>(whole);
        at.fraction[j] = static_cast<float>(term - whole);
      }
    }
    return {at.base, at.fraction};
  }
  PairCost pair_cost(int64_t i, int worker) const {
    const float* table = labels.table == nullptr ? nullptr : labels.table + x.labels[i] * labels.row_stride;
    float* offsets = strippers[worker].offsets;
    for (int64_t j = 0; j < ld; j++) {
      const double label = table == nullptr || j >= m ? 0 : static_cast<double>(table[y.labels[j] * labels.column_stride]);
      offsets[j] = j < m ? static_cast<float>(y.shift[j] + label) : 0.0f;
    }
    return {static_cast<float>(-2 * scale), static_cast<float>(x.shift[i]), offsets};
  }
  // Rows are asked for in order, from the first of a strip.
  BuiltRow built(const Side& rows, const Side& columns, int64_t i, int64_t, int worker) const {
    const Stripper& at = strippers[worker];
    if (i % kStrip == 0) costs(i, kStrip, worker);
    const float* products = at.strip + i % kStrip * ld;
    if (!rows.live(i)) {
      for (int64_t j = 0; j < ld; j++) at.row[j] = 0;
      return {at.row, 0, products};
    }
    const float sum = build_row(products, terms(columns, i, worker), rows.exponent[i], columns.scaling, at.row, m, slope);
    return {at.row, sum, products};
  }
};

// Both clouds of a problem: sorted, centred, packed. mean: [d], counts: [labels + 1] scratch.
inline void load_clouds(Cloud& x, Cloud& y, const quern_point_clouds& clouds, const Place& place, double* mean, int64_t* counts) {
  const int64_t d = clouds.d;
  const float* xs = clouds.x + place.row * d;
  const float* ys = clouds.y + place.column * d;
  x.count = place.n;
  y.count = place.m;
  for (int64_t k = 0; k < d; k++) mean[k] = 0;
  const double share = 1.0 / static_cast<double>(place.n + place.m);
  add_to_mean(xs, place.n, d, share, mean);
  add_to_mean(ys, place.m, d, share, mean);
  if (clouds.table == nullptr) {
    for (int64_t i = 0; i < place.n; i++) x.order[i] = i;
    for (int64_t j = 0; j < place.m; j++) y.order[j] = j;
  } else {
    sort_by_label(x, clouds.x_labels + place.row, clouds.labels, counts);
    sort_by_label(y, clouds.y_labels + place.column, clouds.labels, counts);
  }
  pack(x, xs, mean, clouds.scale);
  pack(y, ys, mean, clouds.scale);
}

struct PointProblem {
  Problem<PointCosts> problem;
  double* mean;
  int64_t* counts;
};

inline PointProblem* take_points(Arena& arena, const Extents& most, const quern_point_clouds& clouds, int64_t count, ThreadPool* pool) {
  const bool labelled = clouds.table != nullptr;
  PointProblem* spaces = arena.take<PointProblem>(count);
  for (int64_t k = 0; k < count; k++) {
    Problem<PointCosts>& p = spaces[k].problem;
    p.crew.pool = pool;
    take_problem(p, arena, most);
    p.source.x = take_cloud(arena, most.n, clouds.d, labelled);
    p.source.y = take_cloud(arena, most.m, clouds.d, labelled);
    p.source.strippers = take_strippers(arena, pool == nullptr ? 1 : pool->threads(), most.m, labelled);
    p.source.scale = clouds.scale;
    p.source.labels = {clouds.table, clouds.table_ld, 1};
    spaces[k].mean = arena.take<double>(clouds.d);
    spaces[k].counts = labelled ? arena.take<int64_t>(clouds.labels + 1) : nullptr;
  }
  return spaces;
}

inline void sinkhorn_points(Workbench& bench, const quern_sinkhorn_params& params, const quern_point_clouds& clouds,
                            const quern_sinkhorn_result& result) {
  const int threads = bench.pool.threads();
  const Place* places = take_places(bench.arena, params.batch, params.n, params.m, params.ns, params.ms);
  const Division division = divide(bench.arena, places, params.batch, threads);
  PointProblem* lone = take_points(bench.arena, division.lone_most, clouds, division.slots(threads), nullptr);
  PointProblem* shared = take_points(bench.arena, division.shared_most, clouds, division.shared_count > 0 ? 1 : 0, &bench.pool);
  solve_batch(bench.pool, division, lone, shared, [&](PointProblem& space, int64_t k) {
    Problem<PointCosts>& p = space.problem;
    load_clouds(p.source.x, p.source.y, clouds, places[k], space.mean, space.counts);
    p.source.n = places[k].n;
    p.source.m = places[k].m;
    p.source.ld = padded_to_lanes(places[k].m);
    set_weights(p.rows, places[k].n, params.a == nullptr ? nullptr : params.a + places[k].row, p.source.x.order);
    set_weights(p.columns, places[k].m, params.b == nullptr ? nullptr : params.b + places[k].column, p.source.y.order);
    solve(p, params, result, k, places[k]);
  });
}

}  // namespace quern::QUERN_TIER::ot
