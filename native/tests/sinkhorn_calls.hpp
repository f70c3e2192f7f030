// Calls of the Sinkhorn operations with every output wanted and poisoned beforehand.
#pragma once

#include "sinkhorn_oracle.hpp"
#include "tiers.hpp"

namespace quern::test {

struct Solved {
  std::vector<float> f, g, plan;
  std::vector<double> cost, dual, error;
  std::vector<int64_t> iterations;
  std::vector<uint8_t> converged;
  int32_t status = QUERN_OK;

  bool operator==(const Solved& o) const {
    return status == o.status && same_bits(f, o.f) && same_bits(g, o.g) && same_bits(plan, o.plan) && same_bits(cost, o.cost) &&
           same_bits(dual, o.dual) && same_bits(error, o.error) && iterations == o.iterations && converged == o.converged;
  }
};

inline int64_t total(int64_t batch, int64_t n, const int64_t* ns) {
  int64_t sum = 0;
  for (int64_t p = 0; p < batch; p++) sum += ns == nullptr ? n : ns[p];
  return sum;
}

inline int64_t total_pairs(const quern_sinkhorn_params& p) {
  int64_t sum = 0;
  for (int64_t k = 0; k < p.batch; k++) sum += (p.ns == nullptr ? p.n : p.ns[k]) * (p.ms == nullptr ? p.m : p.ms[k]);
  return sum;
}

inline Solved poisoned(const quern_sinkhorn_params& p, bool plan) {
  Solved s;
  const size_t batch = static_cast<size_t>(p.batch);
  s.f.assign(static_cast<size_t>(total(p.batch, p.n, p.ns)), NAN);
  s.g.assign(static_cast<size_t>(total(p.batch, p.m, p.ms)), NAN);
  if (plan) s.plan.assign(static_cast<size_t>(total_pairs(p)), NAN);
  s.cost.assign(batch, NAN);
  s.dual.assign(batch, NAN);
  s.error.assign(batch, NAN);
  s.iterations.assign(batch, -7);
  s.converged.assign(batch, 77);
  return s;
}

inline quern_sinkhorn_result outputs(Solved& s) {
  return {s.f.data(),    s.g.data(),     s.plan.empty() ? nullptr : s.plan.data(), s.cost.data(),
          s.dual.data(), s.error.data(), s.iterations.data(),                      s.converged.data()};
}

inline Solved solve(quern_context* context, const quern_sinkhorn_params& p, const std::vector<float>& cost) {
  Solved s = poisoned(p, true);
  const quern_sinkhorn_result result = outputs(s);
  s.status = quern_sinkhorn(context, &p, cost.data(), &result);
  return s;
}

inline Solved solve_points(quern_context* context, const quern_sinkhorn_params& p, const quern_point_clouds& clouds) {
  Solved s = poisoned(p, false);
  const quern_sinkhorn_result result = outputs(s);
  s.status = quern_sinkhorn_points(context, &p, &clouds, &result);
  return s;
}

struct Diverged {
  std::vector<double> value;
  std::vector<float> f, g;
  std::vector<int64_t> iterations;
  int32_t status = QUERN_OK;

