// quern_sinkhorn against the float64 log-domain oracle: every shape cliff, every ratio of cost to ε, weights, forbidden pairs, annealing.
#include "sinkhorn_calls.hpp"

using namespace quern::test;

namespace {

void expect_like(const Solved& s, const Transport& t, double bound_of_r, double epsilon) {
  EXPECT(s.status == QUERN_OK);
  if (s.status != QUERN_OK) return;
  EXPECT_NEAR(s.cost[0], t.cost, bound_of_r * std::fabs(t.cost));
  EXPECT_NEAR(s.error[0], t.error, bound_of_r);
  const double spread = std::fmax(epsilon, std::fabs(t.dual));
  EXPECT_NEAR(s.dual[0], t.dual, 1e-5 * spread);
  for (size_t i = 0; i < s.plan.size(); i++) EXPECT_NEAR(s.plan[i], t.plan[i], 20 * bound_of_r * t.plan[i] + 1e-9);
  for (size_t i = 0; i < s.f.size(); i++) EXPECT_NEAR(s.f[i], t.f[i], 2e-5 * epsilon + 1e-6 * std::fabs(t.f[i]) + 1e-6 * spread);
  for (size_t j = 0; j < s.g.size(); j++) EXPECT_NEAR(s.g[j], t.g[j], 2e-5 * epsilon + 1e-6 * std::fabs(t.g[j]) + 1e-6 * spread);
}

const int64_t kSmall[] = {1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129};
const int64_t kTall[] = {511, 512, 513, 1023, 1024, 1025};
const int64_t kThin[] = {1, 2, 15, 16, 17, 33, 65};

void expect_cliff(std::mt19937_64& random, int64_t n, int64_t m, const std::vector<Context>& contexts) {
  const size_t rows = static_cast<size_t>(n), columns = static_cast<size_t>(m);
  const auto cost = uniform(random, rows * columns, 0.0f, 1.0f);
  const auto a = weights(random, rows), b = weights(random, columns);
  quern_sinkhorn_params p = sized(1, n, m, 0.05, 4);
  p.a = a.data();
  p.b = b.data();
  const Transport t = transport(oracle_problem(cost.data(), rows, columns, p.epsilon, p.a, p.b), p.max_iterations);
  for (const Context& context : contexts) expect_like(solve(context.get(), p, cost), t, bound(20), p.epsilon);
}

std::vector<Context> every_tier() {
  std::vector<Context> contexts;
  for (int isa : tiers()) contexts.push_back(open(isa));
  return contexts;
}

}  // namespace

TEST("results agree with the oracle at every height and width around a cliff") {
  auto random = seeded();
  const auto contexts = every_tier();
  for (int64_t n : kSmall) {
    for (int64_t m : kSmall) expect_cliff(random, n, m, contexts);
  }
  for (int64_t tall : kTall) {
    for (int64_t thin : kThin) {
      expect_cliff(random, tall, thin, contexts);
      expect_cliff(random, thin, tall, contexts);
    }
  }
}

TEST("cost and marginal error stay within the bound at cost over epsilon from 1 to 1000") {
  auto random = seeded(1);
  const auto contexts = every_tier();
  for (double r : {1.0, 3.0, 10.0, 33.0, 100.0, 300.0, 500.0, 1000.0}) {
    for (int kind = 0; kind < 5; kind++) {
      const size_t n = 20 + random() % 60, m = 20 + random() % 60;
      auto cost = uniform(random, n * m, 0.0f, 1.0f);
      const auto from = uniform(random, n, 0.0f, 1.0f), to = uniform(random, m, 0.0f, 1.0f);
      for (size_t k = 0; k < cost.size(); k++) {
        const float difference = from[k / m] - to[k % m];
        if (kind == 1) cost[k] *= cost[k] * cost[k];
        if (kind == 2) cost[k] = difference * difference;
        if (kind == 3) cost[k] += 1000.0f;
        if (kind == 4) cost[k] = random() % 2 == 0 ? 1.0f : 1e-6f * cost[k];
      }
      const auto a = weights(random, n), b = weights(random, m);
      quern_sinkhorn_params p = sized(1, static_cast<int64_t>(n), static_cast<int64_t>(m), largest(cost) / r, 60);
      if (kind % 2 == 1) p.a = a.data(), p.b = b.data();
      const Transport t = transport(oracle_problem(cost.data(), n, m, p.epsilon, p.a, p.b), p.max_iterations);
      for (const Context& context : contexts) {
        const Solved s = solve(context.get(), p, cost);
        EXPECT_NEAR(s.cost[0], t.cost, bound(r) * t.cost);
        EXPECT_NEAR(s.error[0], t.error, bound(r));
      }
    }
  }
}

