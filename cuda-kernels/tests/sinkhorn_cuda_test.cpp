// The Sinkhorn kernel for stored costs on the SIMT harness against the float64 oracle: one block, crews, streamed kernels, log-domain rebuilds.
#include "quern_cuda.hpp"
#include "simt/machine.hpp"
#include "solved_on_device.hpp"

using namespace quern::test;
using quern::cuda::Device;
using quern::simt::DeviceArray;

namespace {

constexpr Device kOrdinary{4, 90, 227 * 1024};
constexpr Device kTight{3, 80, 24 * 1024};   // crews of blocks
constexpr Device kStarved{3, 80, 9 * 1024};  // streams the kernel

Solved solve_on(const Device& device, quern_sinkhorn_params p, const std::vector<float>& cost, uint64_t seed = 1) {
  const SolvedOnDevice solved(poisoned(p, true));
  const DeviceArray<float> costs(cost);
  const DeviceArray<unsigned char> workspace(static_cast<size_t>(quern::cuda::sinkhorn_workspace(device, p)));
  quern::simt::Machine::current().set_seed(seed);
  return solved.host(quern::cuda::sinkhorn(device, p, costs.data(), solved.result(), workspace.data(), nullptr));
}

void expect_like(const Solved& s, const Transport& t, double bound_of_r, double epsilon) {
  EXPECT_NEAR(s.cost[0], t.cost, bound_of_r * std::fabs(t.cost));
  EXPECT_NEAR(s.error[0], t.error, bound_of_r);
  const double spread = std::fmax(epsilon, std::fabs(t.dual));
  EXPECT_NEAR(s.dual[0], t.dual, 1e-5 * spread);
  for (size_t i = 0; i < s.plan.size(); i++) EXPECT_NEAR(s.plan[i], t.plan[i], 20 * bound_of_r * t.plan[i] + 1e-9);
  for (size_t i = 0; i < s.f.size(); i++) EXPECT_NEAR(s.f[i], t.f[i], 2e-5 * epsilon + 1e-6 * std::fabs(t.f[i]) + 1e-6 * spread);
  for (size_t j = 0; j < s.g.size(); j++) EXPECT_NEAR(s.g[j], t.g[j], 2e-5 * epsilon + 1e-6 * std::fabs(t.g[j]) + 1e-6 * spread);
}

void expect_oracle(std::mt19937_64& random, const Device& device, int64_t n, int64_t m, double r, int64_t iterations) {
  const size_t rows = static_cast<size_t>(n), columns = static_cast<size_t>(m);
  const auto cost = uniform(random, rows * columns, 0.0f, 1.0f);
  const auto a = weights(random, rows), b = weights(random, columns);
  const DeviceArray<float> row_weights(a), column_weights(b);
  quern_sinkhorn_params p = sized(1, n, m, 1 / r, iterations);
  p.a = row_weights.data();
  p.b = column_weights.data();
  const Transport t = transport(oracle_problem(cost.data(), rows, columns, p.epsilon, a.data(), b.data()), iterations);
  expect_like(solve_on(device, p, cost), t, bound(r), p.epsilon);
}

}  // namespace

TEST("one block agrees with the oracle at every height and width around a cliff") {
  auto random = seeded();
  for (int64_t n : {1, 2, 16, 17, 33, 65, 129}) {
    for (int64_t m : {1, 3, 4, 5, 32, 33, 64, 127, 129}) expect_oracle(random, kOrdinary, n, m, 20, 4);
  }
}

TEST("crews of blocks and streamed kernels agree with the oracle") {
  auto random = seeded(1);
  for (const Device& device : {kTight, kStarved}) {
    for (int64_t n : {1, 17, 70, 130}) {
      for (int64_t m : {1, 31, 66, 129}) expect_oracle(random, device, n, m, 20, 3);
    }
  }
}

TEST("results stay within the bound at cost over epsilon from 1 to 1000") {
  auto random = seeded(2);
  for (const Device& device : {kOrdinary, kTight, kStarved}) {
    for (double r : {1.0, 33.0, 300.0, 1000.0}) expect_oracle(random, device, 60, 50, r, 12);
  }
}