  bool operator==(const Diverged& o) const {
    return status == o.status && same_bits(value, o.value) && same_bits(f, o.f) && same_bits(g, o.g) && iterations == o.iterations;
  }
};

inline Diverged diverge(quern_context* context, const quern_divergence_params& p, const quern_point_clouds& clouds) {
  Diverged d;
  d.value.assign(static_cast<size_t>(p.batch), NAN);
  d.f.assign(static_cast<size_t>(total(p.batch, p.n, p.ns)), NAN);
  d.g.assign(static_cast<size_t>(total(p.batch, p.m, p.ms)), NAN);
  d.iterations.assign(static_cast<size_t>(p.batch), -7);
  const quern_divergence_result result{d.value.data(), d.f.data(), d.g.data(), d.iterations.data()};
  d.status = quern_sinkhorn_divergence(context, &p, &clouds, &result);
  return d;
}

inline quern_sinkhorn_params sized(int64_t batch, int64_t n, int64_t m, double epsilon, int64_t iterations) {
  quern_sinkhorn_params p{};
  p.batch = batch;
  p.n = n;
  p.m = m;
  p.epsilon = epsilon;
  p.max_iterations = iterations;
  return p;
}

inline quern_point_clouds clouds_of(const std::vector<float>& x, const std::vector<float>& y, int64_t d) {
  quern_point_clouds c{};
  c.x = x.data();
  c.y = y.data();
  c.d = d;
  return c;
}

inline std::vector<float> uniform(std::mt19937_64& random, size_t count, float low, float high) {
  std::uniform_real_distribution<float> draw(low, high);
  std::vector<float> values(count);
  for (float& value : values) value = draw(random);
  return values;
}

// Positive weights that sum to 1.
inline std::vector<float> weights(std::mt19937_64& random, size_t count) {
  std::vector<float> w = uniform(random, count, 0.05f, 1.0f);
  double sum = 0;
  for (float value : w) sum += static_cast<double>(value);
  for (float& value : w) value = static_cast<float>(static_cast<double>(value) / sum);
  return w;
}

inline Doubles normalised(const float* w, size_t count) {
  Doubles out(count, 1.0 / static_cast<double>(count));
  double sum = 0;
  for (size_t i = 0; w != nullptr && i < count; i++) sum += static_cast<double>(w[i]);
  for (size_t i = 0; w != nullptr && i < count; i++) out[i] = static_cast<double>(w[i]) / sum;
  return out;
}

inline OracleProblem oracle_problem(const float* cost, size_t n, size_t m, double epsilon, const float* a = nullptr, const float* b = nullptr) {
  OracleProblem p{n, m, Doubles(cost, cost + n * m), normalised(a, n), normalised(b, m), epsilon};
  return p;
}

// The bound of the contract: relative for costs, absolute for marginal errors; r = max C/ε.
inline double bound(double r) { return std::fmax(1e-6, 0.5 * 0x1p-24 * r); }

inline double largest(const std::vector<float>& costs) {
  double top = 0;
  for (float c : costs) {
    if (std::isfinite(c)) top = std::fmax(top, std::fabs(static_cast<double>(c)));
  }
  return top;
}

// Ground costs in float64 straight from the definition.
inline Doubles ground_costs(const quern_point_clouds& c, const float* x, const int32_t* lx, size_t n, const float* y, const int32_t* ly, size_t m) {
  Doubles cost(n * m);
  const size_t d = static_cast<size_t>(c.d);
  const double scale = c.scale == 0 ? 0.5 : c.scale;
  const int64_t ld = c.table_ld == 0 ? c.labels : c.table_ld;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < m; j++) {
      double sum = 0;
      for (size_t k = 0; k < d; k++) {
        const double difference = static_cast<double>(x[i * d + k]) - static_cast<double>(y[j * d + k]);
        sum += difference * difference;
      }
      cost[i * m + j] = scale * sum + (c.table == nullptr ? 0 : static_cast<double>(c.table[lx[i] * ld + ly[j]]));
    }
  }
  return cost;
}

inline double box_diameter(const std::vector<float>& x, const std::vector<float>& y, size_t d) {
  double sum = 0;
  for (size_t k = 0; k < d; k++) {
    float low = x[k], high = x[k];
    for (size_t i = k; i < x.size(); i += d) low = std::fmin(low, x[i]), high = std::fmax(high, x[i]);
    for (size_t i = k; i < y.size(); i += d) low = std::fmin(low, y[i]), high = std::fmax(high, y[i]);
    const double side = static_cast<double>(high) - static_cast<double>(low);
    sum += side * side;
  }
  return std::sqrt(sum);
}

}  // namespace quern::test
