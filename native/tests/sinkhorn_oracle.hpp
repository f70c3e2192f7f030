// Float64 references of the Sinkhorn operations: the plainest code there is, straight from the definitions in quern.h.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace quern::test {

using Doubles = std::vector<double>;

// −ε log Σ_j exp(h_j − C_j/ε) over the columns with h_j > −infinity and C_j < infinity; 0 if there are none.
inline double softmin(const Doubles& costs, const Doubles& h, double epsilon) {
  double top = -HUGE_VAL, sum = 0;
  for (size_t j = 0; j < costs.size(); j++) top = std::fmax(top, h[j] - costs[j] / epsilon);
  if (top == -HUGE_VAL) return 0;
  for (size_t j = 0; j < costs.size(); j++) sum += std::exp(h[j] - costs[j] / epsilon - top);
  return -epsilon * (top + std::log(sum));
}

struct Transport {
  Doubles f, g, plan;
  double cost, dual, error;
};

struct OracleProblem {
  size_t n, m;
  Doubles cost, a, b;
  double epsilon;
};

inline Doubles log_of(const Doubles& weights) {
  Doubles logs;
  for (double w : weights) logs.push_back(w > 0 ? std::log(w) : -HUGE_VAL);
  return logs;
}

inline Doubles line(const OracleProblem& p, bool row, size_t at) {
  Doubles costs;
  for (size_t k = 0; k < (row ? p.m : p.n); k++) costs.push_back(row ? p.cost[at * p.m + k] : p.cost[k * p.m + at]);
  return costs;
}

// potential_i ← softmin(costs of i, log weights + driver/ε). A point that can reach none of the others takes no part: `out` is −infinity then.
inline void update(const OracleProblem& p, bool rows, const Doubles& logs, const Doubles& driver, const Doubles& own, Doubles& out, double epsilon) {
  for (size_t i = 0; i < out.size(); i++) {
    Doubles h;
    for (size_t j = 0; j < logs.size(); j++) h.push_back(logs[j] == -HUGE_VAL || driver[j] == -HUGE_VAL ? -HUGE_VAL : logs[j] + driver[j] / epsilon);
    const Doubles costs = line(p, rows, i);
    bool reaches = own[i] > 0;
    bool any = false;
    for (size_t j = 0; j < h.size(); j++) any = any || (h[j] > -HUGE_VAL && costs[j] < HUGE_VAL);
    out[i] = reaches && any ? softmin(costs, h, epsilon) : -HUGE_VAL;
  }
}

inline Transport transport(const OracleProblem& p, int64_t iterations, const Doubles& annealing = {}) {
  Transport t{Doubles(p.n), Doubles(p.m), Doubles(p.n * p.m), 0, 0, 0};
  const Doubles log_a = log_of(p.a), log_b = log_of(p.b);
  for (int64_t k = 0; k < iterations; k++) {
    const double epsilon = static_cast<size_t>(k) < annealing.size() ? p.epsilon * annealing[static_cast<size_t>(k)] : p.epsilon;
    update(p, true, log_b, t.g, p.a, t.f, epsilon);
    update(p, false, log_a, t.f, p.b, t.g, epsilon);
  }
  for (size_t i = 0; i < p.n; i++) {
    double mass = 0;
    for (size_t j = 0; j < p.m; j++) {
      const double c = p.cost[i * p.m + j], exponent = (t.f[i] + t.g[j] - c) / p.epsilon;
      const double entry = p.a[i] > 0 && p.b[j] > 0 && c < HUGE_VAL && exponent > -HUGE_VAL ? p.a[i] * p.b[j] * std::exp(exponent) : 0;
      t.plan[i * p.m + j] = entry;
      mass += entry;
      if (entry > 0) t.cost += entry * c;
    }
    t.error += std::fabs(mass - p.a[i]);
    if (t.f[i] == -HUGE_VAL) t.f[i] = 0;
    t.dual += p.a[i] * t.f[i];
  }
  for (size_t j = 0; j < p.m; j++) {
    if (t.g[j] == -HUGE_VAL) t.g[j] = 0;
    t.dual += p.b[j] * t.g[j];
  }
  return t;
}

// The schedule of geomloss: diameter^2, then from it by scaling^2 while above ε, then ε.
inline Doubles schedule(double diameter, double epsilon, double scaling) {
  Doubles steps{diameter * diameter};
  const double start = 2 * std::log(diameter), stop = std::log(epsilon), step = 2 * std::log(scaling);
  const double length = std::ceil((stop - start) / step);
  for (double k = 0; k < length; k++) steps.push_back(std::exp(start + k * step));
  steps.push_back(epsilon);
  return steps;
}

struct Divergence {
  double value;
  size_t iterations;
  Doubles f, g;
};

inline Doubles softmins(const Doubles& cost, size_t n, size_t m, bool transposed, const Doubles& potential, double epsilon) {
  Doubles out, h;
  const size_t rows = transposed ? m : n, columns = transposed ? n : m;
  for (size_t j = 0; j < columns; j++) h.push_back(-std::log(static_cast<double>(columns)) + potential[j] / epsilon);
  for (size_t i = 0; i < rows; i++) {
    Doubles costs;
    for (size_t j = 0; j < columns; j++) costs.push_back(transposed ? cost[j * m + i] : cost[i * m + j]);
    out.push_back(softmin(costs, h, epsilon));
  }
  return out;
}

inline void average(Doubles& now, const Doubles& next) {
  for (size_t i = 0; i < now.size(); i++) now[i] = 0.5 * (now[i] + next[i]);
}

// Costs xy [n,m], xx [n,n], yy [m,m]; empty self costs: biased.
inline Divergence divergence(const Doubles& xy, const Doubles& xx, const Doubles& yy, size_t n, size_t m, double diameter, double epsilon,
                             double scaling = 0.5) {
  const Doubles steps = schedule(diameter, epsilon, scaling);
  const bool debiased = !xx.empty();
  const Doubles none_n(n), none_m(m);
  const double first = steps[0];
  Doubles f = softmins(xy, n, m, false, none_m, first), g = softmins(xy, n, m, true, none_n, first), p, q;
  if (debiased) p = softmins(xx, n, n, false, none_n, first), q = softmins(yy, m, m, false, none_m, first);
  for (double e : steps) {
    const Doubles ft = softmins(xy, n, m, false, g, e), gt = softmins(xy, n, m, true, f, e);
    if (debiased) {
      average(p, softmins(xx, n, n, false, p, e));
      average(q, softmins(yy, m, m, false, q, e));
    }
    average(f, ft);
    average(g, gt);
  }
  const Doubles fl = softmins(xy, n, m, false, g, epsilon), gl = softmins(xy, n, m, true, f, epsilon);
  if (debiased) p = softmins(xx, n, n, false, p, epsilon), q = softmins(yy, m, m, false, q, epsilon);
  Divergence out{0, steps.size(), fl, gl};
  for (size_t i = 0; i < n; i++) out.value += (out.f[i] -= debiased ? p[i] : 0) / static_cast<double>(n);
  for (size_t j = 0; j < m; j++) out.value += (out.g[j] -= debiased ? q[j] : 0) / static_cast<double>(m);
  return out;
}

}  // namespace quern::test
