#include <algorithm>

#include "bench.hpp"

using namespace quern::bench;

namespace {

constexpr int64_t kWidth = 512, kNeighbours = 10;

// Relative, of the mean distance of row i, from all distances in float64.
double off_by(const std::vector<float>& points, const std::vector<int32_t>& labels, size_t i, float density) {
  const size_t n = points.size() / kWidth;
  std::vector<double> distances;
  for (size_t j = 0; j < n; j++) {
    if (j == i || (!labels.empty() && labels[j] != labels[i])) continue;
    double square = 0;
    for (size_t c = 0; c < kWidth; c++) {
      const double step = static_cast<double>(points[i * kWidth + c]) - static_cast<double>(points[j * kWidth + c]);
      square += step * step;
    }
    distances.push_back(std::sqrt(square));
  }
  std::partial_sort(distances.begin(), distances.begin() + kNeighbours, distances.end());
  double sum = 0;
  for (size_t k = 0; k < kNeighbours; k++) sum += distances[k];
  return static_cast<double>(density) * kNeighbours / sum - 1;
}

// Mean distance to the ten nearest of the same set, or of the same class.
void density(const Bench& bench, int64_t n, const std::vector<int32_t>& labels) {
  const std::vector<float> rows = noise(static_cast<size_t>(n * kWidth));
  const DeviceArray<float> points(rows), out(static_cast<size_t>(n));
  quern_knn_params p{};
  p.queries = points.data();
  p.n = p.n_reference = n;
  p.d = p.queries_ld = p.reference_ld = kWidth;
  p.k = kNeighbours;
  p.labels = labels.empty() ? nullptr : labels.data();
  const DeviceArray<unsigned char> workspace(static_cast<size_t>(quern::cuda::knn_workspace(p)));
  const auto device = this_device();
  const auto error = [&] {
    const std::vector<float> densities = out.host();
    return worst_of(n, [&](size_t i) { return off_by(rows, labels, i, densities[i]); });
  };
  measure(bench, [&](int) { return quern::cuda::knn_density(device, p, 0, {out.data(), nullptr, nullptr, nullptr}, workspace.data(), nullptr); }, error);
}

}  // namespace

BENCH("knn 50000x512", 9) { density(bench, 50000, {}); }

BENCH("knn 1300000x512", 3500) { density(bench, 1300000, {}); }

BENCH("knn within 1000 classes of 1300x512", 6) {
  std::vector<int32_t> labels(1300000);
  for (size_t i = 0; i < labels.size(); i++) labels[i] = static_cast<int32_t>(i % 1000);
  density(bench, 1300000, labels);
}
