// quern_sinkhorn_divergence against a float64 port of geomloss' schedule, the golden OTDD values of the toy data, and its properties.
#include "sinkhorn_calls.hpp"

using namespace quern::test;

namespace {

quern_divergence_params asked(int64_t n, int64_t m, double epsilon = 0.1, int32_t biased = 0) {
  quern_divergence_params p{};
  p.batch = 1;
  p.n = n;
  p.m = m;
  p.epsilon = epsilon;
  p.biased = biased;
  return p;
}

Divergence oracle(const quern_point_clouds& c, const std::vector<float>& x, const std::vector<float>& y, const quern_divergence_params& p, double diameter,
                  const int32_t* lx = nullptr, const int32_t* ly = nullptr) {
  const size_t n = static_cast<size_t>(p.n), m = static_cast<size_t>(p.m);
  const Doubles xy = ground_costs(c, x.data(), lx, n, y.data(), ly, m);
  const Doubles xx = p.biased ? Doubles() : ground_costs(c, x.data(), lx, n, x.data(), lx, n);
  const Doubles yy = p.biased ? Doubles() : ground_costs(c, y.data(), ly, m, y.data(), ly, m);
  return divergence(xy, xx, yy, n, m, diameter, p.epsilon, p.scaling == 0 ? 0.5 : p.scaling);
}

// The toy data of the golden OTDD values: 12 points in 3 dimensions, two classes by parity.
struct Toy {
  std::vector<float> x, y;
  std::vector<int32_t> labels, other_labels;
};

Toy toy() {
  Toy t;
  for (int i = 0; i < 12; i++) {
    const double point[3] = {i * 7 % 11 * 0.5 + i % 2 * 6, i * 5 % 13 * 0.4, i * 3 % 7 * 0.3 - i % 2 * 2};
    const double factor[3] = {1.1, 0.9, 1}, offset[3] = {0.5, -0.25, 0.1};
    for (int k = 0; k < 3; k++) {
      t.x.push_back(static_cast<float>(point[k]));
      t.y.push_back(static_cast<float>(point[k] * factor[k] + offset[k]));
    }
    t.labels.push_back(i % 2);
    t.other_labels.push_back(2 + i % 2);
  }
  return t;
}

std::vector<float> of_class(const std::vector<float>& points, size_t parity) {
  std::vector<float> chosen;
  for (size_t i = parity; i < 12; i += 2) chosen.insert(chosen.end(), points.begin() + static_cast<int64_t>(i * 3), points.begin() + static_cast<int64_t>(i * 3 + 3));
  return chosen;
}

double inner(quern_context* context, const std::vector<float>& x, const std::vector<float>& y, double scale) {
  quern_point_clouds c = clouds_of(x, y, 3);
  c.scale = scale;
  return diverge(context, asked(6, 6, 0.1, 1), c).value[0];
}

constexpr double kToyDiameter = 14.438576799671083;

}  // namespace

TEST("the value, the potentials and the schedule agree with the oracle") {
  auto random = seeded(60);
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int64_t n : {1, 2, 15, 16, 17, 33, 64, 65, 130}) {
      for (int64_t m : {1, 3, 16, 31, 70}) {
        for (int64_t d : {1, 2, 7, 64}) {
          const auto x = gaussian(random, static_cast<size_t>(n * d)), y = gaussian(random, static_cast<size_t>(m * d), 1.5f);
          const quern_point_clouds c = clouds_of(x, y, d);
          const quern_divergence_params p = asked(n, m, n % 2 == 0 ? 0.1 : 0.03, m % 3 == 0 ? 1 : 0);
          const Divergence expected = oracle(c, x, y, p, box_diameter(x, y, static_cast<size_t>(d)));
          const Diverged actual = diverge(context.get(), p, c);
          EXPECT(actual.status == QUERN_OK);
          EXPECT(actual.iterations[0] == static_cast<int64_t>(expected.iterations));
          EXPECT_NEAR(actual.value[0], expected.value, 1e-5 * (std::fabs(expected.value) + static_cast<double>(d)));
          for (size_t i = 0; i < actual.f.size(); i++) EXPECT_NEAR(actual.f[i], expected.f[i], 1e-4 * static_cast<double>(d));
          for (size_t j = 0; j < actual.g.size(); j++) EXPECT_NEAR(actual.g[j], expected.g[j], 1e-4 * static_cast<double>(d));
        }
      }
    }
  }
}

