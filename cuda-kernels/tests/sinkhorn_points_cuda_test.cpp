// The Sinkhorn kernel for point clouds on the SIMT harness against the float64 oracle on the ground costs it never stores.
#include "labelled_clouds.hpp"
#include "simt/machine.hpp"
#include "solved_on_device.hpp"

using namespace quern::test;
using quern::cuda::Device;
using quern::simt::DeviceArray;

namespace {

constexpr Device kLone{1, 90, 227 * 1024};   // one or two blocks
constexpr Device kCrowd{3, 90, 227 * 1024};  // crews of blocks
constexpr Device kTight{3, 86, 99 * 1024};   // rows stay in shared memory up to 64 coordinates, beyond they are streamed

Solved solve_on(const Device& device, const quern_sinkhorn_params& p, const Clouds& clouds, uint64_t seed = 1) {
  const SolvedOnDevice solved(poisoned(p, false));
  const DeviceClouds on(clouds);
  const DeviceArray<unsigned char> workspace(static_cast<size_t>(quern::cuda::sinkhorn_points_workspace(device, p, on.clouds)));
  quern::simt::Machine::current().set_seed(seed);
  return solved.host(quern::cuda::sinkhorn_points(device, p, on.clouds, solved.result(), workspace.data(), nullptr));
}

void expect_like(const Solved& s, const Transport& t, double r, double top) {
  EXPECT_NEAR(s.cost[0], t.cost, bound(r) * t.cost);
  EXPECT_NEAR(s.error[0], t.error, bound(r));
  EXPECT_NEAR(s.dual[0], t.dual, 2e-6 * std::fmax(top, std::fabs(t.dual)));
  for (size_t i = 0; i < s.f.size(); i++) EXPECT_NEAR(s.f[i], t.f[i], 3e-6 * (top + std::fabs(t.f[i])));
  for (size_t j = 0; j < s.g.size(); j++) EXPECT_NEAR(s.g[j], t.g[j], 3e-6 * (top + std::fabs(t.g[j])));
}

void expect_oracle(std::mt19937_64& random, const Device& device, int64_t n, int64_t m, int64_t d, int32_t labels, double r, int64_t iterations) {
  const size_t rows = static_cast<size_t>(n), columns = static_cast<size_t>(m);
  Clouds clouds = draw(random, rows, columns, d, labels);
  if (labels % 2 == 1) clouds.scale = 1.0;
  const auto a = weights(random, rows), b = weights(random, columns);
  OracleProblem oracle{rows, columns, costs_of(clouds), normalised(a.data(), rows), normalised(b.data(), columns), 0};
  double top = 0;
  for (double c : oracle.cost) top = std::fmax(top, c);
  oracle.epsilon = top / r;
  const DeviceArray<float> row_weights(a), column_weights(b);
  quern_sinkhorn_params p = sized(1, n, m, oracle.epsilon, iterations);
  p.a = row_weights.data();
  p.b = column_weights.data();
  expect_like(solve_on(device, p, clouds), transport(oracle, iterations), r, top);
}

}  // namespace

TEST("point clouds agree with the oracle at every height and width around a cliff") {
  auto random = seeded(70);
  for (int64_t n : {1, 2, 15, 16, 17, 31, 33, 63, 64, 65}) {
    for (int64_t m : {1, 16, 17, 64, 65}) expect_oracle(random, kLone, n, m, 3, n % 2 == 0 ? 3 : 0, 20, 2);
  }
  for (int64_t tall : {127, 129, 255, 256, 257}) {
    expect_oracle(random, kLone, tall, 17, 2, 5, 20, 2);
    expect_oracle(random, kCrowd, 17, tall, 2, 4, 20, 2);
    expect_oracle(random, kCrowd, tall, 257, 2, 0, 20, 2);
  }
}

TEST("point clouds agree with the oracle in every dimension around a cliff") {
  auto random = seeded(71);
  for (int64_t d : {1, 2, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 97, 193, 257}) {
    expect_oracle(random, kTight, 33, 20, d, 0, 20, 3);
    expect_oracle(random, d > 190 ? kCrowd : kTight, 9, 70, d, 7, 20, 2);
  }
}

TEST("point clouds stay within the bound at cost over epsilon from 1 to 1000") {
  auto random = seeded(72);
  for (double r : {1.0, 33.0, 300.0, 1000.0}) {
    for (int32_t labels : {0, 1, 5}) expect_oracle(random, kCrowd, 60, 50, labels == 0 ? 24 : 2, labels, r, 6);
  }
}

