// One problem from its first iteration to its results, and the layout of a batch.
#pragma once

#include "cpu/sinkhorn_iteration-inl.hpp"

namespace quern::QUERN_TIER::ot {

// Where a problem of a batch lies in the packed arrays.
struct Place {
  int64_t n, m;
  int64_t row, column, cell;  // first row, first column, first pair
};

inline Place* take_places(Arena& arena, int64_t batch, int64_t n, int64_t m, const int64_t* ns, const int64_t* ms) {
  Place* places = arena.take<Place>(batch + 1);
  Place at{0, 0, 0, 0, 0};
  for (int64_t p = 0; p < batch; p++) {
    at.n = ns == nullptr ? n : ns[p];
    at.m = ms == nullptr ? m : ms[p];
    places[p] = at;
    at.row += at.n;
    at.column += at.m;
    at.cell += at.n * at.m;
  }
  places[batch] = at;
  return places;
}

// Largest extents among problems, to size a workspace.
struct Extents {
  int64_t n = 0, m = 0, cells = 0, columns = 0, slabs = 0;

  void cover(const Place& place) {
    const int64_t ld = padded_to_lanes(place.m), slab = slab_count(place.n);
    if (place.n > n) n = place.n;
    if (place.m > m) m = place.m;
    if (padded_to_lanes(place.n) * ld > cells) cells = padded_to_lanes(place.n) * ld;
    if (slab * ld > columns) columns = slab * ld;
    if (slab > slabs) slabs = slab;
  }
};

// A pool thread works a problem of fewer pairs alone; larger ones are shared unless there are enough of them to go round.
constexpr int64_t kSharedPairs = int64_t{1} << 15;

// Which problems of a batch the whole pool works together, and the extents of both kinds.
struct Division {
  int64_t* lone;  // problems that one thread works alone
  int64_t lone_count;
  int64_t* shared;
  int64_t shared_count;
  Extents lone_most, shared_most;

