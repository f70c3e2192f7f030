#include "tiers.hpp"

using namespace quern::test;

namespace {

struct Gates {
  std::vector<double> gate, velocity, merit;
  double pressure = 2, sharpness = 100;

  quern_selection_params params() {
    quern_selection_params p{};
    p.gate = gate.data();
    p.velocity = velocity.data();
    p.merit = merit.data();
    p.n = static_cast<int64_t>(gate.size());
    p.pressure = pressure;
    p.sharpness = sharpness;
    p.learning_rate = 1e-3;
    p.momentum = 0.9;
    return p;
  }
};

Gates random_gates(size_t n, double spread, uint64_t stream) {
  auto random = seeded(stream);
  std::normal_distribution<double> normal;
  Gates gates;
  for (size_t i = 0; i < n; i++) {
    gates.gate.push_back(spread * normal(random));
    gates.velocity.push_back(1e-3 * normal(random));
    gates.merit.push_back(1 + normal(random));
  }
  return gates;
}

void oracle(Gates& gates) {
  for (size_t i = 0; i < gates.gate.size(); i++) {
    const double soft = 1 / (1 + std::exp(-gates.sharpness * gates.gate[i]));
    const double gradient = gates.sharpness / static_cast<double>(gates.gate.size()) * soft * (1 - soft) * (gates.pressure - gates.merit[i]);
    gates.velocity[i] = 0.9 * gates.velocity[i] + gradient;
    gates.gate[i] -= 1e-3 * gates.velocity[i];
  }
}

int64_t positive(const std::vector<double>& gate) {
  int64_t count = 0;
  for (double value : gate) count += value > 0;
  return count;
}

int64_t step(quern_context* context, Gates& gates) {
  const quern_selection_params params = gates.params();
  int64_t open = -1;
  EXPECT(quern_selection_step(context, &params, &open) == QUERN_OK);
  return open;
}

constexpr size_t kCliffs[] = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 4095, 4096, 4097, 8191, 8192, 8193, 20000};

}  // namespace

TEST("fifty steps agree with the plain formulas at every size around a cliff") {
  for (int isa : tiers()) {
    Context context = open(isa);
    for (size_t n : kCliffs) {
      Gates gates = random_gates(n, 0.02, n), expected = gates;
      for (int i = 0; i < 50; i++) {
        const int64_t counted = step(context.get(), gates);
        oracle(expected);
        EXPECT(counted == positive(gates.gate));
      }
      for (size_t i = 0; i < n; i++) {
        EXPECT_NEAR(gates.gate[i], expected.gate[i], 1e-13 * (1 + std::fabs(expected.gate[i])));
        EXPECT_NEAR(gates.velocity[i], expected.velocity[i], 1e-13 * (1 + std::fabs(expected.velocity[i])));
      }
    }
  }
}

TEST("every tier and every thread count returns the same bits") {
  const Gates start = random_gates(10007, 0.05, 1);
  Gates expected = start;
  Context serial = open(QUERN_ISA_BASELINE, 1);
  for (int i = 0; i < 20; i++) step(serial.get(), expected);
  for (int isa : tiers()) {
    for (int threads : {1, 2, 3, 7, 16}) {
      Gates gates = start;
      Context context = open(isa, threads);
      for (int i = 0; i < 20; i++) step(context.get(), gates);
      EXPECT(same_bits(gates.gate, expected.gate));
      EXPECT(same_bits(gates.velocity, expected.velocity));
    }
  }
}

TEST("gates that are far open or shut do not move by themselves") {
  for (int isa : tiers()) {
    Context context = open(isa);
    Gates gates = random_gates(4, 0, 2);
    gates.gate = {1e3, -1e3, 1e300, -1e300};
    gates.velocity.assign(4, 0.0);
    const std::vector<double> before = gates.gate;
    EXPECT(step(context.get(), gates) == 2);
    EXPECT(same_bits(gates.gate, before));
  }
}

TEST("a gate exactly at its threshold is shut, and the fittest is the last to fall") {
  Context context = open();
  Gates gates;
  gates.gate = {0.0, 0.01, 0.01, 0.01};
  gates.velocity.assign(4, 0.0);
  gates.merit = {2.0, 0.5, 1.5, 1.0};
  EXPECT(step(context.get(), gates) == 3);
  while (positive(gates.gate) > 1) step(context.get(), gates);
  EXPECT(gates.gate[2] > 0);
}

TEST("a value that is not finite is refused by its place, whichever array holds it") {
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int array = 0; array < 3; array++) {
      for (double bad : {static_cast<double>(NAN), static_cast<double>(INFINITY), -static_cast<double>(INFINITY)}) {
        Gates gates = random_gates(5000, 0.02, 3);
        (array == 0 ? gates.gate : array == 1 ? gates.velocity : gates.merit)[4500] = bad;
        const quern_selection_params params = gates.params();
        int64_t open_gates = 0;
        EXPECT(refused(quern_selection_step(context.get(), &params, &open_gates), QUERN_NOT_FINITE, "gate[4500] is "));
      }
    }
  }
}

TEST("bad arguments are refused by name, value and what is allowed") {
  Context context = open();
  Gates gates = random_gates(3, 0.02, 4);
  int64_t open_gates = 0;
  auto call = [&](auto change) {
    quern_selection_params params = gates.params();
    change(params);
    return quern_selection_step(context.get(), &params, &open_gates);
  };
  EXPECT(call([](auto&) {}) == QUERN_OK);
  EXPECT(refused(call([](auto& p) { p.n = -1; }), QUERN_INVALID_ARGUMENT, "n is -1, allowed: ≥ 0"));
  EXPECT(refused(call([](auto& p) { p.n = INT64_MAX; }), QUERN_INVALID_ARGUMENT, "gate overflows"));
  EXPECT(refused(call([](auto& p) { p.gate = nullptr; }), QUERN_INVALID_ARGUMENT, "gate is NULL"));
  EXPECT(refused(call([](auto& p) { p.velocity = nullptr; }), QUERN_INVALID_ARGUMENT, "velocity is NULL"));
  EXPECT(refused(call([](auto& p) { p.merit = nullptr; }), QUERN_INVALID_ARGUMENT, "merit is NULL"));
  EXPECT(refused(call([](auto& p) { p.pressure = NAN; }), QUERN_INVALID_ARGUMENT, "pressure is nan, allowed: -1e+06 … 1e+06"));
  EXPECT(refused(call([](auto& p) { p.sharpness = 0; }), QUERN_INVALID_ARGUMENT, "sharpness is 0"));
  EXPECT(refused(call([](auto& p) { p.learning_rate = -1; }), QUERN_INVALID_ARGUMENT, "learning_rate is -1"));
  EXPECT(refused(call([](auto& p) { p.momentum = 1.5; }), QUERN_INVALID_ARGUMENT, "momentum is 1.5, allowed: 0 … 1"));
  EXPECT(refused(quern_selection_step(context.get(), nullptr, &open_gates), QUERN_INVALID_ARGUMENT, "params is NULL"));
  const quern_selection_params good = gates.params();
  EXPECT(refused(quern_selection_step(context.get(), &good, nullptr), QUERN_INVALID_ARGUMENT, "open is NULL"));
}
