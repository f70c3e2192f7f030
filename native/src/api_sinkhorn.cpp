#include <algorithm>
#include <atomic>
#include <cmath>

#include "operation.hpp"

// Validation of the Sinkhorn operations: sizes and parameters first, then the data, then the kernel.
namespace quern {
namespace {

using Long = long long;

// Exponents stay exact integers of float32 below this: 2^21·log2(e) and twice as much in potentials is under 2^24.
constexpr double kLargestRatio = 2097152.0;
constexpr double kSmallestEpsilon = 1e-30, kLargestEpsilon = 1e30;
constexpr double kWeightTolerance = 1e-3;
constexpr double kToleranceFloor = 1e-6;
constexpr int64_t kScanChunk = int64_t{1} << 16;

struct Shapes {
  int64_t batch, n, m;
  const int64_t* ns;
  const int64_t* ms;

  int64_t rows(int64_t p) const { return ns == nullptr ? n : ns[p]; }
  int64_t columns(int64_t p) const { return ms == nullptr ? m : ms[p]; }
};

struct Totals {
  int64_t rows, columns, cells;
};

Totals require_shapes(const Shapes& s) {
  require_at_least("batch", s.batch, 0);
  if ((s.ns == nullptr) != (s.ms == nullptr)) refuse("%s is NULL, allowed: ns and ms together or neither", s.ns == nullptr ? "ns" : "ms");
  if (s.ns == nullptr && s.batch > 0) {
    require_at_least("n", s.n, 1);
    require_at_least("m", s.m, 1);
  }
  Totals totals{0, 0, 0};
  if (s.ns == nullptr) {
    totals.rows = checked_mul(s.batch, s.n, "batch · n");
    totals.columns = checked_mul(s.batch, s.m, "batch · m");
    totals.cells = checked_mul(totals.rows, s.m, "batch · n · m");
  }
  for (int64_t p = 0; s.ns != nullptr && p < s.batch; p++) {
    if (s.ns[p] < 1) refuse("ns[%lld] is %lld, allowed: ≥ 1", static_cast<Long>(p), static_cast<Long>(s.ns[p]));
    if (s.ms[p] < 1) refuse("ms[%lld] is %lld, allowed: ≥ 1", static_cast<Long>(p), static_cast<Long>(s.ms[p]));
    totals.rows = checked_add(totals.rows, s.ns[p], "sum of ns");
    totals.columns = checked_add(totals.columns, s.ms[p], "sum of ms");
    totals.cells = checked_add(totals.cells, checked_mul(s.ns[p], s.ms[p], "ns · ms"), "sum of ns · ms");
  }
  // Room for padding to 16 columns and for the largest element.
  checked_mul(checked_add(totals.cells, checked_mul(totals.rows, 16, "n"), "n · m"), sizeof(double), "n · m");
  checked_mul(checked_add(totals.columns, checked_mul(s.batch, 16, "batch"), "m"), sizeof(double), "m");
  return totals;
}

void require_epsilon(const char* name, int64_t index, double epsilon) {
  if (epsilon >= kSmallestEpsilon && epsilon <= kLargestEpsilon) return;
  if (index < 0) refuse("%s is %g, allowed: %g … %g", name, epsilon, kSmallestEpsilon, kLargestEpsilon);
  refuse("%s[%lld] is %g, allowed: %g … %g", name, static_cast<Long>(index), epsilon, kSmallestEpsilon, kLargestEpsilon);
}

// Non-negative finite weights whose sum is 1 within the tolerance.
void require_weights(const char* name, const float* weights, const Shapes& s, int64_t (Shapes::*length)(int64_t) const) {
  if (weights == nullptr) return;
  for (int64_t p = 0; p < s.batch; p++) {
    double sum = 0;
    const int64_t count = (s.*length)(p);
    for (int64_t i = 0; i < count; i++) {
      const double weight = static_cast<double>(weights[i]);
      if (!(weight >= 0 && std::isfinite(weight))) {
        refuse("%s[%lld,%lld] is %g, allowed: finite and ≥ 0", name, static_cast<Long>(p), static_cast<Long>(i), weight);
      }
      sum += weight;
    }
    if (!(std::fabs(sum - 1) <= kWeightTolerance)) {
      refuse("%s of problem %lld sums to %.9g, allowed: 1 ± %g", name, static_cast<Long>(p), sum, kWeightTolerance);
    }
    weights += count;
  }
}

void require_annealing(const quern_sinkhorn_params& p) {
  require_range("annealing_steps", p.annealing_steps, 0, p.max_iterations - 1);
  if (p.annealing_steps > 0) require_pointer("annealing", p.annealing);
  for (int64_t t = 0; t < p.annealing_steps; t++) {
    if (!(p.annealing[t] >= 1 && p.annealing[t] <= 1e6)) {
      refuse("annealing[%lld] is %g, allowed: 1 … 1e6", static_cast<Long>(t), p.annealing[t]);
    }
  }
}

Shapes shapes_of(const quern_sinkhorn_params& p) { return {p.batch, p.n, p.m, p.ns, p.ms}; }

// Everything but the costs. Sets the defaults.
Totals require_params(Workbench& bench, quern_sinkhorn_params& p) {
  require_readable(bench, "ns", p.ns);
  require_readable(bench, "ms", p.ms);
  require_readable(bench, "a", p.a);
  require_readable(bench, "b", p.b);
  require_readable(bench, "epsilons", p.epsilons);
  require_readable(bench, "annealing", p.annealing);
  const Shapes shapes = shapes_of(p);
  const Totals totals = require_shapes(shapes);
  if (p.epsilons == nullptr) require_epsilon("epsilon", -1, p.epsilon);
  for (int64_t k = 0; p.epsilons != nullptr && k < p.batch; k++) require_epsilon("epsilons", k, static_cast<double>(p.epsilons[k]));
  require_at_least("max_iterations", p.max_iterations, 0);
  if (p.max_iterations == 0) p.max_iterations = 1000;
  require_annealing(p);
  if (!(p.tolerance == 0 || (p.tolerance >= kToleranceFloor && std::isfinite(p.tolerance)))) {
    refuse("tolerance is %g, allowed: 0 or ≥ %g (the floor of float32)", p.tolerance, kToleranceFloor);
  }
  require_weights("a", p.a, shapes, &Shapes::rows);
  require_weights("b", p.b, shapes, &Shapes::columns);
  return totals;
}

double epsilon_at(const quern_sinkhorn_params& p, int64_t problem) {
  return p.epsilons == nullptr ? p.epsilon : static_cast<double>(p.epsilons[problem]);
}

bool good_cost(float cost, float limit) { return (cost >= -limit) & ((cost <= limit) | (cost == HUGE_VALF)); }

// First of count costs that is neither +infinity nor within ±limit; count if there is none.
int64_t first_bad_cost(const float* cost, int64_t count, float limit) {
  int bad = 0;
  for (int64_t i = 0; i < count; i++) bad |= static_cast<int>(!good_cost(cost[i], limit));
  if (bad == 0) return count;
  int64_t i = 0;
  while (good_cost(cost[i], limit)) i++;
  return i;
}

float cost_limit(const quern_sinkhorn_params& p, int64_t problem) {
  const double limit = kLargestRatio * epsilon_at(p, problem);
  return limit < static_cast<double>(__FLT_MAX__) ? static_cast<float>(limit) : __FLT_MAX__;
}

[[noreturn]] void refuse_cost(const quern_sinkhorn_params& p, const float* cost, int64_t problem, int64_t offset, int64_t cell, quern_status status) {
  const int64_t m = shapes_of(p).columns(problem);
  const Long at = problem, i = cell / m, j = cell % m;
  const double value = static_cast<double>(cost[offset + cell]);
  if (!std::isfinite(value)) fail(status, "cost[%lld,%lld,%lld] is %g, allowed: finite or +infinity", at, i, j, value);
  refuse("cost[%lld,%lld,%lld] is %g, allowed: within ±%.9g = 2^21 · epsilon, or +infinity to forbid the pair", at, i, j, value,
         static_cast<double>(cost_limit(p, problem)));
}

// Scans the costs on the pool, in chunks that may span problems.
void require_costs(Workbench& bench, const quern_sinkhorn_params& p, const float* cost, int64_t cells, quern_status status) {
  const Shapes shapes = shapes_of(p);
  int64_t* starts = bench.arena.take<int64_t>(p.batch + 1);
  starts[0] = 0;
  for (int64_t k = 0; k < p.batch; k++) starts[k + 1] = starts[k] + shapes.rows(k) * shapes.columns(k);
  std::atomic<int64_t> first{cells};
  bench.pool.parallel_for((cells + kScanChunk - 1) / kScanChunk, [&](int64_t chunk, int) {
    const int64_t end = std::min(cells, (chunk + 1) * kScanChunk);
    int64_t at = chunk * kScanChunk;
    int64_t problem = std::upper_bound(starts, starts + p.batch + 1, at) - starts - 1;
    for (; at < end; problem++) {
      const int64_t count = std::min(end, starts[problem + 1]) - at;
      const int64_t bad = first_bad_cost(cost + at, count, cost_limit(p, problem));
      if (bad < count) {
        int64_t seen = first.load();
        while (at + bad < seen && !first.compare_exchange_weak(seen, at + bad)) {
        }
        return;
      }
      at += count;
    }
  });
  if (first.load() == cells) return;
  const int64_t problem = std::upper_bound(starts, starts + p.batch + 1, first.load()) - starts - 1;
  refuse_cost(p, cost, problem, starts[problem], first.load() - starts[problem], status);
}

void require_points(const char* name, const float* points, int64_t count, int64_t d, quern_status status) {
  for (int64_t i = 0; i < count; i++) {
    for (int64_t k = 0; k < d; k++) {
      const float value = points[i * d + k];
      // Squares of differences must stay finite.
      if (std::fabs(value) <= 1e18f) continue;
      fail(std::isfinite(value) ? QUERN_INVALID_ARGUMENT : status, "%s[%lld,%lld] is %g, allowed: finite, within ±1e18", name, static_cast<Long>(i),
           static_cast<Long>(k), static_cast<double>(value));
    }
  }
}

// Largest |entry| of the table, which must be finite.
double require_table(const quern_point_clouds& c, quern_status status) {
  double largest = 0;
  for (int64_t i = 0; c.table != nullptr && i < c.labels; i++) {
    for (int64_t j = 0; j < c.labels; j++) {
      const double value = static_cast<double>(c.table[i * c.table_ld + j]);
      if (!std::isfinite(value)) fail(status, "table[%lld,%lld] is %g, allowed: finite", static_cast<Long>(i), static_cast<Long>(j), value);
      largest = std::max(largest, std::fabs(value));
    }
  }
  return largest;
}

// Everything but the ratio to ε. Sets the defaults; returns the largest table entry.
double require_clouds(Workbench& bench, quern_point_clouds& c, const Totals& totals, quern_status status) {
  require_at_least("d", c.d, 1);
  if (c.scale == 0) c.scale = 0.5;
  if (!(c.scale >= 1e-6 && c.scale <= 1e6)) refuse("scale is %g, allowed: 0 (which is 0.5) or 1e-06 … 1e+06", c.scale);
  checked_mul(checked_mul(checked_add(totals.rows, 16, "n"), c.d, "n · d"), sizeof(double), "n · d");
  checked_mul(checked_mul(checked_add(totals.columns, 16, "m"), c.d, "m · d"), sizeof(double), "m · d");
  if (c.table != nullptr) {
    require_readable(bench, "table", c.table);
    require_readable(bench, "x_labels", c.x_labels);
    require_readable(bench, "y_labels", c.y_labels);
    require_range("labels", c.labels, 1, INT32_MAX);
    c.table_ld = leading_dimension("table_ld", c.table_ld, c.labels);
    checked_mul(checked_mul(c.labels, c.table_ld, "table"), sizeof(float), "table");
  }
  if (totals.rows == 0) return 0;
  require_pointer("x", c.x);
  require_pointer("y", c.y);
  if (c.table != nullptr) {
    require_pointer("x_labels", c.x_labels);
    require_pointer("y_labels", c.y_labels);
    require_index("x_labels", c.x_labels, totals.rows, c.labels);
    require_index("y_labels", c.y_labels, totals.columns, c.labels);
  }
  if (readable(bench, "x", c.x)) require_points("x", c.x, totals.rows, c.d, status);
  if (readable(bench, "y", c.y)) require_points("y", c.y, totals.columns, c.d, status);
  return require_table(c, status);
}

void widen(const float* points, int64_t count, int64_t d, float* low, float* high) {
  for (int64_t i = 0; i < count; i++) {
    for (int64_t k = 0; k < d; k++) {
      const float value = points[i * d + k];
      low[k] = value < low[k] ? value : low[k];
      high[k] = value > high[k] ? value : high[k];
    }
  }
}

// Diagonals of the joint bounding boxes of the problems' points; NULL if some of them lie on a device.
const double* bounding_diameters(Workbench& bench, const Shapes& s, const quern_point_clouds& c) {
  if (!readable(bench, "x", c.x) || !readable(bench, "y", c.y)) return nullptr;
  double* diameters = bench.arena.take<double>(s.batch);
  float* low = bench.arena.take<float>(c.d);
  float* high = bench.arena.take<float>(c.d);
  const float* x = c.x;
  const float* y = c.y;
  for (int64_t p = 0; p < s.batch; p++) {
    std::fill(low, low + c.d, HUGE_VALF);
    std::fill(high, high + c.d, -HUGE_VALF);
    widen(x, s.rows(p), c.d, low, high);
    widen(y, s.columns(p), c.d, low, high);
    double sum = 0;
    for (int64_t k = 0; k < c.d; k++) {
      const double side = static_cast<double>(high[k]) - static_cast<double>(low[k]);
      sum += side * side;
    }
    diameters[p] = std::sqrt(sum);
    x += s.rows(p) * c.d;
    y += s.columns(p) * c.d;
  }
  return diameters;
}

// The largest cost of a problem, bounded by its box, against ε.
void require_ratio(int64_t problem, double diameter, double scale, double label, double epsilon) {
  const double ratio = (scale * diameter * diameter + label) / epsilon;
  if (ratio <= kLargestRatio) return;
  refuse("cost/epsilon of problem %lld may reach %.3g (scale %g, diameter %g, label distance %g, epsilon %g), allowed: ≤ 2^21",
         static_cast<Long>(problem), ratio, scale, diameter, label, epsilon);
}

quern_status finite_status(const quern_context* context) { return context->check_finite ? QUERN_NOT_FINITE : QUERN_INVALID_ARGUMENT; }

void require_divergence(quern_divergence_params& p) {
  require_epsilon("epsilon", -1, p.epsilon);
  if (p.scaling == 0) p.scaling = 0.5;
  if (!(p.scaling >= 0.01 && p.scaling <= 0.999)) refuse("scaling is %g, allowed: 0 (which is 0.5) or 0.01 … 0.999", p.scaling);
  require_range("biased", p.biased, 0, 1);
  for (int64_t k = 0; p.diameters != nullptr && k < p.batch; k++) {
    if (!(p.diameters[k] >= 1e-15 && p.diameters[k] <= 1e15)) {
      refuse("diameters[%lld] is %g, allowed: 1e-15 … 1e+15", static_cast<Long>(k), p.diameters[k]);
    }
  }
}

}  // namespace
}  // namespace quern

