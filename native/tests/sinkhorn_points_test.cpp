// quern_sinkhorn_points against the float64 oracle on the ground costs it never stores, and its properties.
#include "sinkhorn_calls.hpp"

using namespace quern::test;

namespace {

struct Labelled {
  std::vector<float> x, y, table;
  std::vector<int32_t> x_labels, y_labels;
  quern_point_clouds clouds;
};

// table_ld is one more than labels; the column beyond is NaN.
Labelled labelled(std::mt19937_64& random, size_t n, size_t m, int64_t d, int32_t labels) {
  Labelled l;
  l.x = gaussian(random, n * static_cast<size_t>(d));
  l.y = gaussian(random, m * static_cast<size_t>(d));
  l.clouds = clouds_of(l.x, l.y, d);
  if (labels == 0) return l;
  const size_t side = static_cast<size_t>(labels);
  l.table.assign(side * (side + 1), NAN);
  for (size_t k = 0; k < side * side; k++) l.table[k / side * (side + 1) + k % side] = uniform(random, 1, 0.0f, 3.0f)[0];
  for (size_t i = 0; i < n; i++) l.x_labels.push_back(static_cast<int32_t>(random() % side));
  for (size_t j = 0; j < m; j++) l.y_labels.push_back(static_cast<int32_t>(random() % side));
  l.clouds.table = l.table.data();
  l.clouds.labels = labels;
  l.clouds.table_ld = labels + 1;
  l.clouds.x_labels = l.x_labels.data();
  l.clouds.y_labels = l.y_labels.data();
  return l;
}

Doubles costs_of(const Labelled& l, size_t n, size_t m) {
  return ground_costs(l.clouds, l.x.data(), l.x_labels.data(), n, l.y.data(), l.y_labels.data(), m);
}

void expect_oracle(std::mt19937_64& random, const std::vector<Context>& contexts, int64_t n, int64_t m, int64_t d, int32_t labels, double r) {
  const size_t rows = static_cast<size_t>(n), columns = static_cast<size_t>(m);
  Labelled l = labelled(random, rows, columns, d, labels);
  if (labels % 2 == 1) l.clouds.scale = 1.0;
  const auto a = weights(random, rows), b = weights(random, columns);
  OracleProblem oracle{rows, columns, costs_of(l, rows, columns), normalised(a.data(), rows), normalised(b.data(), columns), 0};
  double top = 0;
  for (double c : oracle.cost) top = std::fmax(top, c);
  oracle.epsilon = top / r;
  quern_sinkhorn_params p = sized(1, n, m, oracle.epsilon, 5);
  p.a = a.data();
  p.b = b.data();
  const Transport t = transport(oracle, 5);
  for (const Context& context : contexts) {
    const Solved s = solve_points(context.get(), p, l.clouds);
    EXPECT(s.status == QUERN_OK);
    EXPECT_NEAR(s.cost[0], t.cost, bound(r) * t.cost);
    EXPECT_NEAR(s.error[0], t.error, bound(r));
    EXPECT_NEAR(s.dual[0], t.dual, 2e-6 * std::fmax(top, std::fabs(t.dual)));
    for (size_t i = 0; i < rows; i++) EXPECT_NEAR(s.f[i], t.f[i], 3e-6 * (top + std::fabs(t.f[i])));
    for (size_t j = 0; j < columns; j++) EXPECT_NEAR(s.g[j], t.g[j], 3e-6 * (top + std::fabs(t.g[j])));
  }
}

std::vector<Context> every_tier() {
  std::vector<Context> contexts;
  for (int isa : tiers()) contexts.push_back(open(isa));
  return contexts;
}

}  // namespace

TEST("point clouds agree with the oracle at every height and width around a cliff") {
  auto random = seeded(40);
  const auto contexts = every_tier();
  const int64_t sizes[] = {1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 127, 128, 129};
  for (int64_t n : sizes) {
    for (int64_t m : sizes) expect_oracle(random, contexts, n, m, 3, n % 2 == 0 ? 3 : 0, 20);
  }
  for (int64_t tall : {511, 512, 513, 1023, 1024, 1025}) {
    expect_oracle(random, contexts, tall, 17, 2, 5, 20);
    expect_oracle(random, contexts, 17, tall, 2, 4, 20);
  }
}