TEST("a cost over epsilon of a million ends finite and close to the oracle") {
  auto random = seeded(2);
  const size_t n = 40;
  const auto cost = uniform(random, n * n, 0.0f, 1.0f);
  for (double epsilon : {1e-4, 1e-5, 1e-6}) {
    const quern_sinkhorn_params p = sized(1, 40, 40, epsilon, 30);
    const Transport t = transport(oracle_problem(cost.data(), n, n, epsilon), 30);
    for (int isa : tiers()) {
      const Solved s = solve(open(isa).get(), p, cost);
      EXPECT(s.status == QUERN_OK);
      EXPECT_NEAR(s.cost[0], t.cost, 1e-2 * t.cost);
      EXPECT_NEAR(s.error[0], t.error, 1e-2);
    }
  }
}

TEST("columns far from every row are reached through the log domain") {
  auto random = seeded(3);
  const size_t n = 37, m = 53;
  auto cost = uniform(random, n * m, 0.0f, 1.0f);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = m - 5; j < m; j++) cost[i * m + j] += 900.0f + 10.0f * static_cast<float>(j);
  }
  const quern_sinkhorn_params p = sized(1, 37, 53, 1.0, 40);
  const Transport t = transport(oracle_problem(cost.data(), n, m, 1.0), 40);
  for (int isa : tiers()) expect_like(solve(open(isa).get(), p, cost), t, bound(1500), 1.0);
}

TEST("forbidden pairs carry nothing and zero weights take no part") {
  auto random = seeded(4);
  for (int round = 0; round < 12; round++) {
    const size_t n = 5 + random() % 40, m = 5 + random() % 40;
    auto cost = uniform(random, n * m, -1.0f, 1.0f);
    for (float& c : cost) c = random() % 4 == 0 ? INFINITY : c;
    for (size_t i = 0; i < n; i++) cost[i * m + i % m] = 0.5f;
    for (size_t j = 0; j < m; j++) cost[j % n * m + j] = 0.25f;
    auto a = weights(random, n), b = weights(random, m);
    a[0] += a[1];
    a[1] = 0;
    b[2] += b[0];
    b[0] = -0.0f;
    quern_sinkhorn_params p = sized(1, static_cast<int64_t>(n), static_cast<int64_t>(m), 0.1, 25);
    p.a = a.data();
    p.b = b.data();
    const Transport t = transport(oracle_problem(cost.data(), n, m, p.epsilon, p.a, p.b), 25);
    const Solved s = solve(open().get(), p, cost);
    expect_like(s, t, bound(20), p.epsilon);
    EXPECT(s.f[1] == 0.0f && s.g[0] == 0.0f);
    for (size_t k = 0; k < cost.size(); k++) EXPECT(!std::isinf(cost[k]) || s.plan[k] == 0.0f);
    for (size_t j = 0; j < m; j++) EXPECT(s.plan[m + j] == 0.0f);
    for (size_t i = 0; i < n; i++) EXPECT(s.plan[i * m] == 0.0f);
  }
}