int32_t quern_sinkhorn(quern_context* context, const quern_sinkhorn_params* params, const float* cost, const quern_sinkhorn_result* result) {
  using namespace quern;
  return operation(context, [&](Workbench& bench, const Kernels& kernels) {
    require_pointer("params", params);
    require_pointer("result", result);
    quern_sinkhorn_params p = *params;
    const Totals totals = require_params(bench, p);
    if (p.batch == 0) return;
    require_pointer("cost", cost);
    if (readable(bench, "cost", cost)) require_costs(bench, p, cost, totals.cells, finite_status(context));
    kernels.sinkhorn(bench, p, cost, *result);
  });
}

int32_t quern_sinkhorn_points(quern_context* context, const quern_sinkhorn_params* params, const quern_point_clouds* clouds,
                              const quern_sinkhorn_result* result) {
  using namespace quern;
  return operation(context, [&](Workbench& bench, const Kernels& kernels) {
    require_pointer("params", params);
    require_pointer("clouds", clouds);
    require_pointer("result", result);
    quern_sinkhorn_params p = *params;
    quern_point_clouds c = *clouds;
    const Totals totals = require_params(bench, p);
    if (result->plan != nullptr) refuse("plan is given, allowed for point clouds: NULL (it would take n · m)");
    const double label = require_clouds(bench, c, totals, finite_status(context));
    if (p.batch == 0) return;
    const double* diameters = bounding_diameters(bench, shapes_of(p), c);
    for (int64_t k = 0; diameters != nullptr && k < p.batch; k++) require_ratio(k, diameters[k], c.scale, label, epsilon_at(p, k));
    kernels.sinkhorn_points(bench, p, c, *result);
  });
}

