// What must hold between calls of quern_sinkhorn, whatever the numbers.
#include <algorithm>

#include "sinkhorn_calls.hpp"

using namespace quern::test;

namespace {

struct Sample {
  size_t n, m;
  std::vector<float> cost, a, b;
  quern_sinkhorn_params params;
};

Sample sample(std::mt19937_64& random, double epsilon, int64_t iterations) {
  Sample s;
  s.n = 1 + random() % 50;
  s.m = 1 + random() % 50;
  s.cost = uniform(random, s.n * s.m, 0.0f, 1.0f);
  s.a = weights(random, s.n);
  s.b = weights(random, s.m);
  s.params = sized(1, static_cast<int64_t>(s.n), static_cast<int64_t>(s.m), epsilon, iterations);
  return s;
}

quern_sinkhorn_params weighted(const Sample& s) {
  quern_sinkhorn_params p = s.params;
  p.a = s.a.data();
  p.b = s.b.data();
  return p;
}

template <class Property>
void for_samples(uint64_t stream, int rounds, double epsilon, int64_t iterations, const Property& property) {
  auto random = seeded(stream);
  Context context = open();
  for (int round = 0; round < rounds; round++) property(context.get(), sample(random, epsilon, iterations), random);
}

}  // namespace

TEST("column marginals hold and the reported error is that of the plan's rows") {
  for_samples(20, 1000, 0.05, 13, [](quern_context* context, const Sample& s, auto&) {
    const Solved r = solve(context, weighted(s), s.cost);
    double error = 0;
    for (size_t j = 0; j < s.m; j++) {
      double sum = 0;
      for (size_t i = 0; i < s.n; i++) sum += static_cast<double>(r.plan[i * s.m + j]);
      EXPECT_NEAR(sum, s.b[j], 1e-6);
    }
    for (size_t i = 0; i < s.n; i++) {
      double sum = 0;
      for (size_t j = 0; j < s.m; j++) sum += static_cast<double>(r.plan[i * s.m + j]);
      error += std::fabs(sum - static_cast<double>(s.a[i]));
    }
    EXPECT_NEAR(r.error[0], error, 1e-6);
  });
}

TEST("the plan is what the potentials say, and the cost is what the plan says") {
  for_samples(21, 1000, 0.1, 20, [](quern_context* context, const Sample& s, auto&) {
    const Solved r = solve(context, weighted(s), s.cost);
    double cost = 0, dual = 0;
    for (size_t i = 0; i < s.n; i++) {
      dual += static_cast<double>(s.a[i]) * static_cast<double>(r.f[i]);
      for (size_t j = 0; j < s.m; j++) {
        const double exponent = static_cast<double>(r.f[i]) + static_cast<double>(r.g[j]) - static_cast<double>(s.cost[i * s.m + j]);
        const double entry = static_cast<double>(s.a[i]) * static_cast<double>(s.b[j]) * std::exp(exponent / 0.1);
        EXPECT_NEAR(r.plan[i * s.m + j], entry, 1e-5 * entry);
        cost += static_cast<double>(r.plan[i * s.m + j]) * static_cast<double>(s.cost[i * s.m + j]);
      }
    }
    for (size_t j = 0; j < s.m; j++) dual += static_cast<double>(s.b[j]) * static_cast<double>(r.g[j]);
    EXPECT_NEAR(r.cost[0], cost, 1e-6 * cost);
    EXPECT_NEAR(r.dual[0], dual, 1e-6);
  });
}

TEST("doubling costs and epsilon keeps every bit of the plan") {
  for_samples(22, 1000, 0.03, 15, [](quern_context* context, const Sample& s, auto&) {
    const Solved r = solve(context, weighted(s), s.cost);
    auto doubled = s.cost;
    for (float& c : doubled) c *= 2;
    quern_sinkhorn_params p = weighted(s);
    p.epsilon *= 2;
    const Solved twice = solve(context, p, doubled);
    EXPECT(same_bits(r.plan, twice.plan));
    EXPECT(twice.cost[0] == 2 * r.cost[0]);
    for (size_t i = 0; i < s.n; i++) EXPECT(twice.f[i] == 2 * r.f[i]);
  });
}