TEST("label tables, scalings and diameters follow the oracle") {
  auto random = seeded(61);
  Context context = open();
  for (double scaling : {0.3, 0.5, 0.9}) {
    for (double diameter : {0.05, 3.0, 50.0}) {
      const auto x = gaussian(random, 40 * 3), y = gaussian(random, 30 * 3);
      const auto table = uniform(random, 16, 0.0f, 4.0f);
      std::vector<int32_t> lx(40), ly(30);
      for (auto& l : lx) l = static_cast<int32_t>(random() % 4);
      for (auto& l : ly) l = static_cast<int32_t>(random() % 4);
      quern_point_clouds c = clouds_of(x, y, 3);
      c.table = table.data();
      c.labels = 4;
      c.x_labels = lx.data();
      c.y_labels = ly.data();
      c.scale = 1;
      quern_divergence_params p = asked(40, 30);
      p.scaling = scaling;
      p.diameters = &diameter;
      const Divergence expected = oracle(c, x, y, p, diameter, lx.data(), ly.data());
      const Diverged actual = diverge(context.get(), p, c);
      EXPECT(actual.iterations[0] == static_cast<int64_t>(expected.iterations));
      EXPECT_NEAR(actual.value[0], expected.value, 1e-4 * std::fabs(expected.value));
    }
  }
}

TEST("the toy data give the golden label distances and the golden OTDD") {
  const Toy t = toy();
  for (int isa : tiers()) {
    Context context = open(isa);
    const struct {
      double scale, d, within_x, within_y, across[2][2];
    } goldens[] = {{1.0, 1.5562622752268198, 52.7161703977, 62.1525031616, {{.9394591266, 72.7424480654}, {44.5928591786, 2.3522424597}}},
                   {0.5, 1.1895593142799994, 26.449293432, 31.1695092662, {{.5592452279, 36.4626338218}, {22.3886724683, 1.2656444753}}}};
    for (const auto& golden : goldens) {
      std::vector<double> w(16, 0.0);
      w[1] = w[4] = inner(context.get(), of_class(t.x, 0), of_class(t.x, 1), golden.scale);
      w[11] = w[14] = inner(context.get(), of_class(t.y, 0), of_class(t.y, 1), golden.scale);
      EXPECT_NEAR(w[1], golden.within_x, 1e-5 * golden.within_x);
      EXPECT_NEAR(w[11], golden.within_y, 1e-5 * golden.within_y);
      for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 2; j++) {
          const double value = inner(context.get(), of_class(t.x, i), of_class(t.y, j), golden.scale);
          EXPECT_NEAR(value, golden.across[i][j], 1e-5 * golden.across[i][j]);
          w[i * 4 + 2 + j] = w[(2 + j) * 4 + i] = value;
        }
      }
      std::vector<float> table;
      for (double value : w) table.push_back(static_cast<float>(0.5 * value));
      quern_point_clouds c = clouds_of(t.x, t.y, 3);
      c.table = table.data();
      c.labels = 4;
      c.x_labels = t.labels.data();
      c.y_labels = t.other_labels.data();
      quern_divergence_params p = asked(12, 12);
      p.diameters = &kToyDiameter;
      const Diverged d = diverge(context.get(), p, c);
      EXPECT_NEAR(d.value[0], golden.d, 1e-5 * golden.d);
      EXPECT(d.iterations[0] == 8);
    }
  }
}

TEST("clouds of equal bits diverge by exactly zero") {
  auto random = seeded(62);
  for (int isa : tiers()) {
    Context context = open(isa, 3);
    for (int64_t n : {1, 5, 16, 100, 300}) {
      const auto x = gaussian(random, static_cast<size_t>(n * 7));
      const Diverged d = diverge(context.get(), asked(n, n), clouds_of(x, x, 7));
      EXPECT(d.value[0] == 0.0);
      for (float value : d.f) EXPECT(value == 0.0f);
      for (float value : d.g) EXPECT(value == 0.0f);
    }
  }
}