int32_t quern_sinkhorn_divergence(quern_context* context, const quern_divergence_params* params, const quern_point_clouds* clouds,
                                  const quern_divergence_result* result) {
  using namespace quern;
  return operation(context, [&](Workbench& bench, const Kernels& kernels) {
    require_pointer("params", params);
    require_pointer("clouds", clouds);
    require_pointer("result", result);
    quern_divergence_params p = *params;
    quern_point_clouds c = *clouds;
    require_readable(bench, "ns", p.ns);
    require_readable(bench, "ms", p.ms);
    require_readable(bench, "diameters", p.diameters);
    const Shapes shapes{p.batch, p.n, p.m, p.ns, p.ms};
    const Totals totals = require_shapes(shapes);
    require_divergence(p);
    const double label = require_clouds(bench, c, totals, finite_status(context));
    if (p.batch == 0) return;
    const double* boxes = bounding_diameters(bench, shapes, c);
    if (p.diameters == nullptr) p.diameters = boxes;
    for (int64_t k = 0; boxes != nullptr && k < p.batch; k++) {
      const double start = p.diameters[k] > 0 ? p.diameters[k] * p.diameters[k] : p.epsilon;
      require_ratio(k, boxes[k], c.scale, label, std::min(start, p.epsilon));
    }
    kernels.sinkhorn_divergence(bench, p, c, *result);
  });
}