TEST("a problem with a row that reaches nothing ends by the cap and leaves the others alone") {
  auto random = seeded(5);
  const int64_t n = 30, m = 20;
  auto cost = uniform(random, 3 * 30 * 20, 0.0f, 1.0f);
  const std::vector<float> good(cost.begin(), cost.begin() + 600), last(cost.begin() + 1200, cost.end());
  for (size_t j = 0; j < 20; j++) cost[600 + 7 * 20 + j] = INFINITY;
  quern_sinkhorn_params p = sized(3, n, m, 0.1, 200);
  p.tolerance = 1e-5;
  for (int isa : tiers()) {
    Context context = open(isa);
    const Solved s = solve(context.get(), p, cost);
    EXPECT(s.status == QUERN_OK);
    EXPECT(s.iterations[1] == 200 && s.converged[1] == 0);
    EXPECT_NEAR(s.error[1], 2.0 / 30, 1e-4);
    EXPECT(s.f[30 + 7] == 0.0f);
    for (float value : s.plan) EXPECT(!std::isnan(value));
    quern_sinkhorn_params one = p;
    one.batch = 1;
    EXPECT(solve(context.get(), one, good).cost[0] == s.cost[0]);
    EXPECT(solve(context.get(), one, last).cost[0] == s.cost[2]);
    EXPECT(s.converged[0] == 1 && s.converged[2] == 1);
  }
}

TEST("unbalanced blocks drift for thousands of iterations without a NaN") {
  std::vector<float> cost(16, INFINITY);
  for (size_t i = 0; i < 4; i++) {
    for (size_t j = 0; j < 4; j++) cost[i * 4 + j] = i / 2 == j / 2 ? 0.1f : INFINITY;
  }
  const std::vector<float> a = {0.4f, 0.4f, 0.1f, 0.1f};
  quern_sinkhorn_params p = sized(1, 4, 4, 1.0, 20000);
  p.a = a.data();
  const Solved s = solve(open().get(), p, cost);
  EXPECT(s.iterations[0] == 20000);
  EXPECT_NEAR(s.error[0], 0.6, 1e-6);
  for (float value : s.f) EXPECT(std::isfinite(value));
  for (float value : s.plan) EXPECT(std::isfinite(value));
}

TEST("annealing follows the oracle") {
  auto random = seeded(6);
  const std::vector<double> annealing = {64, 32, 16, 8, 8, 4, 2, 1};
  for (double epsilon : {0.5, 0.05, 0.005, 0.001}) {
    const size_t n = 40, m = 50;
    const auto cost = uniform(random, n * m, 0.0f, 1.0f);
    quern_sinkhorn_params p = sized(1, 40, 50, epsilon, 20);
    p.annealing = annealing.data();
    p.annealing_steps = 8;
    const Transport t = transport(oracle_problem(cost.data(), n, m, epsilon), 20, annealing);
    for (int isa : tiers()) expect_like(solve(open(isa).get(), p, cost), t, bound(1 / epsilon), epsilon);
  }
}

TEST("a thousand iterations on a hard problem stay within the bound") {
  auto random = seeded(7);
  const size_t n = 32;
  const auto cost = uniform(random, n * n, 0.0f, 1.0f);
  for (double r : {100.0, 1000.0}) {
    const quern_sinkhorn_params p = sized(1, 32, 32, largest(cost) / r, 1000);
    const Transport t = transport(oracle_problem(cost.data(), n, n, p.epsilon), 1000);
    const Solved s = solve(open().get(), p, cost);
    EXPECT_NEAR(s.cost[0], t.cost, bound(r) * t.cost);
    EXPECT_NEAR(s.error[0], t.error, bound(r));
  }
}