TEST("a ragged batch equals its problems one by one") {
  auto random = seeded(3);
  const std::vector<int64_t> ns = {5, 40, 1, 33, 18}, ms = {7, 36, 9, 1, 64};
  const std::vector<float> epsilons = {0.05f, 0.2f, 0.1f, 1.0f, 0.05f};
  quern_sinkhorn_params p = sized(5, 0, 0, 0, 15);
  p.ns = ns.data();
  p.ms = ms.data();
  const DeviceArray<float> eps(epsilons);
  p.epsilons = eps.data();
  const auto cost = uniform(random, static_cast<size_t>(total_pairs(p)), 0.0f, 1.0f);
  for (const Device& device : {kOrdinary, kTight, kStarved}) {
    const Solved all = solve_on(device, p, cost);
    size_t cell = 0, row = 0;
    for (size_t k = 0; k < 5; k++) {
      const size_t rows = static_cast<size_t>(ns[k]), columns = static_cast<size_t>(ms[k]);
      const Transport t = transport(oracle_problem(&cost[cell], rows, columns, static_cast<double>(epsilons[k])), 15);
      EXPECT_NEAR(all.cost[k], t.cost, bound(20) * t.cost);
      EXPECT_NEAR(all.error[k], t.error, bound(20));
      for (size_t i = 0; i < rows; i++) EXPECT_NEAR(all.f[row + i], t.f[i], 1e-5);
      EXPECT(all.iterations[k] == 15 && all.converged[k] == 0);
      cell += rows * columns;
      row += rows;
    }
  }
}

TEST("a problem stops when its tolerance is met, and only then") {
  auto random = seeded(4);
  const auto cost = uniform(random, 30 * 20, 0.0f, 1.0f);
  quern_sinkhorn_params p = sized(1, 30, 20, 0.1, 500);
  p.tolerance = 1e-5;
  for (const Device& device : {kOrdinary, kTight}) {
    const Solved s = solve_on(device, p, cost);
    EXPECT(s.converged[0] == 1 && s.iterations[0] % 10 == 0 && s.iterations[0] < 500);
    EXPECT(s.error[0] <= p.tolerance);
    const Transport before = transport(oracle_problem(cost.data(), 30, 20, 0.1), s.iterations[0] - 10);
    EXPECT(before.error > p.tolerance - 1e-6);
  }
}

TEST("annealing, forbidden pairs and points without weight follow the oracle") {
  auto random = seeded(5);
  const size_t n = 24, m = 30;
  auto cost = uniform(random, n * m, 0.0f, 1.0f);
  for (size_t k = 0; k < n * m; k += 7) cost[k] = HUGE_VALF;
  for (size_t j = 0; j < m; j++) cost[3 * m + j] = HUGE_VALF;
  auto a = weights(random, n), b = weights(random, m);
  a[5] = b[11] = 0.0f;
  const std::vector<double> annealing = {8, 4, 4, 2};
  quern_sinkhorn_params p = sized(1, n, m, 0.02, 9);
  const DeviceArray<float> rows(a), columns(b);
  p.a = rows.data();
  p.b = columns.data();
  p.annealing = annealing.data();
  p.annealing_steps = 4;
  const Transport t = transport(oracle_problem(cost.data(), n, m, 0.02, a.data(), b.data()), 9, annealing);
  for (const Device& device : {kOrdinary, kTight, kStarved}) {
    const Solved s = solve_on(device, p, cost);
    EXPECT_NEAR(s.cost[0], t.cost, bound(50) * t.cost);
    EXPECT_NEAR(s.error[0], t.error, bound(50) + 1e-6);
    for (size_t i = 0; i < n; i++) EXPECT_NEAR(s.f[i], t.f[i], 1e-5);
    for (size_t j = 0; j < m; j++) EXPECT_NEAR(s.g[j], t.g[j], 1e-5);
    EXPECT(s.f[3] == 0.0f && s.f[5] == 0.0f && s.g[11] == 0.0f);
  }
}

TEST("costs so far apart that sums underflow stay right by log-domain rebuilds") {
  const size_t n = 20;
  std::vector<float> cost(n * n);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) cost[i * n + j] = std::fabs(static_cast<float>(i) - static_cast<float>(j) * 1.5f) * 40.0f;
  }
  const Transport t = transport(oracle_problem(cost.data(), n, n, 1.0), 6);
  for (const Device& device : {kOrdinary, Device{3, 80, 9 * 1024}}) {
    const Solved s = solve_on(device, sized(1, n, n, 1.0, 6), cost);
    EXPECT_NEAR(s.cost[0], t.cost, bound(800) * t.cost);
    EXPECT_NEAR(s.error[0], t.error, bound(800));
    for (size_t i = 0; i < n; i++) EXPECT_NEAR(s.f[i], t.f[i], 1e-3);
  }
}

TEST("the order of blocks and threads does not change a bit") {
  auto random = seeded(6);
  const auto cost = uniform(random, 2 * 50 * 40, 0.0f, 1.0f);
  for (const Device& device : {kOrdinary, kTight, kStarved}) {
    const quern_sinkhorn_params p = sized(2, 50, 40, 0.05, 12);
    EXPECT(solve_on(device, p, cost, 1) == solve_on(device, p, cost, 2));
  }
}