TEST("point clouds agree with the oracle in every dimension around a cliff") {
  auto random = seeded(41);
  const auto contexts = every_tier();
  for (int64_t d : {1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 511, 512, 513, 1025}) {
    expect_oracle(random, contexts, 33, 20, d, 0, 20);
    expect_oracle(random, contexts, 9, 50, d, 7, 20);
  }
}

TEST("point clouds stay within the bound at cost over epsilon from 1 to 1000") {
  auto random = seeded(42);
  const auto contexts = every_tier();
  for (double r : {1.0, 10.0, 33.0, 100.0, 300.0, 1000.0}) {
    for (int32_t labels : {0, 1, 5}) {
      expect_oracle(random, contexts, 60, 50, 2, labels, r);
      expect_oracle(random, contexts, 40, 70, 16, labels, r);
    }
  }
}

TEST("clouds far from the origin lose nothing but what their coordinates lost") {
  auto random = seeded(43);
  Context context = open();
  for (float away : {10.0f, 1e3f, 1e5f}) {
    Labelled l = labelled(random, 50, 40, 5, 0);
    for (float& value : l.x) value = std::round(value * 64) / 64 + away;
    for (float& value : l.y) value = std::round(value * 64) / 64 + away;
    const OracleProblem oracle{50, 40, costs_of(l, 50, 40), normalised(nullptr, 50), normalised(nullptr, 40), 0.5};
    const Transport t = transport(oracle, 20);
    const Solved s = solve_points(context.get(), sized(1, 50, 40, 0.5, 20), clouds_of(l.x, l.y, 5));
    EXPECT_NEAR(s.cost[0], t.cost, 2e-6 * t.cost);
    EXPECT_NEAR(s.error[0], t.error, 2e-6);
  }
}

TEST("clouds apart by a million standard deviations, and duplicates, stay right") {
  auto random = seeded(44);
  Context context = open();
  Labelled l = labelled(random, 30, 40, 3, 0);
  for (size_t k = 0; k < 45; k++) l.x[k] = l.x[k % 3];
  for (size_t k = 0; k < 60; k++) l.y[k] = l.x[k % 90];
  for (float& value : l.x) value *= 1e-3f;
  for (size_t j = 0; j < 60; j++) l.y[j] *= 1e-3f;
  const OracleProblem oracle{30, 40, costs_of(l, 30, 40), normalised(nullptr, 30), normalised(nullptr, 40), 0.05};
  const Transport t = transport(oracle, 50);
  const Solved s = solve_points(context.get(), sized(1, 30, 40, 0.05, 50), clouds_of(l.x, l.y, 3));
  EXPECT_NEAR(s.cost[0], t.cost, 1e-5 * t.cost);
  EXPECT_NEAR(s.error[0], t.error, 1e-5);
}

TEST("point clouds equal the stored problem of their costs, tolerance and annealing included") {
  auto random = seeded(45);
  Context context = open();
  const std::vector<double> annealing = {16, 4, 2};
  for (int round = 0; round < 30; round++) {
    const size_t n = 1 + random() % 90, m = 1 + random() % 90;
    const Labelled l = labelled(random, n, m, 4, 3);
    const Doubles exact = costs_of(l, n, m);
    const std::vector<float> cost(exact.begin(), exact.end());
    quern_sinkhorn_params p = sized(1, static_cast<int64_t>(n), static_cast<int64_t>(m), 1.0, 3000);
    p.annealing = annealing.data();
    p.annealing_steps = 3;
    p.tolerance = 1e-5;
    const Solved points = solve_points(context.get(), p, l.clouds), stored = solve(context.get(), p, cost);
    EXPECT(points.converged[0] == 1 && stored.converged[0] == 1);
    EXPECT(std::abs(points.iterations[0] - stored.iterations[0]) <= 10);
    EXPECT_NEAR(points.cost[0], stored.cost[0], 1e-4 * stored.cost[0]);
  }
}

