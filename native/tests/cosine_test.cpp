#include "tiers.hpp"

using namespace quern::test;

namespace {

double oracle(const float* x, const float* y, int64_t d) {
  double xy = 0, xx = 0, yy = 0;
  for (int64_t j = 0; j < d; j++) {
    xy += static_cast<double>(x[j]) * static_cast<double>(y[j]);
    xx += static_cast<double>(x[j]) * static_cast<double>(x[j]);
    yy += static_cast<double>(y[j]) * static_cast<double>(y[j]);
  }
  return xx == 0 || yy == 0 ? 0 : xy / (std::sqrt(xx) * std::sqrt(yy));
}

std::vector<float> paired(quern_context* context, const std::vector<float>& x, const std::vector<float>& y, int64_t n, int64_t d) {
  quern_cosine_params params{};
  params.x = x.data();
  params.y = y.data();
  params.n = n;
  params.d = d;
  std::vector<float> out(static_cast<size_t>(n), NAN);
  EXPECT(quern_cosine_consistency(context, &params, out.data()) == QUERN_OK);
  return out;
}

constexpr int64_t kCliffs[] = {1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 511, 512, 513, 1025};

}  // namespace

TEST("rows agree with the float64 oracle within the stated bound at every width around a cliff") {
  auto random = seeded();
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int64_t d : kCliffs) {
      for (int64_t n : {int64_t{0}, int64_t{1}, int64_t{63}, int64_t{64}, int64_t{65}, int64_t{200}}) {
        const auto x = gaussian(random, static_cast<size_t>(n * d), 3.0f), y = gaussian(random, static_cast<size_t>(n * d), 0.1f);
        const auto out = paired(context.get(), x, y, n, d);
        const double bound = (static_cast<double>(d) / 16 + 8) * 2 * 5.97e-8;
        for (int64_t i = 0; i < n; i++) EXPECT_NEAR(out[static_cast<size_t>(i)], oracle(&x[static_cast<size_t>(i * d)], &y[static_cast<size_t>(i * d)], d), std::fmin(bound, 3e-7));
      }
    }
  }
}

TEST("every tier and every thread count returns the same bits") {
  auto random = seeded(1);
  for (int64_t d : {int64_t{3}, int64_t{64}, int64_t{77}, int64_t{512}}) {
    const int64_t n = 1000;
    const auto x = gaussian(random, static_cast<size_t>(n * d)), y = gaussian(random, static_cast<size_t>(n * d));
    const auto expected = paired(open(QUERN_ISA_BASELINE, 1).get(), x, y, n, d);
    for (int isa : tiers()) {
      for (int threads : {1, 2, 3, 4, 7, 8, 16, 32}) EXPECT(same_bits(expected, paired(open(isa, threads).get(), x, y, n, d)));
    }
  }
}

TEST("rows against a table by index equal the gathered rows") {
  auto random = seeded(2);
  const int64_t n = 300, d = 48, classes = 7;
  const auto x = gaussian(random, static_cast<size_t>(n * d)), table = gaussian(random, static_cast<size_t>(classes * d));
  std::vector<int32_t> index(static_cast<size_t>(n));
  std::vector<float> gathered;
  for (auto& value : index) {
    value = static_cast<int32_t>(random() % classes);
    gathered.insert(gathered.end(), table.begin() + value * d, table.begin() + (value + 1) * d);
  }
  for (int isa : tiers()) {
    Context context = open(isa);
    quern_cosine_params params{};
    params.x = x.data();
    params.y = table.data();
    params.n = n;
    params.d = d;
    params.y_rows = classes;
    params.index = index.data();
    std::vector<float> out(static_cast<size_t>(n));
    EXPECT(quern_cosine_consistency(context.get(), &params, out.data()) == QUERN_OK);
    EXPECT(same_bits(out, paired(context.get(), x, gathered, n, d)));
  }
}

TEST("leading dimensions skip what lies between rows") {
  auto random = seeded(3);
  const int64_t n = 20, d = 19, ld = 32;
  const auto wide = gaussian(random, static_cast<size_t>(n * ld));
  std::vector<float> dense;
  for (int64_t i = 0; i < n; i++) dense.insert(dense.end(), wide.begin() + i * ld, wide.begin() + i * ld + d);
  Context context = open();
  quern_cosine_params params{};
  params.x = params.y = wide.data();
  params.n = n;
  params.d = d;
  params.x_ld = params.y_ld = ld;
  std::vector<float> out(static_cast<size_t>(n));
  EXPECT(quern_cosine_consistency(context.get(), &params, out.data()) == QUERN_OK);
  EXPECT(same_bits(out, paired(context.get(), dense, dense, n, d)));
}

