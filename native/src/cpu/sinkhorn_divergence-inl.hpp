// Sinkhorn divergence of point clouds with uniform weights, on the schedule of geomloss (Feydy et al. 2019): every potential is updated from
// the old values of the others. All four potentials come from the same row update, so clouds of equal bits have a divergence of exactly 0.
#pragma once

#include "cpu/sinkhorn_points-inl.hpp"

namespace quern::QUERN_TIER::ot {

// One of the four potentials: the row update it follows and its values.
struct Potential {
  PointCosts costs;       // this potential's points are the rows
  double* now;            // [count]
  double* next;           // [count]
};

struct DivergenceProblem {
  Crew crew;
  Cloud x, y;
  Side driver;  // the potential of the columns
  Potential f, g, p, q;
  double* mean;
  int64_t* counts;
};

inline Potential take_potential(Arena& arena, int64_t most, const quern_point_clouds& clouds, Stripper* strippers, bool transposed) {
  Potential potential{};
  potential.costs.scale = clouds.scale;
  potential.costs.strippers = strippers;
  potential.costs.labels = transposed ? LabelTable{clouds.table, 1, clouds.table_ld} : LabelTable{clouds.table, clouds.table_ld, 1};
  potential.now = arena.take<double>(most);
  potential.next = arena.take<double>(most);
  return potential;
}

inline DivergenceProblem* take_divergences(Arena& arena, const Extents& most, const quern_point_clouds& clouds, int64_t count, ThreadPool* pool) {
  const bool labelled = clouds.table != nullptr;
  const int64_t longest = most.n > most.m ? most.n : most.m;
  DivergenceProblem* spaces = arena.take<DivergenceProblem>(count);
  for (int64_t k = 0; k < count; k++) {
    DivergenceProblem& s = spaces[k];
    s.crew.pool = pool;
    s.x = take_cloud(arena, most.n, clouds.d, labelled);
    s.y = take_cloud(arena, most.m, clouds.d, labelled);
    s.driver = take_side(arena, longest);
    Stripper* strippers = take_strippers(arena, pool == nullptr ? 1 : pool->threads(), longest, labelled);
    s.f = take_potential(arena, most.n, clouds, strippers, false);
    s.g = take_potential(arena, most.m, clouds, strippers, true);
    s.p = take_potential(arena, most.n, clouds, strippers, false);
    s.q = take_potential(arena, most.m, clouds, strippers, false);
    s.mean = arena.take<double>(clouds.d);
    s.counts = labelled ? arena.take<int64_t>(clouds.labels + 1) : nullptr;
  }
  return spaces;
}

inline void join(Potential& potential, const Cloud& rows, const Cloud& columns) {
  PointCosts& costs = potential.costs;
  costs.x = rows;
  costs.y = columns;
  costs.n = rows.count;
  costs.m = columns.count;
  costs.ld = padded_to_lanes(columns.count);
}

// The driving potential (NULL: 0) of the columns in binary units of ε, less their share of the squared distance.
inline void drive(Side& driver, const Cloud& columns, const double* potential, double epsilon) {
  set_weights(driver, columns.count, nullptr, nullptr);
  const double weight = -log2_of(static_cast<double>(columns.count));
  for (int64_t j = 0; j < columns.count; j++) {
    driver.set(j, weight + ((potential == nullptr ? 0 : potential[j]) - columns.shift[j]) * (kLog2E / epsilon));
  }
}

// next_i = −ε log Σ_j exp(log weight_j + (driver_j − C_ij)/ε).
inline void soft_minimum(DivergenceProblem& s, Potential& potential, const double* driver, double epsilon) {
  PointCosts& costs = potential.costs;
  drive(s.driver, costs.y, driver, epsilon);
  costs.set_epsilon(epsilon);
  s.crew.each(slab_count(costs.n), [&](int64_t slab, int worker) {
    const int64_t height = slab_rows(costs.n), end = (slab + 1) * height < costs.n ? (slab + 1) * height : costs.n;
    costs.open_slab(worker);
    for (int64_t i = slab * height; i < end; i++) {
      if (i % kStrip == 0) costs.costs(i, kStrip, worker);
      float* products = costs.strippers[worker].strip + i % kStrip * costs.ld;
      const ColumnTerms terms = costs.terms(s.driver, i, worker);
      const float top = row_top(products, terms.base, costs.m, costs.slope);
      const float sum = build_row(products, terms, -top, s.driver.scaling, products, costs.m, costs.slope);
      potential.next[i] = costs.x.shift[i] - epsilon * kLn2 * (static_cast<double>(top) + log2_of(static_cast<double>(sum)));
    }
  });
}

enum class Step { kFirst, kAverage, kLast };

// All potentials move together: each next from the old values of its partner.
inline void move(DivergenceProblem& s, double epsilon, Step step, bool debiased) {
  const bool first = step == Step::kFirst;
  soft_minimum(s, s.f, first ? nullptr : s.g.now, epsilon);
  soft_minimum(s, s.g, first ? nullptr : s.f.now, epsilon);
  if (debiased) soft_minimum(s, s.p, first ? nullptr : s.p.now, epsilon);
  if (debiased) soft_minimum(s, s.q, first ? nullptr : s.q.now, epsilon);
  Potential* all[4] = {&s.f, &s.g, &s.p, &s.q};
  for (int k = 0; k < (debiased ? 4 : 2); k++) {
    for (int64_t i = 0; i < all[k]->costs.n; i++) {
      all[k]->now[i] = step == Step::kAverage ? 0.5 * (all[k]->now[i] + all[k]->next[i]) : all[k]->next[i];
    }
  }
}

// Mean of potential less self (NULL: 0); the differences go to out in the caller's order unless that is NULL.
inline double export_difference(const Potential& potential, const double* self, float* out) {
  double sum = 0;
  for (int64_t i = 0; i < potential.costs.n; i++) {
    const double difference = potential.now[i] - (self == nullptr ? 0 : self[i]);
    sum += difference;
    if (out != nullptr) out[potential.costs.x.order[i]] = static_cast<float>(difference);
  }
  return sum / static_cast<double>(potential.costs.n);
}

// The temperatures are diameter², diameter²·scaling^2k while above ε, and ε: the first one occurs twice. A diameter of 0 counts as √ε.
inline int64_t anneal(DivergenceProblem& s, const quern_divergence_params& params, double diameter) {
  const bool debiased = params.biased == 0;
  const double start = diameter > 0 ? diameter * diameter : params.epsilon;
  int64_t steps = 2;
  move(s, start, Step::kFirst, debiased);
  move(s, start, Step::kAverage, debiased);
  for (double epsilon = start; epsilon > params.epsilon; epsilon *= params.scaling * params.scaling, steps++) {
    move(s, epsilon, Step::kAverage, debiased);
  }
  move(s, params.epsilon, Step::kAverage, debiased);
  move(s, params.epsilon, Step::kLast, debiased);
  return steps;
}

inline void solve_divergence(DivergenceProblem& s, const quern_divergence_params& params, const quern_point_clouds& clouds,
                             const quern_divergence_result& result, int64_t problem, const Place& place) {
  load_clouds(s.x, s.y, clouds, place, s.mean, s.counts);
  join(s.f, s.x, s.y);
  join(s.g, s.y, s.x);
  join(s.p, s.x, s.x);
  join(s.q, s.y, s.y);
  const int64_t steps = anneal(s, params, params.diameters[problem]);
  const bool debiased = params.biased == 0;
  const double f = export_difference(s.f, debiased ? s.p.now : nullptr, result.f == nullptr ? nullptr : result.f + place.row);
  const double g = export_difference(s.g, debiased ? s.q.now : nullptr, result.g == nullptr ? nullptr : result.g + place.column);
  if (result.value != nullptr) result.value[problem] = f + g;
  if (result.iterations != nullptr) result.iterations[problem] = steps;
}

inline void sinkhorn_divergence(Workbench& bench, const quern_divergence_params& params, const quern_point_clouds& clouds,
                                const quern_divergence_result& result) {
  const int threads = bench.pool.threads();
  const Place* places = take_places(bench.arena, params.batch, params.n, params.m, params.ns, params.ms);
  const Division division = divide(bench.arena, places, params.batch, threads);
  DivergenceProblem* lone = take_divergences(bench.arena, division.lone_most, clouds, division.slots(threads), nullptr);
  DivergenceProblem* shared = take_divergences(bench.arena, division.shared_most, clouds, division.shared_count > 0 ? 1 : 0, &bench.pool);
  solve_batch(bench.pool, division, lone, shared, [&](DivergenceProblem& space, int64_t k) {
    solve_divergence(space, params, clouds, result, k, places[k]);
  });
}

}  // namespace quern::QUERN_TIER::ot