TEST("a ragged batch gives every problem its own result") {
  auto random = seeded(73);
  const std::vector<int64_t> ns = {5, 270, 1, 64, 33}, ms = {7, 70, 9, 1, 130};
  const std::vector<float> epsilons = {0.8f, 0.5f, 2.0f, 1.0f, 0.7f};
  const Clouds all = draw(random, 373, 217, 5, 6);
  quern_sinkhorn_params p = sized(5, 0, 0, 0, 3);
  p.ns = ns.data();
  p.ms = ms.data();
  const DeviceArray<float> eps(epsilons);
  p.epsilons = eps.data();
  for (const Device& device : {kLone, kCrowd}) {
    const Solved s = solve_on(device, p, all);
    int64_t row = 0, column = 0;
    for (size_t k = 0; k < 5; k++) {
      const Clouds one = part(all, row, ns[k], column, ms[k]);
      const size_t rows = static_cast<size_t>(ns[k]), columns = static_cast<size_t>(ms[k]);
      const Transport t = transport({rows, columns, costs_of(one), normalised(nullptr, rows), normalised(nullptr, columns),
                                     static_cast<double>(epsilons[k])}, 3);
      EXPECT_NEAR(s.cost[k], t.cost, 2e-6 * t.cost);
      for (size_t i = 0; i < rows; i++) EXPECT_NEAR(s.f[static_cast<size_t>(row) + i], t.f[i], 1e-4);
      for (size_t j = 0; j < columns; j++) EXPECT_NEAR(s.g[static_cast<size_t>(column) + j], t.g[j], 1e-4);
      EXPECT(s.iterations[k] == 3 && s.converged[k] == 0);
      row += ns[k], column += ms[k];
    }
  }
}

TEST("annealing, tolerance and points without weight follow the oracle") {
  auto random = seeded(74);
  const size_t n = 24, m = 30;
  const Clouds clouds = draw(random, n, m, 3, 2);
  auto a = weights(random, n), b = weights(random, m);
  a[5] = b[11] = 0.0f;
  double sum_a = 0, sum_b = 0;
  for (float value : a) sum_a += static_cast<double>(value);
  for (float value : b) sum_b += static_cast<double>(value);
  const std::vector<double> annealing = {8, 4, 4, 2};
  const DeviceArray<float> rows(a), columns(b);
  quern_sinkhorn_params p = sized(1, n, m, 2.0, 500);
  p.a = rows.data();
  p.b = columns.data();
  p.annealing = annealing.data();
  p.annealing_steps = 4;
  p.tolerance = 1e-4;
  const Solved s = solve_on(kLone, p, clouds);
  EXPECT(s.converged[0] == 1 && s.iterations[0] % 10 == 0 && s.iterations[0] < 500 && s.error[0] <= p.tolerance);
  const OracleProblem oracle{n, m, costs_of(clouds), normalised(a.data(), n), normalised(b.data(), m), 2.0};
  EXPECT(s.iterations[0] == 10 || transport(oracle, s.iterations[0] - 10, annealing).error > p.tolerance - 1e-6);
  const Transport t = transport(oracle, s.iterations[0], annealing);
  EXPECT_NEAR(s.cost[0], t.cost, 2e-6 * t.cost);
  for (size_t i = 0; i < n; i++) EXPECT_NEAR(s.f[i], t.f[i], 2e-5);
  for (size_t j = 0; j < m; j++) EXPECT_NEAR(s.g[j], t.g[j], 2e-5);
  EXPECT(s.f[5] == 0.0f && s.g[11] == 0.0f);
}

TEST("clouds far from the origin, tiny ones and clusters far apart stay right") {
  auto random = seeded(75);
  const auto expect = [](const Clouds& clouds, double epsilon, double share) {
    const OracleProblem oracle{clouds.n(), clouds.m(), costs_of(clouds), normalised(nullptr, clouds.n()), normalised(nullptr, clouds.m()), epsilon};
    const Transport t = transport(oracle, 10);
    const Solved s = solve_on(kLone, sized(1, static_cast<int64_t>(clouds.n()), static_cast<int64_t>(clouds.m()), epsilon, 10), clouds);
    EXPECT_NEAR(s.cost[0], t.cost, share * t.cost);
    EXPECT_NEAR(s.error[0], t.error, share);
  };
  Clouds away = draw(random, 40, 30, 5, 0);
  for (float& value : away.x) value = std::round(value * 64) / 64 + 1e5f;
  for (float& value : away.y) value = std::round(value * 64) / 64 + 1e5f;
  expect(away, 0.5, 3e-6);
  Clouds tiny = draw(random, 30, 40, 3, 0);
  for (float& value : tiny.x) value *= 1e-18f;
  for (float& value : tiny.y) value *= 1e-18f;
  expect(tiny, 1e-30, 3e-6);
  Clouds apart = draw(random, 30, 40, 3, 0);
  for (size_t k = 0; k < 45; k++) apart.x[k] = 20.0f + 1e-3f * apart.x[k];
  for (size_t k = 0; k < 60; k++) apart.y[k] = apart.x[k % 90];
  expect(apart, 0.7, 5e-5);
}

