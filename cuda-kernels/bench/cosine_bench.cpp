#include <numeric>

#include "bench.hpp"

using namespace quern::bench;

namespace {

constexpr int64_t kRows = 1000000, kWidth = 512;

void consistency(const Bench& bench, int64_t texts, const std::vector<int32_t>& labels) {
  const std::vector<float> rows = noise(kRows * kWidth), others = noise(static_cast<size_t>(texts * kWidth), 8);
  const DeviceArray<float> x(rows), y(others), out(kRows);
  const DeviceArray<int32_t> index(labels);
  const quern_cosine_params p{x.data(), kRows, kWidth, kWidth, y.data(), texts, kWidth, index.data()};
  const auto device = this_device();
  const auto error = [&] {
    const std::vector<float> answers = out.host();
    return worst_of(kRows, [&](size_t i) {
      const float* a = &rows[i * kWidth];
      const float* b = &others[(labels.empty() ? i : static_cast<size_t>(labels[i])) * kWidth];
      const auto product = [](const float* l, const float* r) { return std::inner_product(l, l + kWidth, r, 0.0); };
      return static_cast<double>(answers[i]) - product(a, b) / std::sqrt(product(a, a) * product(b, b));
    });
  };
  measure(bench, [&](int) { return quern::cuda::cosine_consistency(device, p, out.data(), nullptr); }, error);
}

}  // namespace

BENCH("cosine paired 1000000x512", 1.05) { consistency(bench, kRows, {}); }

BENCH("cosine by class 1000000x512", 0.55) {
  std::vector<int32_t> labels(kRows);
  for (size_t i = 0; i < labels.size(); i++) labels[i] = static_cast<int32_t>(i * 7919 % 1000);
  consistency(bench, 1000, labels);
}