TEST("cosine is symmetric, blind to positive scale, odd in sign, and one with itself") {
  auto random = seeded(4);
  Context context = open();
  const int64_t n = 1000, d = 37;
  const auto x = gaussian(random, static_cast<size_t>(n * d)), y = gaussian(random, static_cast<size_t>(n * d));
  auto scaled = x, negated = x;
  for (float& value : scaled) value *= 1024.0f;
  for (float& value : negated) value = -value;
  const auto xy = paired(context.get(), x, y, n, d);
  EXPECT(same_bits(xy, paired(context.get(), y, x, n, d)));
  EXPECT(same_bits(xy, paired(context.get(), scaled, y, n, d)));
  const auto minus = paired(context.get(), negated, y, n, d), self = paired(context.get(), x, x, n, d);
  for (size_t i = 0; i < static_cast<size_t>(n); i++) {
    EXPECT(minus[i] == -xy[i]);
    EXPECT_NEAR(self[i], 1.0, 1.2e-7);
    EXPECT(std::fabs(xy[i]) <= 1.0f);
  }
}

TEST("zero rows give zero, huge and tiny rows stay exact, NaN stays in its row") {
  for (int isa : tiers()) {
    Context context = open(isa);
    const int64_t d = 17, n = 6;
    std::vector<float> x(static_cast<size_t>(n * d), 1.0f), y(static_cast<size_t>(n * d), 2.0f);
    for (size_t j = 0; j < 17; j++) {
      x[0 * 17 + j] = 0.0f;
      x[1 * 17 + j] = 3e38f;
      x[2 * 17 + j] = 1e-40f;
      x[4 * 17 + j] = j == 3 ? INFINITY : 1.0f;
    }
    x[3 * 17 + 5] = NAN;
    const auto out = paired(context.get(), x, y, n, d);
    EXPECT(out[0] == 0.0f);
    EXPECT_NEAR(out[1], 1.0, 1e-6);
    EXPECT_NEAR(out[2], 1.0, 1e-6);
    EXPECT(std::isnan(out[3]));
    EXPECT(std::isnan(out[4]));
    EXPECT_NEAR(out[5], 1.0, 1e-6);
  }
}

TEST("bad arguments are refused by name, value and what is allowed") {
  Context context = open();
  const std::vector<float> x(4, 1.0f);
  std::vector<float> out(2);
  const std::vector<int32_t> index = {0, 2};
  quern_cosine_params good{};
  good.x = good.y = x.data();
  good.n = 2;
  good.d = 2;
  auto call = [&](auto change) {
    quern_cosine_params params = good;
    change(params);
    return quern_cosine_consistency(context.get(), &params, out.data());
  };
  EXPECT(call([](auto&) {}) == QUERN_OK);
  EXPECT(refused(call([](auto& p) { p.n = -1; }), QUERN_INVALID_ARGUMENT, "n is -1, allowed: ≥ 0"));
  EXPECT(refused(call([](auto& p) { p.d = 0; }), QUERN_INVALID_ARGUMENT, "d is 0, allowed: ≥ 1"));
  EXPECT(refused(call([](auto& p) { p.x_ld = 1; }), QUERN_INVALID_ARGUMENT, "x_ld is 1, allowed: 0 or ≥ 2"));
  EXPECT(refused(call([](auto& p) { p.y_rows = 3; }), QUERN_INVALID_ARGUMENT, "y_rows is 3"));
  EXPECT(refused(call([](auto& p) { p.x = nullptr; }), QUERN_INVALID_ARGUMENT, "x is NULL"));
  EXPECT(refused(call([](auto& p) { p.n = INT64_MAX; }), QUERN_INVALID_ARGUMENT, "x overflows"));
  EXPECT(refused(call([&](auto& p) {
                   p.index = index.data();
                   p.y_rows = 2;
                 }),
                 QUERN_INVALID_ARGUMENT, "index[1] is 2, allowed: 0 … 1"));
  EXPECT(refused(quern_cosine_consistency(nullptr, &good, out.data()), QUERN_INVALID_ARGUMENT, "context is NULL"));
  EXPECT(refused(quern_cosine_consistency(context.get(), nullptr, out.data()), QUERN_INVALID_ARGUMENT, "params is NULL"));
}

TEST("the finite check names the first bad value") {
  Context context = open(QUERN_ISA_AUTO, 2, 1);
  std::vector<float> x(6, 1.0f), out(2);
  x[4] = NAN;
  quern_cosine_params params{};
  params.x = params.y = x.data();
  params.n = 2;
  params.d = 3;
  EXPECT(refused(quern_cosine_consistency(context.get(), &params, out.data()), QUERN_NOT_FINITE, "x[1,1] is nan"));
}
