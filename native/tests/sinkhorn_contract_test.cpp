// What the Sinkhorn operations promise whatever is asked: the same bits on every tier and thread count, refusals by name, no leak, no NaN.
#include <algorithm>
#include <thread>

#include "memory.hpp"
#include "sinkhorn_calls.hpp"

using namespace quern::test;

namespace {

struct Sample {
  std::vector<float> cost, x, y, table;
  std::vector<int32_t> x_labels, y_labels;
  quern_sinkhorn_params params;
  quern_point_clouds clouds;
  quern_divergence_params divergence;

  Sample(std::mt19937_64& random, int64_t batch, int64_t n, int64_t m, int64_t d, double epsilon) {
    cost = uniform(random, static_cast<size_t>(batch * n * m), 0.0f, 1.0f);
    x = gaussian(random, static_cast<size_t>(batch * n * d));
    y = gaussian(random, static_cast<size_t>(batch * m * d));
    table = uniform(random, 9, 0.0f, 2.0f);
    for (int64_t i = 0; i < batch * n; i++) x_labels.push_back(static_cast<int32_t>(random() % 3));
    for (int64_t j = 0; j < batch * m; j++) y_labels.push_back(static_cast<int32_t>(random() % 3));
    params = sized(batch, n, m, epsilon, 12);
    clouds = clouds_of(x, y, d);
    clouds.table = table.data();
    clouds.labels = 3;
    clouds.x_labels = x_labels.data();
    clouds.y_labels = y_labels.data();
    divergence = {};
    divergence.batch = batch;
    divergence.n = n;
    divergence.m = m;
    divergence.epsilon = epsilon;
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;
};

struct Answers {
  Solved stored, points;
  Diverged divergence;
  bool operator==(const Answers& o) const { return stored == o.stored && points == o.points && divergence == o.divergence; }
};

Answers answers(quern_context* context, const Sample& s) {
  return {solve(context, s.params, s.cost), solve_points(context, s.params, s.clouds), diverge(context, s.divergence, s.clouds)};
}

}  // namespace

TEST("every tier and every thread count returns the same bits") {
  auto random = seeded(80);
  const struct {
    int64_t batch, n, m, d;
    double epsilon;
  } shapes[] = {{1, 200, 170, 5, 0.05}, {3, 65, 33, 17, 0.01}, {9, 16, 50, 3, 0.001}, {1, 700, 50, 2, 0.002}, {1, 1, 1, 1, 1.0}};
  for (const auto& shape : shapes) {
    Sample s(random, shape.batch, shape.n, shape.m, shape.d, shape.epsilon);
    const Answers expected = answers(open(QUERN_ISA_BASELINE, 1).get(), s);
    EXPECT(expected.stored.status == QUERN_OK && expected.points.status == QUERN_OK && expected.divergence.status == QUERN_OK);
    for (int isa : tiers()) {
      for (int threads : {1, 2, 3, 4, 7, 8, 16, 32}) EXPECT(answers(open(isa, threads).get(), s) == expected);
    }
  }
}

TEST("random shapes at random ratios have the same bits on every tier") {
  auto random = seeded(81);
  std::vector<Context> contexts;
  for (int isa : tiers()) contexts.push_back(open(isa, 2));
  for (int round = 0; round < 150; round++) {
    const double epsilon = std::pow(10.0, -static_cast<double>(random() % 5));
    Sample s(random, 1 + static_cast<int64_t>(random() % 3), 1 + static_cast<int64_t>(random() % 70), 1 + static_cast<int64_t>(random() % 70),
             1 + static_cast<int64_t>(random() % 20), epsilon);
    const Answers expected = answers(contexts[0].get(), s);
    for (const Context& context : contexts) EXPECT(answers(context.get(), s) == expected);
  }
}

TEST("hostile costs are refused by name or end without a NaN") {
  auto random = seeded(82);
  const float specials[] = {0.0f, -0.0f, 1e-45f, -1e-45f, 1e-38f, 1.0f, -1.0f, 1e6f, -1e6f, 1e30f, 3.4e38f, -3.4e38f, INFINITY, -INFINITY, NAN};
  const double epsilons[] = {1e-30, 1e-20, 1e-3, 1.0, 1e3, 1e30};
  Context context = open();
  int solved = 0;
  for (int round = 0; round < 4000; round++) {
    const int64_t n = 1 + static_cast<int64_t>(random() % 20), m = 1 + static_cast<int64_t>(random() % 20);
    std::vector<float> cost(static_cast<size_t>(n * m), 1.0f);
    const size_t kinds = 1 + random() % 15;
    for (float& c : cost) c = random() % 3 == 0 ? specials[random() % kinds] : random() % 5 == 0 ? INFINITY : c;
    const Solved s = solve(context.get(), sized(1, n, m, epsilons[random() % 6], 15), cost);
    if (s.status != QUERN_OK) {
      EXPECT(refused(s.status, QUERN_INVALID_ARGUMENT, "cost[0,"));
      continue;
    }
    solved++;
    for (float value : s.f) EXPECT(!std::isnan(value));
    for (float value : s.g) EXPECT(!std::isnan(value));
    for (float value : s.plan) EXPECT(value >= 0 && value <= 1.001f);
    EXPECT(!std::isnan(s.cost[0]) && !std::isnan(s.dual[0]) && s.error[0] >= 0 && s.error[0] < 2.01);
  }
  EXPECT(solved > 200 && solved < 3800);
}

TEST("the first bad cost is named, wherever it lies and however many there are") {
  Context context = open(QUERN_ISA_AUTO, 4), checking = open(QUERN_ISA_AUTO, 4, 1);
  std::vector<float> cost(3 * 200 * 300, 1.0f);
  cost[60000 + 150 * 300 + 7] = NAN;
  cost[170000] = -INFINITY;
  const quern_sinkhorn_params p = sized(3, 200, 300, 1.0, 2);
  EXPECT(refused(solve(context.get(), p, cost).status, QUERN_INVALID_ARGUMENT, "cost[1,150,7] is nan, allowed: finite or +infinity"));
  EXPECT(refused(solve(checking.get(), p, cost).status, QUERN_NOT_FINITE, "cost[1,150,7] is nan"));
  cost[60000 + 150 * 300 + 7] = INFINITY;
  EXPECT(refused(solve(context.get(), p, cost).status, QUERN_INVALID_ARGUMENT, "cost[2,166,200] is -inf"));
  cost[170000] = 1e9f;
  EXPECT(refused(solve(context.get(), p, cost).status, QUERN_INVALID_ARGUMENT, "cost[2,166,200] is 1e+09, allowed: within ±2097152 = 2^21 · epsilon"));
  cost[170000] = 2097152.0f;
  EXPECT(solve(context.get(), p, cost).status == QUERN_OK);
}

TEST("bad parameters of the stored form are refused by name, value and what is allowed") {
  auto random = seeded(83);
  Context context = open();
  Sample s(random, 2, 3, 4, 2, 0.5);
  std::vector<float> a(6, 1.0f / 3), b(8, 0.25f), epsilons = {0.5f, 0.5f};
  std::vector<int64_t> ns = {3, 3}, ms = {4, 4};
  std::vector<double> annealing = {2, 1};
  Solved out = poisoned(s.params, true);
  const quern_sinkhorn_result result = outputs(out);
  auto call = [&](auto change, const char* text) {
    quern_sinkhorn_params p = s.params;
    change(p);
    const int32_t status = quern_sinkhorn(context.get(), &p, s.cost.data(), &result);
    EXPECT(text == nullptr ? status == QUERN_OK : refused(status, QUERN_INVALID_ARGUMENT, text));
  };
  using P = quern_sinkhorn_params;
  call([](P&) {}, nullptr);
  call([](P& p) { p.batch = -1; }, "batch is -1, allowed: ≥ 0");
  call([](P& p) { p.n = 0; }, "n is 0, allowed: ≥ 1");
  call([](P& p) { p.n = -3; }, "n is -3");
  call([](P& p) { p.m = 0; }, "m is 0, allowed: ≥ 1");
  call([](P& p) { p.n = INT64_MAX; }, "batch · n overflows");
  call([](P& p) { p.m = INT64_MAX / 2; }, "batch · n · m overflows");
  call([](P& p) { p.m = INT64_MAX / 12; }, "n · m overflows");
  call([](P& p) { p.batch = INT64_MAX; }, "overflows");
  call([&](P& p) { p.ns = ns.data(); }, "ms is NULL, allowed: ns and ms together or neither");
  call([&](P& p) { p.ms = ms.data(); }, "ns is NULL");
  call([&](P& p) { p.ns = ns.data(), p.ms = ms.data(), p.n = p.m = -1; }, nullptr);
  ns[1] = 0;
  call([&](P& p) { p.ns = ns.data(), p.ms = ms.data(); }, "ns[1] is 0, allowed: ≥ 1");
  ns[1] = 3, ms[0] = -2;
  call([&](P& p) { p.ns = ns.data(), p.ms = ms.data(); }, "ms[0] is -2, allowed: ≥ 1");
  ms[0] = INT64_MAX / 4;
  call([&](P& p) { p.ns = ns.data(), p.ms = ms.data(); }, "overflows");
  call([](P& p) { p.epsilon = 0; }, "epsilon is 0, allowed: 1e-30 … 1e+30");
  call([](P& p) { p.epsilon = -1; }, "epsilon is -1");
  call([](P& p) { p.epsilon = NAN; }, "epsilon is nan");
  call([](P& p) { p.epsilon = INFINITY; }, "epsilon is inf");
  call([](P& p) { p.epsilon = 1e-40; }, "epsilon is 1e-40");
  epsilons[1] = -0.5f;
  call([&](P& p) { p.epsilons = epsilons.data(), p.epsilon = -9; }, "epsilons[1] is -0.5");
  epsilons[1] = NAN;
  call([&](P& p) { p.epsilons = epsilons.data(); }, "epsilons[1] is nan");
  epsilons[1] = 1e-8f;
  call([&](P& p) { p.epsilons = epsilons.data(); }, "allowed: within ±");
  epsilons[1] = 0.25f;
  call([&](P& p) { p.epsilons = epsilons.data(), p.epsilon = -9; }, nullptr);
  call([](P& p) { p.max_iterations = -1; }, "max_iterations is -1, allowed: ≥ 0");
  call([](P& p) { p.annealing_steps = -1; }, "annealing_steps is -1, allowed: 0 … 11");
  call([](P& p) { p.annealing_steps = 2; }, "annealing is NULL");
  call([&](P& p) { p.annealing = annealing.data(), p.annealing_steps = 2, p.max_iterations = 2; }, "annealing_steps is 2, allowed: 0 … 1");
  annealing[1] = 0.5;
  call([&](P& p) { p.annealing = annealing.data(), p.annealing_steps = 2; }, "annealing[1] is 0.5, allowed: 1 … 1e6");
  annealing[1] = NAN;
  call([&](P& p) { p.annealing = annealing.data(), p.annealing_steps = 2; }, "annealing[1] is nan");
  call([](P& p) { p.tolerance = -1e-3; }, "tolerance is -0.001");
  call([](P& p) { p.tolerance = 1e-7; }, "tolerance is 1e-07, allowed: 0 or ≥ 1e-06");
  call([](P& p) { p.tolerance = NAN; }, "tolerance is nan");
  call([](P& p) { p.tolerance = INFINITY; }, "tolerance is inf");
  a[4] = -0.1f;
  call([&](P& p) { p.a = a.data(); }, "a[1,1] is -0.1, allowed: finite and ≥ 0");
  a[4] = NAN;
  call([&](P& p) { p.a = a.data(); }, "a[1,1] is nan");
  a[4] = INFINITY;
  call([&](P& p) { p.a = a.data(); }, "a[1,1] is inf");
  a[4] = 0.5f;
  call([&](P& p) { p.a = a.data(); }, "a of problem 1 sums to 1.16666");
  b.assign(8, 0.0f);
  call([&](P& p) { p.b = b.data(); }, "b of problem 0 sums to 0, allowed: 1 ± 0.001");
  EXPECT(refused(quern_sinkhorn(context.get(), nullptr, s.cost.data(), &result), QUERN_INVALID_ARGUMENT, "params is NULL"));
  EXPECT(refused(quern_sinkhorn(context.get(), &s.params, nullptr, &result), QUERN_INVALID_ARGUMENT, "cost is NULL"));
  EXPECT(refused(quern_sinkhorn(context.get(), &s.params, s.cost.data(), nullptr), QUERN_INVALID_ARGUMENT, "result is NULL"));
  EXPECT(refused(quern_sinkhorn(nullptr, &s.params, s.cost.data(), &result), QUERN_INVALID_ARGUMENT, "context is NULL"));
  call([](P& p) { p.batch = 0, p.n = p.m = 0; }, nullptr);
}

TEST("bad clouds are refused by name, value and what is allowed") {
  auto random = seeded(84);
  Context context = open();
  Sample s(random, 2, 3, 4, 2, 0.5);
  Solved out = poisoned(s.params, true);
  quern_sinkhorn_result result = outputs(out);
  auto status_of = [&](auto change) {
    quern_point_clouds c = s.clouds;
    change(c);
    quern_sinkhorn_result no_plan = result;
    no_plan.plan = nullptr;
    return quern_sinkhorn_points(context.get(), &s.params, &c, &no_plan);
  };
  auto divergence_of = [&](auto change) {
    quern_point_clouds c = s.clouds;
    change(c);
    return quern_sinkhorn_divergence(context.get(), &s.divergence, &c, std::vector<quern_divergence_result>(1).data());
  };
  using C = quern_point_clouds;
  auto call = [&](auto change, const char* text) {
    EXPECT(text == nullptr ? status_of(change) == QUERN_OK : refused(status_of(change), QUERN_INVALID_ARGUMENT, text));
    EXPECT(text == nullptr ? divergence_of(change) == QUERN_OK : refused(divergence_of(change), QUERN_INVALID_ARGUMENT, text));
  };
  call([](C&) {}, nullptr);
  call([](C& c) { c.d = 0; }, "d is 0, allowed: ≥ 1");
  call([](C& c) { c.d = -4; }, "d is -4");
  call([](C& c) { c.d = INT64_MAX / 4; }, "n · d overflows");
  call([](C& c) { c.x = nullptr; }, "x is NULL");
  call([](C& c) { c.y = nullptr; }, "y is NULL");
  call([](C& c) { c.scale = -1; }, "scale is -1, allowed: 0 (which is 0.5) or");
  call([](C& c) { c.scale = NAN; }, "scale is nan");
  call([](C& c) { c.scale = INFINITY; }, "scale is inf");
  call([](C& c) { c.scale = 1e6; }, "cost/epsilon of problem 0 may reach");
  call([](C& c) { c.labels = 0; }, "labels is 0, allowed: 1 …");
  call([](C& c) { c.table_ld = 2; }, "table_ld is 2, allowed: 0 or ≥ 3");
  call([](C& c) { c.table_ld = INT64_MAX / 2; }, "table overflows");
  call([](C& c) { c.x_labels = nullptr; }, "x_labels is NULL");
  call([](C& c) { c.y_labels = nullptr; }, "y_labels is NULL");
  call([](C& c) { c.table = nullptr, c.labels = 0, c.x_labels = c.y_labels = nullptr; }, nullptr);
  s.x_labels[5] = 3;
  call([](C&) {}, "x_labels[5] is 3, allowed: 0 … 2");
  s.x_labels[5] = -1;
  call([](C&) {}, "x_labels[5] is -1");
  s.x_labels[5] = 1, s.y_labels[7] = 9;
  call([](C&) {}, "y_labels[7] is 9");
  s.y_labels[7] = 0, s.table[5] = NAN;
  call([](C&) {}, "table[1,2] is nan, allowed: finite");
  s.table[5] = 1e30f;
  call([](C&) {}, "label distance 1e+30");
  s.table[5] = 1, s.x[7] = NAN;
  call([](C&) {}, "x[3,1] is nan, allowed: finite");
  s.x[7] = INFINITY;
  call([](C&) {}, "x[3,1] is inf");
  s.x[7] = 1e20f;
  call([](C&) {}, "x[3,1] is 1e+20, allowed: finite, within ±1e18");
  s.x[7] = 1e10f;
  call([](C&) {}, "cost/epsilon of problem 1 may reach");
  s.x[7] = 0, s.y[0] = -INFINITY;
  call([](C&) {}, "y[0,0] is -inf");
  s.y[0] = 0;
  call([](C&) {}, nullptr);
  EXPECT(refused(quern_sinkhorn_points(context.get(), &s.params, &s.clouds, &result), QUERN_INVALID_ARGUMENT, "plan is given"));
  EXPECT(refused(quern_sinkhorn_points(context.get(), &s.params, nullptr, &result), QUERN_INVALID_ARGUMENT, "clouds is NULL"));
  EXPECT(refused(quern_sinkhorn_points(context.get(), nullptr, &s.clouds, &result), QUERN_INVALID_ARGUMENT, "params is NULL"));
  EXPECT(refused(quern_sinkhorn_points(context.get(), &s.params, &s.clouds, nullptr), QUERN_INVALID_ARGUMENT, "result is NULL"));
}

TEST("bad parameters of the divergence are refused by name, value and what is allowed") {
  auto random = seeded(85);
  Context context = open();
  Sample s(random, 2, 3, 4, 2, 0.5);
  std::vector<double> diameters = {1, 2}, value(2);
  quern_divergence_result result{};
  result.value = value.data();
  auto call = [&](auto change, const char* text) {
    quern_divergence_params p = s.divergence;
    change(p);
    const int32_t status = quern_sinkhorn_divergence(context.get(), &p, &s.clouds, &result);
    EXPECT(text == nullptr ? status == QUERN_OK : refused(status, QUERN_INVALID_ARGUMENT, text));
  };
  using P = quern_divergence_params;
  const std::vector<int64_t> ns = {3, 0}, ms = {4, 4};
  call([](P&) {}, nullptr);
  call([](P& p) { p.batch = -2; }, "batch is -2");
  call([](P& p) { p.n = 0; }, "n is 0");
  call([](P& p) { p.m = -1; }, "m is -1");
  call([](P& p) { p.m = INT64_MAX; }, "overflows");
  call([&](P& p) { p.ns = ns.data(); }, "ms is NULL");
  call([&](P& p) { p.ns = ns.data(), p.ms = ms.data(); }, "ns[1] is 0");
  call([](P& p) { p.epsilon = 0; }, "epsilon is 0");
  call([](P& p) { p.epsilon = NAN; }, "epsilon is nan");
  call([](P& p) { p.epsilon = -0.1; }, "epsilon is -0.1");
  call([](P& p) { p.epsilon = 1e-9; }, "cost/epsilon of problem 0 may reach");
  call([](P& p) { p.scaling = 1; }, "scaling is 1, allowed: 0 (which is 0.5) or 0.01 … 0.999");
  call([](P& p) { p.scaling = -0.5; }, "scaling is -0.5");
  call([](P& p) { p.scaling = NAN; }, "scaling is nan");
  call([](P& p) { p.biased = 2; }, "biased is 2, allowed: 0 … 1");
  call([](P& p) { p.biased = -1; }, "biased is -1");
  call([&](P& p) { p.diameters = diameters.data(); }, nullptr);
  for (double bad : {0.0, -1.0, std::nan(""), HUGE_VAL, 1e-20, 1e20}) {
    diameters[1] = bad;
    call([&](P& p) { p.diameters = diameters.data(); }, "diameters[1] is");
  }
  diameters[1] = 1e-9;
  call([&](P& p) { p.diameters = diameters.data(); }, "cost/epsilon of problem 1 may reach");
  EXPECT(refused(quern_sinkhorn_divergence(context.get(), nullptr, &s.clouds, &result), QUERN_INVALID_ARGUMENT, "params is NULL"));
  EXPECT(refused(quern_sinkhorn_divergence(context.get(), &s.divergence, nullptr, &result), QUERN_INVALID_ARGUMENT, "clouds is NULL"));
  EXPECT(refused(quern_sinkhorn_divergence(context.get(), &s.divergence, &s.clouds, nullptr), QUERN_INVALID_ARGUMENT, "result is NULL"));
  call([](P& p) { p.batch = 0; }, nullptr);
}

TEST("a refused call writes to no output") {
  auto random = seeded(86);
  Context context = open();
  Sample s(random, 2, 3, 4, 2, 0.5);
  const Solved untouched = poisoned(s.params, true);
  s.cost[20] = NAN;
  Solved out = solve(context.get(), s.params, s.cost);
  out.status = QUERN_OK;
  EXPECT(out == untouched);
}

TEST("every failing allocation is reported, nothing leaks, and the next call is right") {
  auto random = seeded(87);
  Sample small(random, 5, 20, 30, 3, 0.1), large(random, 1, 900, 700, 3, 0.1);
  const int64_t before = quern::live_blocks();
  for (const Sample* s : {&small, &large}) {
    const Answers expected = answers(open(QUERN_ISA_AUTO, 2).get(), *s);
    for (int operation = 0; operation < 3; operation++) {
      bool succeeded = false;
      for (int64_t n = 1; n < 100 && !succeeded; n++) {
        Context context = open(QUERN_ISA_AUTO, 2);
        quern::fail_allocation(n);
        const int32_t status = operation == 0   ? solve(context.get(), s->params, s->cost).status
                               : operation == 1 ? solve_points(context.get(), s->params, s->clouds).status
                                                : diverge(context.get(), s->divergence, s->clouds).status;
        quern::fail_allocation(0);
        succeeded = status == QUERN_OK;
        EXPECT(succeeded || status == QUERN_OUT_OF_MEMORY);
        EXPECT(n > 1 || !succeeded);
        EXPECT(answers(context.get(), *s) == expected);
      }
      EXPECT(succeeded);
    }
  }
  EXPECT(quern::live_blocks() == before);
}

TEST("the workspace stops growing once it has seen the largest call") {
  auto random = seeded(88);
  Context context = open();
  Sample small(random, 3, 20, 30, 3, 0.1), large(random, 2, 300, 200, 8, 0.1);
  for (int warm = 0; warm < 3; warm++) answers(context.get(), large);
  const int64_t bytes = quern_context_workspace_bytes(context.get());
  for (int round = 0; round < 20; round++) {
    answers(context.get(), small);
    answers(context.get(), large);
    EXPECT(quern_context_workspace_bytes(context.get()) == bytes);
  }
}

TEST("eight callers on one context get the bits of serial calls") {
  auto random = seeded(89);
  std::vector<std::unique_ptr<Sample>> samples;
  for (int k = 0; k < 8; k++) samples.push_back(std::make_unique<Sample>(random, 1 + k % 3, 30 + 20 * k, 100 + 15 * k, 3, 0.05));
  Context shared = open(QUERN_ISA_AUTO, 4);
  std::vector<Answers> expected;
  for (const auto& s : samples) expected.push_back(answers(open(QUERN_ISA_AUTO, 1).get(), *s));
  std::vector<std::thread> callers;
  std::vector<int> wrong(8, 0);
  for (size_t k = 0; k < 8; k++) {
    callers.emplace_back([&, k] {
      for (size_t round = 0; round < 8; round++) wrong[k] += answers(shared.get(), *samples[(k + round) % 8]) == expected[(k + round) % 8] ? 0 : 1;
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (int count : wrong) EXPECT(count == 0);
}