TEST("weights and costs at the ends of float32 give what the oracle gives") {
  auto random = seeded(8);
  const size_t n = 24, m = 20;
  for (float tiny : {1e-10f, 1e-20f, 1e-30f, 1e-37f, 1e-42f}) {
    const auto cost = uniform(random, n * m, 0.0f, 1.0f);
    auto a = weights(random, n), b = weights(random, m);
    a[3] = tiny;
    b[5] = tiny;
    quern_sinkhorn_params p = sized(1, 24, 20, 0.02, 15);
    p.a = a.data();
    p.b = b.data();
    // Sums need not be 1 to the last bit.
    const Transport t = transport(oracle_problem(cost.data(), n, m, p.epsilon, p.a, p.b), 15);
    quern_sinkhorn_params loose = p;
    std::vector<float> a1 = a, b1 = b;
    double sum_a = 0, sum_b = 0;
    for (float w : a) sum_a += static_cast<double>(w);
    for (float w : b) sum_b += static_cast<double>(w);
    for (float& w : a1) w = static_cast<float>(static_cast<double>(w) / sum_a);
    for (float& w : b1) w = static_cast<float>(static_cast<double>(w) / sum_b);
    loose.a = a1.data();
    loose.b = b1.data();
    const Solved s = solve(open().get(), loose, cost);
    EXPECT_NEAR(s.cost[0], t.cost, 1e-6 * t.cost);
    EXPECT_NEAR(s.error[0], t.error, 1e-6);
    EXPECT_NEAR(s.f[3], t.f[3], 1e-4);
    EXPECT_NEAR(s.g[5], t.g[5], 1e-4);
  }
  for (float scale : {1e-40f, 1e-30f, 1e30f}) {
    auto cost = uniform(random, n * m, 0.1f, 1.0f);
    for (float& c : cost) c *= scale;
    const double epsilon = std::fmax(1e-30, 0.05 * static_cast<double>(scale));
    const Transport t = transport(oracle_problem(cost.data(), n, m, epsilon), 15);
    const Solved s = solve(open().get(), sized(1, 24, 20, epsilon, 15), cost);
    EXPECT_NEAR(s.cost[0] / t.cost, 1, scale < 1e-38f ? 1e-3 : 1e-6);
    EXPECT_NEAR(s.error[0], t.error, 1e-6);
  }
}

TEST("tiny weights and stepped costs at large ratios keep every potential") {
  auto random = seeded(9);
  Context context = open();
  for (int round = 0; round < 6000; round++) {
    const size_t n = 2 + random() % 8, m = 2 + random() % 8;
    auto cost = uniform(random, n * m, 0.0f, 1.0f);
    if (round % 2 == 1) {
      for (float& c : cost) c = std::round(c * 4) / 4;
    }
    auto a = weights(random, n), b = weights(random, m);
    if (round % 3 == 0) a[0] = 1e-12f, b[1] = 1e-15f;
    double sum_a = 0, sum_b = 0;
    for (float w : a) sum_a += static_cast<double>(w);
    for (float w : b) sum_b += static_cast<double>(w);
    for (float& w : a) w = static_cast<float>(static_cast<double>(w) / sum_a);
    for (float& w : b) w = static_cast<float>(static_cast<double>(w) / sum_b);
    const double r = std::pow(10.0, 1.5 + 1.5 * static_cast<double>(random() % 1000) / 1000);
    quern_sinkhorn_params p = sized(1, static_cast<int64_t>(n), static_cast<int64_t>(m), 1 / r, 1 + static_cast<int64_t>(random() % 60));
    p.a = a.data();
    p.b = b.data();
    const Solved s = solve(context.get(), p, cost);
    const Transport t = transport(oracle_problem(cost.data(), n, m, p.epsilon, p.a, p.b), p.max_iterations);
    EXPECT_NEAR(s.error[0], t.error, bound(r));
    EXPECT_NEAR(s.cost[0], t.cost, bound(r) * t.cost + 0x1p-66);
    for (size_t i = 0; i < n; i++) EXPECT_NEAR(s.f[i], t.f[i], 1e-6 + 1e-5 * p.epsilon);
    for (size_t j = 0; j < m; j++) EXPECT_NEAR(s.g[j], t.g[j], 1e-6 + 1e-5 * p.epsilon);
  }
}

TEST("a constant cost is its own dual to eleven digits at any ratio") {
  for (float constant : {1.0f, 1000.0f, 123.456f}) {
    for (double epsilon : {0.7, 1.1, 0.0123 * static_cast<double>(constant)}) {
      const Solved s = solve(open().get(), sized(1, 16, 32, epsilon, 3), std::vector<float>(512, constant));
      EXPECT_NEAR(s.dual[0], constant, 1e-11 * static_cast<double>(constant) + 1.5e-7 * epsilon);
    }
  }
}