  // Workspaces for the lone problems: one for each thread, or for each problem if there are fewer.
  int64_t slots(int threads) const { return lone_count < threads ? lone_count : threads; }
  int64_t slot(int64_t task, int worker, int threads) const { return lone_count < threads ? task : worker; }
};

inline bool is_shared(const Place& place, int64_t batch, int threads) {
  return threads > 1 && place.n * place.m >= kSharedPairs && (batch < 2 * threads || place.n * place.m >= int64_t{1} << 24);
}

inline Division divide(Arena& arena, const Place* places, int64_t batch, int threads) {
  Division division{arena.take<int64_t>(batch), 0, arena.take<int64_t>(batch), 0, {}, {}};
  for (int64_t k = 0; k < batch; k++) {
    if (is_shared(places[k], batch, threads)) {
      division.shared[division.shared_count++] = k;
      division.shared_most.cover(places[k]);
    } else {
      division.lone[division.lone_count++] = k;
      division.lone_most.cover(places[k]);
    }
  }
  return division;
}

// Calls solve(workspace, problem) for every problem; slots holds the lone workspaces, shared the one of the pool.
template <class Space, class Solve>
void solve_batch(ThreadPool& pool, const Division& division, Space* lone, Space* shared, const Solve& solve) {
  for (int64_t k = 0; k < division.shared_count; k++) solve(*shared, division.shared[k]);
  pool.parallel_for(division.lone_count, [&](int64_t task, int worker) {
    solve(lone[division.slot(task, worker, pool.threads())], division.lone[task]);
  });
}

inline double epsilon_of(const quern_sinkhorn_params& params, int64_t problem) {
  return params.epsilons == nullptr ? params.epsilon : static_cast<double>(params.epsilons[problem]);
}

template <class Source>
void take_problem(Problem<Source>& p, Arena& arena, const Extents& most) {
  p.rows = take_side(arena, most.n);
  p.columns = take_side(arena, most.m);
  p.slab_columns = arena.take<float>(most.columns);
  p.slab_range = arena.take<SumRange>(most.slabs);
  p.slab_error = arena.take<double>(most.slabs);
  p.slab_cost = arena.take<double>(most.slabs);
}

template <class Source>
double slab_sum(const Problem<Source>& p, const double* parts) {
  double sum = 0;
  for (int64_t slab = 0; slab < p.slabs(); slab++) sum += parts[slab];
  return sum;
}

// A row whose kernel stands for the potentials at hand: its kernel, Σ_j K_ij x_j, and its costs.
struct BuiltRow {
  const float* kernel;
  float sum;
  const float* costs;
};

// Σ_i |Σ_j P_ij − a_i| with the potentials as they are; kErrorAndCost also leaves <P,C> in slab_cost and writes the plan unless that is NULL.
enum class Measure { kError, kErrorAndCost };

template <class Source>
double measure(Problem<Source>& p, Measure what, float* plan) {
  p.crew.each(p.slabs(), [&](int64_t slab, int worker) {
    Source& source = p.source;
    double error = 0, cost = 0;
    source.open_slab(worker);
    for (int64_t i = p.slab_begin(slab); i < p.slab_end(slab); i++) {
      const float y = p.rows.scaling[i], weight = p.rows.weight[i];
      const BuiltRow built = source.built(p.rows, p.columns, i, p.slab_end(slab), worker);
      error += __builtin_fabs(static_cast<double>(y) * static_cast<double>(built.sum) - static_cast<double>(weight));
      if (what == Measure::kError) continue;
      float* plan_i = plan == nullptr ? nullptr : plan + i * source.m;
      cost += static_cast<double>(plan_row(built.kernel, p.columns.scaling, y, built.costs, source.m, source.pair_cost(i, worker), plan_i));
    }
    p.slab_error[slab] = error;
    p.slab_cost[slab] = cost;
  });
  return slab_sum(p, p.slab_error);
}

struct Run {
  int64_t iterations;
  bool converged;
};

// Iterations until the cap or the tolerance.
template <class Source>
Run run_iterations(Problem<Source>& p, const quern_sinkhorn_params& params, double epsilon) {
  double current = params.annealing_steps > 0 ? params.annealing[0] * epsilon : epsilon;
  p.source.set_epsilon(current);
  p.kernel_is_built = false;
  p.backwards = true;  // a rebuild has gone forwards
  start_at_zero(p.columns, p.source.column_shift(), p.source.slope_per_cost());
  for (int64_t t = 1; t <= params.max_iterations; t++) {
    const double next = t <= params.annealing_steps ? params.annealing[t - 1] * epsilon : epsilon;
    if (next != current) {
      rescale(p.columns, current / next);
      p.source.set_epsilon(next);
      p.kernel_is_built = false;
      current = next;
    }
    iterate(p);
    const bool checked = params.tolerance > 0 && t % 10 == 0 && t > params.annealing_steps && t < params.max_iterations;
    if (checked && measure(p, Measure::kError, nullptr) <= params.tolerance) return {t, true};
  }
  return {params.max_iterations, false};
}

// <weight, potential> in float64; the potentials, put back into the caller's order, go to out unless that is NULL.
inline double export_potentials(const Side& side, double epsilon, const double* shift, const int64_t* order, float* out) {
  double sum = 0;
  for (int64_t i = 0; i < side.count; i++) {
    const double potential = side.live(i) ? epsilon * side.natural(i) + (shift == nullptr ? 0 : shift[i]) : 0;
    sum += static_cast<double>(side.weight[i]) * potential;
    if (out != nullptr) out[order == nullptr ? i : order[i]] = static_cast<float>(potential);
  }
  return sum;
}

template <class Source>
void solve(Problem<Source>& p, const quern_sinkhorn_params& params, const quern_sinkhorn_result& result, int64_t problem, const Place& place) {
  const double epsilon = epsilon_of(params, problem);
  const Run run = run_iterations(p, params, epsilon);
  const bool wants_cost = result.cost != nullptr || result.plan != nullptr;
  const bool wants_error = result.marginal_error != nullptr || result.converged != nullptr;
  double error = 0;
  if (wants_cost || wants_error) {
    error = measure(p, wants_cost ? Measure::kErrorAndCost : Measure::kError, result.plan == nullptr ? nullptr : result.plan + place.cell);
  }
  if (result.f != nullptr || result.g != nullptr || result.dual != nullptr) {
    float* f_out = result.f == nullptr ? nullptr : result.f + place.row;
    float* g_out = result.g == nullptr ? nullptr : result.g + place.column;
    const double f = export_potentials(p.rows, epsilon, p.source.row_shift(), p.source.row_order(), f_out);
    const double g = export_potentials(p.columns, epsilon, p.source.column_shift(), p.source.column_order(), g_out);
    if (result.dual != nullptr) result.dual[problem] = f + g;
  }
  if (result.cost != nullptr) result.cost[problem] = slab_sum(p, p.slab_cost);
  if (result.marginal_error != nullptr) result.marginal_error[problem] = error;
  if (result.iterations != nullptr) result.iterations[problem] = run.iterations;
  if (result.converged != nullptr) {
    result.converged[problem] = static_cast<uint8_t>(params.tolerance > 0 && (run.converged || error <= params.tolerance));
  }
}

}  // namespace quern::QUERN_TIER::ot
