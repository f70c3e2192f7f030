// The cosine kernel on the SIMT harness against the float64 definition.
#include "quern_cuda.hpp"
#include "simt/device_array.hpp"
#include "simt/machine.hpp"
#include "tiers.hpp"

using namespace quern::test;
using quern::simt::DeviceArray;

namespace {

constexpr quern::cuda::Device kSmallDevice{2, 80, 99 * 1024};

double oracle(const float* x, const float* y, int64_t d) {
  double xy = 0, xx = 0, yy = 0;
  for (int64_t j = 0; j < d; j++) {
    xy += static_cast<double>(x[j]) * static_cast<double>(y[j]);
    xx += static_cast<double>(x[j]) * static_cast<double>(x[j]);
    yy += static_cast<double>(y[j]) * static_cast<double>(y[j]);
  }
  return xx == 0 || yy == 0 ? 0 : xy / (std::sqrt(xx) * std::sqrt(yy));
}

struct Rows {
  int64_t n, d, x_ld, y_ld, y_rows;
  std::vector<float> x, y;
  std::vector<int32_t> index;  // empty: paired
};

Rows rows(std::mt19937_64& random, int64_t n, int64_t d, int64_t gap) {
  const size_t size = static_cast<size_t>(n * (d + gap));
  return {n, d, d + gap, d + gap, n, gaussian(random, size, 3.0f), gaussian(random, size, 0.1f), {}};
}

std::vector<float> consistency(const Rows& r, uint64_t seed = 1) {
  const DeviceArray<float> x(r.x), y(r.y), out(static_cast<size_t>(r.n));
  const DeviceArray<int32_t> index(r.index);
  const quern_cosine_params params{x.data(), r.n, r.d, r.x_ld, y.data(), r.y_rows, r.y_ld, r.index.empty() ? nullptr : index.data()};
  quern::simt::Machine::current().set_seed(seed);
  EXPECT(quern::cuda::cosine_consistency(kSmallDevice, params, out.data(), nullptr) == 0);
  return out.host();
}

void expect_like_the_definition(const Rows& r) {
  const auto out = consistency(r);
  const double bound = (static_cast<double>(r.d) / 32 + 8) * 2 * 5.97e-8;
  for (int64_t i = 0; i < r.n; i++) {
    const int64_t row = r.index.empty() ? i : r.index[static_cast<size_t>(i)];
    const double expected = oracle(r.x.data() + i * r.x_ld, r.y.data() + row * r.y_ld, r.d);
    EXPECT_NEAR(out[static_cast<size_t>(i)], expected, std::fmin(bound, 3e-7));
  }
}

}  // namespace

TEST("rows agree with the definition at every width around a cliff, aligned and not") {
  auto random = seeded();
  for (int64_t d : {1, 2, 3, 4, 5, 31, 32, 33, 127, 128, 129, 511, 512, 513, 640, 1025}) {
    for (int64_t n : {1, 7, 8, 9, 130}) {
      expect_like_the_definition(rows(random, n, d, 0));
      expect_like_the_definition(rows(random, n, d, 4 - d % 4));
    }
  }
}

TEST("rows against a table by index equal the gathered rows, and an index outside gives NaN") {
  auto random = seeded(1);
  Rows r = rows(random, 40, 48, 0);
  r.y_rows = 7;
  for (int64_t i = 0; i < r.n; i++) r.index.push_back(static_cast<int32_t>(random() % 7));
  expect_like_the_definition(r);
  r.index[3] = 7;
  r.index[4] = -1;
  const auto out = consistency(r);
  EXPECT(std::isnan(out[3]) && std::isnan(out[4]) && !std::isnan(out[5]));
}

TEST("zero rows give zero, huge and tiny rows stay exact, NaN stays in its row") {
  Rows r{6, 17, 17, 17, 6, std::vector<float>(6 * 17, 1.0f), std::vector<float>(6 * 17, 2.0f), {}};
  for (size_t j = 0; j < 17; j++) {
    r.x[j] = 0.0f;
    r.x[17 + j] = 3e38f;
    r.x[2 * 17 + j] = 1e-40f;
  }
  r.x[3 * 17 + 5] = NAN;
  r.x[4 * 17 + 3] = INFINITY;
  const auto out = consistency(r);
  EXPECT(out[0] == 0.0f);
  EXPECT_NEAR(out[1], 1.0, 1e-6);
  EXPECT_NEAR(out[2], 1.0, 1e-6);
  EXPECT(std::isnan(out[3]) && std::isnan(out[4]));
  EXPECT_NEAR(out[5], 1.0, 1e-6);
}

TEST("the order of blocks and threads does not change a bit") {
  auto random = seeded(2);
  const Rows r = rows(random, 100, 77, 0);
  EXPECT(same_bits(consistency(r, 1), consistency(r, 2)));
}
