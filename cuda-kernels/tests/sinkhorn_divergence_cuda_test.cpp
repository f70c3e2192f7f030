// The divergence kernel on the SIMT harness against a float64 port of geomloss' schedule.
#include "labelled_clouds.hpp"
#include "simt/machine.hpp"

using namespace quern::test;
using quern::cuda::Device;
using quern::simt::DeviceArray;

namespace {

constexpr Device kLone{1, 90, 227 * 1024};   // one block
constexpr Device kCrowd{3, 86, 99 * 1024};   // crews of blocks

enum class Terms { kBiased = 1, kDebiased = 0 };

quern_divergence_params asked(const Clouds& c, double epsilon, Terms terms = Terms::kDebiased) {
  quern_divergence_params p{};
  p.batch = 1;
  p.n = static_cast<int64_t>(c.n());
  p.m = static_cast<int64_t>(c.m());
  p.epsilon = epsilon;
  p.scaling = 0.5;
  p.biased = static_cast<int32_t>(terms);
  return p;
}

Diverged diverge_on(const Device& device, const quern_divergence_params& p, const Clouds& clouds, uint64_t seed = 1) {
  const size_t batch = static_cast<size_t>(p.batch);
  const DeviceClouds on(clouds);
  const DeviceArray<double> value(std::vector<double>(batch, NAN));
  const DeviceArray<float> f(std::vector<float>(clouds.n(), -7)), g(std::vector<float>(clouds.m(), -7));
  const DeviceArray<int64_t> iterations(std::vector<int64_t>(batch, -7));
  const DeviceArray<unsigned char> workspace(static_cast<size_t>(quern::cuda::sinkhorn_divergence_workspace(device, p, on.clouds)));
  const quern_divergence_result result{value.data(), f.data(), g.data(), iterations.data()};
  quern::simt::Machine::current().set_seed(seed);
  const int status = quern::cuda::sinkhorn_divergence(device, p, on.clouds, result, workspace.data(), nullptr);
  return {value.host(), f.host(), g.host(), iterations.host(), status};
}

// y_of: which cloud stands for y.
Clouds against(const Clouds& c, bool rows_are_y, bool columns_are_y) {
  return {rows_are_y ? c.y : c.x, columns_are_y ? c.y : c.x, c.table, rows_are_y ? c.y_labels : c.x_labels, columns_are_y ? c.y_labels : c.x_labels,
          c.d,                    c.labels,                  c.scale};
}

Divergence oracle(const Clouds& c, const quern_divergence_params& p, double diameter) {
  const bool debiased = p.biased == 0;
  return divergence(costs_of(c), debiased ? costs_of(against(c, false, false)) : Doubles(), debiased ? costs_of(against(c, true, true)) : Doubles(),
                    c.n(), c.m(), diameter, p.epsilon, p.scaling);
}

void expect_oracle(const Device& device, const Clouds& clouds, const quern_divergence_params& p, double diameter) {
  const Divergence expected = oracle(clouds, p, diameter);
  const Diverged actual = diverge_on(device, p, clouds);
  EXPECT(actual.status == 0 && actual.iterations[0] == static_cast<int64_t>(expected.iterations));
  const double d = static_cast<double>(clouds.d);
  EXPECT_NEAR(actual.value[0], expected.value, 1e-5 * (std::fabs(expected.value) + d));
  for (size_t i = 0; i < actual.f.size(); i++) EXPECT_NEAR(actual.f[i], expected.f[i], 1e-4 * d);
  for (size_t j = 0; j < actual.g.size(); j++) EXPECT_NEAR(actual.g[j], expected.g[j], 1e-4 * d);
}

}  // namespace

TEST("the value, the potentials and the schedule agree with the oracle") {
  auto random = seeded(80);
  for (int64_t n : {1, 2, 15, 17, 33, 65}) {
    for (int64_t m : {1, 16, 31, 70}) {
      const int64_t d = n % 2 == 0 ? 40 : 3;
      const Clouds c = draw(random, static_cast<size_t>(n), static_cast<size_t>(m), d, 0);
      const double diameter = box_diameter(c.x, c.y, static_cast<size_t>(d));
      expect_oracle(m == 70 ? kCrowd : kLone, c, asked(c, n % 2 == 0 ? 2.0 : 0.3, m == 31 ? Terms::kBiased : Terms::kDebiased), diameter);
    }
  }
}

TEST("label tables, scalings and diameters follow the oracle") {
  auto random = seeded(81);
  for (double scaling : {0.3, 0.7}) {
    for (double diameter : {0.05, 3.0, 50.0}) {
      Clouds c = draw(random, 40, 30, 3, 4);
      c.scale = 1;
      quern_divergence_params p = asked(c, 0.1);
      p.scaling = scaling;
      p.diameters = &diameter;
      expect_oracle(kLone, c, p, diameter);
    }
  }
}

TEST("clouds of equal bits diverge by exactly zero") {
  auto random = seeded(82);
  for (size_t n : {size_t{1}, size_t{16}, size_t{100}, size_t{300}}) {
    Clouds c = draw(random, n, n, 7, 0);
    c.y = c.x;
    const Diverged d = diverge_on(kCrowd, asked(c, 1.0), c);
    EXPECT(d.value[0] == 0.0);
    for (float value : d.f) EXPECT(value == 0.0f);
    for (float value : d.g) EXPECT(value == 0.0f);
  }
}

TEST("a ragged batch returns the bits of its problems one by one, a refused one NaN") {
  auto random = seeded(83);
  const std::vector<int64_t> ns = {5, 130, 1, 40}, ms = {7, 80, 9, 1};
  Clouds all = draw(random, 176, 97, 3, 2);
  all.x[3 * 135] = NAN;
  quern_divergence_params p = asked(all, 0.5);
  p.batch = 4;
  p.ns = ns.data();
  p.ms = ms.data();
  const Diverged together = diverge_on(kLone, p, all);
  int64_t row = 0, column = 0;
  for (size_t k = 0; k < 4; k++) {
    const Clouds c = part(all, row, ns[k], column, ms[k]);
    const Diverged one = diverge_on(kLone, asked(c, 0.5), c);
    EXPECT(same_bits(one.value, {together.value[k]}) && one.iterations[0] == together.iterations[k]);
    EXPECT(std::memcmp(one.f.data(), &together.f[static_cast<size_t>(row)], one.f.size() * sizeof(float)) == 0);
    EXPECT(std::memcmp(one.g.data(), &together.g[static_cast<size_t>(column)], one.g.size() * sizeof(float)) == 0);
    EXPECT(std::isnan(one.value[0]) == (k == 2) && std::isnan(one.f[0]) == (k == 2) && (one.iterations[0] == 0) == (k == 2));
    row += ns[k], column += ms[k];
  }
}

TEST("points that all coincide diverge by zero") {
  Clouds c{std::vector<float>(5 * 2, 3.5f), std::vector<float>(8 * 2, 3.5f), {}, {}, {}, 2, 0, 0.5};
  const Diverged d = diverge_on(kLone, asked(c, 0.1), c);
  EXPECT_NEAR(d.value[0], 0, 1e-7);
  EXPECT(d.iterations[0] == 2);
}

TEST("the order of blocks and threads does not change a bit") {
  auto random = seeded(84);
  const Clouds c = draw(random, 90, 140, 20, 3);
  for (const Device& device : {kLone, kCrowd}) EXPECT(diverge_on(device, asked(c, 4.0), c, 1) == diverge_on(device, asked(c, 4.0), c, 2));
}