TEST("a near tile behind far ones, and products all of one sign, lose nothing") {
  auto random = seeded(79);
  Clouds behind = draw(random, 40, 150, 2, 0);
  for (size_t k = 0; k < 2 * 130; k++) behind.y[k] += 40.0f;
  Clouds aside = draw(random, 40, 50, 257, 0);
  for (size_t k = 257; k < aside.x.size(); k++) aside.x[k] += 5.0f;
  for (size_t k = 0; k < aside.y.size(); k++) aside.y[k] += 5.0f;
  for (size_t k = 0; k < 257; k++) aside.x[k] -= 5.0f;
  for (const Clouds& clouds : {behind, aside}) {
    OracleProblem oracle{clouds.n(), clouds.m(), costs_of(clouds), normalised(nullptr, clouds.n()), normalised(nullptr, clouds.m()), 0};
    double top = 0;
    for (double c : oracle.cost) top = std::fmax(top, c);
    oracle.epsilon = top / 800;
    const Transport t = transport(oracle, 3);
    const Solved s = solve_on(kLone, sized(1, static_cast<int64_t>(clouds.n()), static_cast<int64_t>(clouds.m()), oracle.epsilon, 3), clouds);
    expect_like(s, t, 800, top);
  }
}

TEST("costs that dwarf epsilon keep every exponent") {
  auto random = seeded(76);
  Clouds clouds = draw(random, 8, 8, 1, 0);
  for (size_t i = 0; i < 8; i++) clouds.x[i] = clouds.y[7 - i] = static_cast<float>(i) * 200.0f;
  const Solved s = solve_on(kLone, sized(1, 8, 8, 1.0, 4), clouds);
  EXPECT_NEAR(s.cost[0], 0, 0x1p-24 * 980000);
  EXPECT_NEAR(s.error[0], 0, 1e-6);
}

TEST("a problem with a value, a label or a ratio that is not allowed gets NaN, and no other one does") {
  auto random = seeded(77);
  const Clouds good = draw(random, 3 * 20, 3 * 18, 4, 3);
  const quern_sinkhorn_params p = sized(3, 20, 18, 1.0, 2);
  const Solved expected = solve_on(kCrowd, p, good);
  const auto expect_refused = [&](const Clouds& clouds) {
    const Solved s = solve_on(kCrowd, p, clouds);
    EXPECT(std::isnan(s.cost[1]) && std::isnan(s.dual[1]) && std::isnan(s.error[1]) && s.iterations[1] == 0 && s.converged[1] == 0);
    for (size_t i = 20; i < 40; i++) EXPECT(std::isnan(s.f[i]));
    for (size_t j = 18; j < 36; j++) EXPECT(std::isnan(s.g[j]));
    for (size_t k : {size_t{0}, size_t{2}}) EXPECT(s.cost[k] == expected.cost[k] && s.iterations[k] == 2);
  };
  for (float value : {NAN, HUGE_VALF, -HUGE_VALF, 1e19f, 1e6f}) {
    Clouds bad = good;
    bad.y[18 * 4 + 7] = value;
    expect_refused(bad);
  }
  for (int32_t label : {-1, 3}) {
    Clouds bad = good;
    bad.x_labels[25] = label;
    expect_refused(bad);
  }
}

TEST("the order of blocks and threads does not change a bit") {
  auto random = seeded(78);
  const Clouds clouds = draw(random, 2 * 90, 2 * 140, 20, 3);
  for (const Device& device : {kLone, kCrowd}) {
    const quern_sinkhorn_params p = sized(2, 90, 140, 2.0, 2);
    EXPECT(solve_on(device, p, clouds, 1) == solve_on(device, p, clouds, 2));
  }
}