TEST("the divergence is symmetric, never clearly negative, and blind to translation") {
  auto random = seeded(63);
  Context context = open();
  for (int round = 0; round < 40; round++) {
    const int64_t n = 1 + static_cast<int64_t>(random() % 60), m = 1 + static_cast<int64_t>(random() % 60), d = 1 + static_cast<int64_t>(random() % 9);
    auto x = gaussian(random, static_cast<size_t>(n * d)), y = gaussian(random, static_cast<size_t>(m * d));
    for (float& value : x) value = std::round(value * 128) / 128;
    for (float& value : y) value = std::round(value * 128) / 128;
    const double value = diverge(context.get(), asked(n, m), clouds_of(x, y, d)).value[0];
    EXPECT_NEAR(diverge(context.get(), asked(m, n), clouds_of(y, x, d)).value[0], value, 1e-5);
    EXPECT(value > -1e-4);
    for (float& coordinate : x) coordinate += 32;
    for (float& coordinate : y) coordinate += 32;
    EXPECT_NEAR(diverge(context.get(), asked(n, m), clouds_of(x, y, d)).value[0], value, 1e-5);
  }
}

TEST("every point twice is the same measure") {
  auto random = seeded(64);
  Context context = open();
  const auto x = gaussian(random, 40 * 4), y = gaussian(random, 25 * 4);
  auto twice = x;
  twice.insert(twice.end(), x.begin(), x.end());
  const double value = diverge(context.get(), asked(40, 25), clouds_of(x, y, 4)).value[0];
  EXPECT_NEAR(diverge(context.get(), asked(80, 25), clouds_of(twice, y, 4)).value[0], value, 1e-5);
}

TEST("a cloud moved by v diverges by about half the square of v") {
  auto random = seeded(65);
  Context context = open();
  const auto x = gaussian(random, 200 * 3);
  auto moved = x;
  for (size_t k = 0; k < moved.size(); k += 3) moved[k] += 2.0f;
  EXPECT_NEAR(diverge(context.get(), asked(200, 200), clouds_of(x, moved, 3)).value[0], 2.0, 0.02);
}

TEST("ragged divergences return the bits of their problems one by one") {
  auto random = seeded(66);
  Context context = open(QUERN_ISA_AUTO, 3);
  const std::vector<int64_t> ns = {5, 260, 1, 64}, ms = {7, 200, 9, 1};
  const auto x = gaussian(random, 330 * 3), y = gaussian(random, 217 * 3);
  quern_divergence_params p = asked(0, 0);
  p.batch = 4;
  p.ns = ns.data();
  p.ms = ms.data();
  const Diverged all = diverge(context.get(), p, clouds_of(x, y, 3));
  EXPECT(all.status == QUERN_OK);
  int64_t row = 0, column = 0;
  for (size_t k = 0; k < 4; k++) {
    quern_point_clouds c = clouds_of(x, y, 3);
    c.x += row * 3, c.y += column * 3;
    const Diverged one = diverge(context.get(), asked(ns[k], ms[k]), c);
    EXPECT(one.value[0] == all.value[k] && one.iterations[0] == all.iterations[k]);
    EXPECT(std::memcmp(one.f.data(), &all.f[static_cast<size_t>(row)], one.f.size() * sizeof(float)) == 0);
    EXPECT(std::memcmp(one.g.data(), &all.g[static_cast<size_t>(column)], one.g.size() * sizeof(float)) == 0);
    row += ns[k], column += ms[k];
  }
}

TEST("points that all coincide diverge by zero") {
  const std::vector<float> x(5 * 2, 3.5f), y(8 * 2, 3.5f);
  const Diverged d = diverge(open().get(), asked(5, 8), clouds_of(x, y, 2));
  EXPECT(d.status == QUERN_OK);
  EXPECT_NEAR(d.value[0], 0, 1e-7);
  EXPECT(d.iterations[0] == 2);
}