TEST("a constant added to all costs moves the potentials by it and nothing else") {
  for_samples(23, 1000, 0.05, 15, [](quern_context* context, const Sample& s, auto&) {
    // Costs of 2^-12 steps, so that the addition is exact.
    auto cost = s.cost;
    for (float& c : cost) c = std::round(c * 4096) / 4096;
    auto shifted = cost;
    for (float& c : shifted) c += 8;
    const Solved r = solve(context, weighted(s), cost), moved = solve(context, weighted(s), shifted);
    for (size_t k = 0; k < r.plan.size(); k++) EXPECT_NEAR(moved.plan[k], r.plan[k], 2e-6 * static_cast<double>(r.plan[k]));
    EXPECT_NEAR(moved.dual[0] - r.dual[0], 8, 1e-5);
    EXPECT_NEAR(moved.cost[0] - r.cost[0], 8, 1e-4);
  });
}

TEST("a batch returns the bits of its problems one by one, in any order, ragged or not") {
  auto random = seeded(24);
  Context context = open(QUERN_ISA_AUTO, 3);
  const int64_t batch = 17;
  std::vector<int64_t> ns, ms;
  std::vector<float> cost, a, b, epsilons;
  std::vector<Sample> samples;
  for (int64_t k = 0; k < batch; k++) {
    samples.push_back(sample(random, 0, 12));
    Sample& s = samples.back();
    ns.push_back(s.params.n);
    ms.push_back(s.params.m);
    epsilons.push_back(0.02f * static_cast<float>(k + 1));
    cost.insert(cost.end(), s.cost.begin(), s.cost.end());
    a.insert(a.end(), s.a.begin(), s.a.end());
    b.insert(b.end(), s.b.begin(), s.b.end());
  }
  quern_sinkhorn_params p = sized(batch, -5, -5, 0, 12);
  p.ns = ns.data();
  p.ms = ms.data();
  p.a = a.data();
  p.b = b.data();
  p.epsilons = epsilons.data();
  const Solved all = solve(context.get(), p, cost);
  EXPECT(all.status == QUERN_OK);
  size_t row = 0, column = 0, cell = 0;
  for (size_t k = 0; k < samples.size(); k++) {
    const Sample& s = samples[k];
    quern_sinkhorn_params one = weighted(s);
    one.epsilon = static_cast<double>(epsilons[k]);
    const Solved r = solve(context.get(), one, s.cost);
    EXPECT(r.cost[0] == all.cost[k] && r.dual[0] == all.dual[k] && r.error[0] == all.error[k]);
    EXPECT(std::memcmp(r.f.data(), &all.f[row], s.n * sizeof(float)) == 0);
    EXPECT(std::memcmp(r.g.data(), &all.g[column], s.m * sizeof(float)) == 0);
    EXPECT(std::memcmp(r.plan.data(), &all.plan[cell], s.n * s.m * sizeof(float)) == 0);
    row += s.n, column += s.m, cell += s.n * s.m;
  }
}

TEST("permuted rows give permuted potentials, permuted columns permuted plans") {
  for_samples(25, 600, 0.05, 15, [](quern_context* context, const Sample& s, auto& random) {
    std::vector<size_t> to(s.n);
    for (size_t i = 0; i < s.n; i++) to[i] = i;
    std::shuffle(to.begin(), to.end(), random);
    auto cost = s.cost;
    auto a = s.a;
    for (size_t i = 0; i < s.n; i++) {
      a[to[i]] = s.a[i];
      for (size_t j = 0; j < s.m; j++) cost[to[i] * s.m + (s.m - 1 - j)] = s.cost[i * s.m + j];
    }
    const std::vector<float> b(s.b.rbegin(), s.b.rend());
    quern_sinkhorn_params p = weighted(s);
    const Solved r = solve(context, p, s.cost);
    p.a = a.data();
    p.b = b.data();
    const Solved q = solve(context, p, cost);
    for (size_t i = 0; i < s.n; i++) {
      EXPECT_NEAR(q.f[to[i]], r.f[i], 1e-6);
      for (size_t j = 0; j < s.m; j++) EXPECT_NEAR(q.plan[to[i] * s.m + s.m - 1 - j], r.plan[i * s.m + j], 5e-6 * static_cast<double>(r.plan[i * s.m + j]));
    }
  });
}

