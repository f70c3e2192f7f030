#include "bench.hpp"

using namespace quern::bench;

namespace {

constexpr int64_t kWidth = 512, kNeighbours = 10;

// Mean distance to the ten nearest of the same set, or of the same class.
void density(const Bench& bench, int64_t n, const std::vector<int32_t>& labels) {
  const DeviceArray<float> points(noise(static_cast<size_t>(n * kWidth))), out(static_cast<size_t>(n));
  quern_knn_params p{};
  p.queries = points.data();
  p.n = p.n_reference = n;
  p.d = p.queries_ld = p.reference_ld = kWidth;
  p.k = kNeighbours;
  p.labels = labels.empty() ? nullptr : labels.data();
  const DeviceArray<unsigned char> workspace(static_cast<size_t>(quern::cuda::knn_workspace(p)));
  const auto device = this_device();
  measure(bench, [&](int) { return quern::cuda::knn_density(device, p, {out.data(), nullptr, nullptr, nullptr}, workspace.data(), nullptr); });
}

}  // namespace

BENCH("knn 50000x512", 9) { density(bench, 50000, {}); }

BENCH("knn 1300000x512", 3500) { density(bench, 1300000, {}); }

BENCH("knn within 1000 classes of 1300x512", 6) {
  std::vector<int32_t> labels(1300000);
  for (size_t i = 0; i < labels.size(); i++) labels[i] = static_cast<int32_t>(i % 1000);
  density(bench, 1300000, labels);
}
