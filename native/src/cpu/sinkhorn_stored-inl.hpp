// Sinkhorn with stored costs. The Gibbs kernel is kept in the workspace, [n, m padded to 16] float32, and swept once an iteration.
#pragma once

#include "cpu/sinkhorn_run-inl.hpp"

namespace quern::QUERN_TIER::ot {

struct StoredCosts {
  static constexpr bool kKeepsKernel = true;

  int64_t n, m, ld;
  Slope slope;
  const float* cost;
  float* kernels;

  void set_epsilon(double epsilon) { slope = slope_of(-kLog2E / epsilon); }
  double slope_per_cost() const { return slope.value; }
  void open_slab(int) {}
  const float* costs(int64_t i, int64_t, int) const { return cost + i * m; }
  int64_t cost_ld() const { return m; }
  float* kernel(int64_t i, int) const { return kernels + i * ld; }
  ColumnTerms terms(const Side& columns, int64_t, int) const { return {columns.exponent, nullptr}; }
  PairCost pair_cost(int64_t, int) const { return {1.0f, 0.0f, nullptr}; }
  const double* row_shift() const { return nullptr; }
  const double* column_shift() const { return nullptr; }
  const int64_t* row_order() const { return nullptr; }
  const int64_t* column_order() const { return nullptr; }
  BuiltRow built(const Side&, const Side& columns, int64_t i, int64_t, int) const {
    return {kernels + i * ld, dot_row(kernels + i * ld, ld, columns.scaling), cost + i * m};
  }
};

inline void solve_stored(Problem<StoredCosts>& p, const quern_sinkhorn_params& params, const float* cost, const quern_sinkhorn_result& result,
                         int64_t problem, const Place& place) {
  p.source.n = place.n;
  p.source.m = place.m;
  p.source.ld = padded_to_lanes(place.m);
  p.source.cost = cost + place.cell;
  set_weights(p.rows, place.n, params.a == nullptr ? nullptr : params.a + place.row, nullptr);
  set_weights(p.columns, place.m, params.b == nullptr ? nullptr : params.b + place.column, nullptr);
  solve(p, params, result, problem, place);
}

inline Problem<StoredCosts>* take_stored(Arena& arena, const Extents& most, int64_t count, ThreadPool* pool) {
  Problem<StoredCosts>* problems = arena.take<Problem<StoredCosts>>(count);
  for (int64_t k = 0; k < count; k++) {
    problems[k].crew.pool = pool;
    take_problem(problems[k], arena, most);
    problems[k].source.kernels = arena.take<float>(most.cells);
  }
  return problems;
}

inline void sinkhorn(Workbench& bench, const quern_sinkhorn_params& params, const float* cost, const quern_sinkhorn_result& result) {
  const int threads = bench.pool.threads();
  const Place* places = take_places(bench.arena, params.batch, params.n, params.m, params.ns, params.ms);
  const Division division = divide(bench.arena, places, params.batch, threads);
  Problem<StoredCosts>* lone = take_stored(bench.arena, division.lone_most, division.slots(threads), nullptr);
  Problem<StoredCosts>* shared = take_stored(bench.arena, division.shared_most, division.shared_count > 0 ? 1 : 0, &bench.pool);
  solve_batch(bench.pool, division, lone, shared, [&](Problem<StoredCosts>& space, int64_t k) {
    solve_stored(space, params, cost, result, k, places[k]);
  });
}

}  // namespace quern::QUERN_TIER::ot