TEST("at convergence the transposed problem has the transposed plan") {
  for_samples(26, 400, 0.3, 2000, [](quern_context* context, const Sample& s, auto&) {
    quern_sinkhorn_params p = weighted(s);
    p.tolerance = 1e-6;
    std::vector<float> cost(s.cost.size());
    for (size_t k = 0; k < cost.size(); k++) cost[k % s.m * s.n + k / s.m] = s.cost[k];
    const Solved r = solve(context, p, s.cost);
    std::swap(p.n, p.m);
    std::swap(p.a, p.b);
    const Solved q = solve(context, p, cost);
    EXPECT(r.converged[0] == 1 && q.converged[0] == 1);
    for (size_t k = 0; k < cost.size(); k++) EXPECT_NEAR(q.plan[k % s.m * s.n + k / s.m], r.plan[k], 1e-5);
  });
}

TEST("a tolerance ends a problem at a multiple of ten iterations with the error below it") {
  for_samples(27, 600, 0.1, 5000, [](quern_context* context, const Sample& s, auto&) {
    quern_sinkhorn_params p = weighted(s);
    p.tolerance = 2e-6;
    const Solved r = solve(context, p, s.cost);
    EXPECT(r.converged[0] == 1 && r.iterations[0] % 10 == 0 && r.iterations[0] < 5000);
    EXPECT(r.error[0] <= 2e-6);
    p.tolerance = 0;
    p.max_iterations = r.iterations[0];
    const Solved fixed = solve(context, p, s.cost);
    EXPECT(same_bits(fixed.plan, r.plan) && fixed.converged[0] == 0);
    p.tolerance = 1;
    p.max_iterations = 3;
    EXPECT(solve(context, p, s.cost).converged[0] == 1);
  });
}

TEST("a tolerance that float32 cannot reach is not reported as met, and the reported error is that of float64") {
  for_samples(28, 6, 1e-3, 300, [](quern_context* context, const Sample& s, auto&) {
    quern_sinkhorn_params p = weighted(s);
    p.tolerance = 1e-6;
    const Solved r = solve(context, p, s.cost);
    const OracleProblem problem = oracle_problem(s.cost.data(), s.n, s.m, 1e-3, s.a.data(), s.b.data());
    EXPECT_NEAR(r.error[0], transport(problem, r.iterations[0]).error, bound(1000));
    EXPECT((r.converged[0] == 1) == (r.error[0] <= p.tolerance));
  });
}

TEST("the marginal error never grows with the iterations") {
  for_samples(28, 400, 0.02, 1, [](quern_context* context, const Sample& s, auto&) {
    double before = 3;
    for (int64_t iterations : {1, 2, 4, 8, 16, 32}) {
      quern_sinkhorn_params p = weighted(s);
      p.max_iterations = iterations;
      const double error = solve(context, p, s.cost).error[0];
      EXPECT(error <= before + 1e-6);
      before = error;
    }
  });
}

TEST("rows and columns of weight zero change nothing for the others") {
  for_samples(29, 600, 0.05, 12, [](quern_context* context, const Sample& s, auto&) {
    std::vector<float> cost, a = s.a, b = s.b;
    a.insert(a.begin(), 0.0f);
    b.push_back(0.0f);
    for (size_t j = 0; j <= s.m; j++) cost.push_back(-5.0f);
    for (size_t i = 0; i < s.n; i++) {
      cost.insert(cost.end(), s.cost.begin() + static_cast<int64_t>(i * s.m), s.cost.begin() + static_cast<int64_t>((i + 1) * s.m));
      cost.push_back(-7.0f);
    }
    const Solved r = solve(context, weighted(s), s.cost);
    quern_sinkhorn_params p = weighted(s);
    p.n++;
    p.m++;
    p.a = a.data();
    p.b = b.data();
    const Solved wide = solve(context, p, cost);
    for (size_t i = 0; i < s.n; i++) EXPECT_NEAR(wide.f[i + 1], r.f[i], 1e-6);
    for (size_t j = 0; j < s.m; j++) EXPECT_NEAR(wide.g[j], r.g[j], 1e-6);
    EXPECT(wide.f[0] == 0.0f && wide.g[s.m] == 0.0f);
    EXPECT_NEAR(wide.cost[0], r.cost[0], 1e-6 * r.cost[0]);
  });
}

