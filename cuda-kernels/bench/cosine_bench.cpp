#include "bench.hpp"

using namespace quern::bench;

namespace {

constexpr int64_t kRows = 1000000, kWidth = 512;

void consistency(const Bench& bench, int64_t texts, const std::vector<int32_t>& labels) {
  const DeviceArray<float> x(noise(kRows * kWidth)), y(noise(static_cast<size_t>(texts * kWidth))), out(kRows);
  const DeviceArray<int32_t> index(labels);
  const quern_cosine_params p{x.data(), kRows, kWidth, kWidth, y.data(), texts, kWidth, index.data()};
  const auto device = this_device();
  measure(bench, [&](int) { return quern::cuda::cosine_consistency(device, p, out.data(), nullptr); });
}

}  // namespace

BENCH("cosine paired 1000000x512", 1.05) { consistency(bench, kRows, {}); }

BENCH("cosine by class 1000000x512", 0.55) {
  std::vector<int32_t> labels(kRows);
  for (size_t i = 0; i < labels.size(); i++) labels[i] = static_cast<int32_t>(i * 7919 % 1000);
  consistency(bench, 1000, labels);
}