TEST("points in another order, with their labels and weights, give the same potentials") {
  auto random = seeded(46);
  Context context = open();
  const size_t n = 70, m = 50, d = 3;
  const Labelled l = labelled(random, n, m, 3, 4);
  const auto a = weights(random, n);
  quern_sinkhorn_params p = sized(1, 70, 50, 0.5, 10);
  p.a = a.data();
  const Solved s = solve_points(context.get(), p, l.clouds);
  std::vector<float> x, backward_a(a.rbegin(), a.rend());
  std::vector<int32_t> labels(l.x_labels.rbegin(), l.x_labels.rend());
  for (size_t i = n; i-- > 0;) x.insert(x.end(), l.x.begin() + static_cast<int64_t>(i * d), l.x.begin() + static_cast<int64_t>((i + 1) * d));
  quern_point_clouds c = l.clouds;
  c.x = x.data();
  c.x_labels = labels.data();
  p.a = backward_a.data();
  const Solved back = solve_points(context.get(), p, c);
  for (size_t i = 0; i < n; i++) EXPECT_NEAR(back.f[n - 1 - i], s.f[i], 2e-6);
  for (size_t j = 0; j < m; j++) EXPECT_NEAR(back.g[j], s.g[j], 2e-6);
}

TEST("a table of one constant adds it to the cost and changes no plan") {
  auto random = seeded(47);
  Context context = open();
  Labelled l = labelled(random, 40, 30, 6, 3);
  for (float& value : l.table) value = 2.5f;
  const quern_sinkhorn_params p = sized(1, 40, 30, 0.7, 12);
  const Solved with = solve_points(context.get(), p, l.clouds), without = solve_points(context.get(), p, clouds_of(l.x, l.y, 6));
  EXPECT_NEAR(with.cost[0] - without.cost[0], 2.5, 1e-5);
  EXPECT_NEAR(with.error[0], without.error[0], 1e-6);
}

TEST("ragged batches of clouds return the bits of their problems one by one") {
  auto random = seeded(48);
  Context context = open(QUERN_ISA_AUTO, 3);
  const std::vector<int64_t> ns = {5, 300, 1, 64, 33}, ms = {7, 200, 9, 1, 130};
  const Labelled l = labelled(random, 403, 347, 5, 6);
  quern_sinkhorn_params p = sized(5, 0, 0, 0.8, 6);
  p.ns = ns.data();
  p.ms = ms.data();
  const Solved all = solve_points(context.get(), p, l.clouds);
  EXPECT(all.status == QUERN_OK);
  int64_t row = 0, column = 0;
  for (size_t k = 0; k < 5; k++) {
    quern_point_clouds c = l.clouds;
    c.x += row * 5, c.y += column * 5;
    c.x_labels += row, c.y_labels += column;
    const Solved one = solve_points(context.get(), sized(1, ns[k], ms[k], 0.8, 6), c);
    EXPECT(one.cost[0] == all.cost[k] && one.dual[0] == all.dual[k]);
    EXPECT(std::memcmp(one.f.data(), &all.f[static_cast<size_t>(row)], one.f.size() * sizeof(float)) == 0);
    EXPECT(std::memcmp(one.g.data(), &all.g[static_cast<size_t>(column)], one.g.size() * sizeof(float)) == 0);
    row += ns[k], column += ms[k];
  }
}

TEST("memory for clouds grows with n + m, not with n times m") {
  auto random = seeded(49);
  Context context = open();
  const Labelled l = labelled(random, 8000, 8000, 2, 0);
  EXPECT(solve_points(context.get(), sized(1, 8000, 8000, 1.0, 1), l.clouds).status == QUERN_OK);
  EXPECT(quern_context_workspace_bytes(context.get()) < 8000 * 8000 * 4 / 16);
}