TEST("a point split into two halves of its weight keeps its potential") {
  for_samples(30, 600, 0.05, 12, [](quern_context* context, const Sample& s, auto&) {
    std::vector<float> a = s.a, cost = s.cost;
    a[0] *= 0.5f;
    a.push_back(a[0]);
    cost.insert(cost.end(), s.cost.begin(), s.cost.begin() + static_cast<int64_t>(s.m));
    const Solved r = solve(context, weighted(s), s.cost);
    quern_sinkhorn_params p = weighted(s);
    p.n++;
    p.a = a.data();
    const Solved split = solve(context, p, cost);
    EXPECT(split.f[0] == split.f[s.n]);
    for (size_t i = 0; i < s.n; i++) EXPECT_NEAR(split.f[i], r.f[i], 1e-6);
    EXPECT_NEAR(split.cost[0], r.cost[0], 1e-6 * r.cost[0]);
  });
}

TEST("a cost of zero and a huge epsilon give the product plan after one iteration") {
  for_samples(31, 600, 1e6, 1, [](quern_context* context, const Sample& s, auto&) {
    const Solved huge = solve(context, weighted(s), s.cost), zero = solve(context, weighted(s), std::vector<float>(s.cost.size(), 0.0f));
    for (size_t k = 0; k < s.cost.size(); k++) {
      const double product = static_cast<double>(s.a[k / s.m]) * static_cast<double>(s.b[k % s.m]);
      EXPECT_NEAR(huge.plan[k], product, 3e-6 * product);
      EXPECT_NEAR(zero.plan[k], product, 1e-6 * product);
    }
    EXPECT(zero.cost[0] == 0);
  });
}

TEST("uniform weights are the default and sums off by less than a thousandth are renormalised") {
  for_samples(32, 600, 0.05, 12, [](quern_context* context, const Sample& s, auto&) {
    quern_sinkhorn_params p = s.params;
    const Solved r = solve(context, p, s.cost);
    const std::vector<float> a(s.n, static_cast<float>(1.0008 / static_cast<double>(s.n))), b(s.m, static_cast<float>(0.9993 / static_cast<double>(s.m)));
    p.a = a.data();
    p.b = b.data();
    EXPECT_NEAR(solve(context, p, s.cost).cost[0], r.cost[0], 1e-6 * r.cost[0]);
  });
}

TEST("outputs may be left out one by one without changing the others") {
  for_samples(33, 300, 0.05, 12, [](quern_context* context, const Sample& s, auto&) {
    const Solved full = solve(context, weighted(s), s.cost);
    const quern_sinkhorn_params p = weighted(s);
    Solved part = poisoned(p, true);
    for (int kept = 0; kept < 8; kept++) {
      quern_sinkhorn_result only{};
      const quern_sinkhorn_result all = outputs(part);
      if (kept == 0) only.f = all.f;
      if (kept == 1) only.g = all.g;
      if (kept == 2) only.plan = all.plan;
      if (kept == 3) only.cost = all.cost;
      if (kept == 4) only.dual = all.dual;
      if (kept == 5) only.marginal_error = all.marginal_error;
      if (kept == 6) only.iterations = all.iterations;
      if (kept == 7) only.converged = all.converged;
      EXPECT(quern_sinkhorn(context, &p, s.cost.data(), &only) == QUERN_OK);
    }
    EXPECT(part == full);
  });
}
