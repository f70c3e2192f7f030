#include "bench.hpp"

using namespace quern::bench;

namespace {

// Costs in [0, 1), 100 iterations, ε = 0.05; the costs of several turns fill more than the cache.
void solve(const Bench& bench, int64_t batch, int64_t n) {
  quern_sinkhorn_params p{};
  p.batch = batch;
  p.n = p.m = n;
  p.epsilon = 0.05;
  p.max_iterations = 100;
  const size_t cells = static_cast<size_t>(batch * n * n), turns = (size_t{48} << 20) / cells + 1;
  std::mt19937_64 random(11);
  std::uniform_real_distribution<float> draw(0, 1);
  std::vector<float> costs(cells * turns);
  for (float& cost : costs) cost = draw(random);
  const DeviceArray<float> cost(costs), f(static_cast<size_t>(batch * n)), g(static_cast<size_t>(batch * n));
  const DeviceArray<double> value(static_cast<size_t>(batch));
  const auto device = this_device();
  const DeviceArray<unsigned char> workspace(static_cast<size_t>(quern::cuda::sinkhorn_workspace(device, p)));
  const quern_sinkhorn_result result{f.data(), g.data(), nullptr, value.data(), nullptr, nullptr, nullptr, nullptr};
  measure(bench, [&](int turn) {
    return quern::cuda::sinkhorn(device, p, cost.data() + static_cast<size_t>(turn) % turns * cells, result, workspace.data(), nullptr);
  });
}

// Two clouds of n points in d dimensions, uniform weights, ten iterations.
void solve_points(const Bench& bench, int64_t n, int64_t d) {
  quern_sinkhorn_params p{};
  p.batch = 1;
  p.n = p.m = n;
  p.epsilon = static_cast<double>(d) / 20;
  p.max_iterations = 10;
  const size_t values = static_cast<size_t>(n * d);
  const std::vector<float> points = noise(3 * values);
  const DeviceArray<float> all(points), f(static_cast<size_t>(n)), g(static_cast<size_t>(n));
  const auto device = this_device();
  quern_point_clouds clouds{};
  clouds.d = d;
  clouds.scale = 0.5;
  const DeviceArray<unsigned char> workspace(static_cast<size_t>(quern::cuda::sinkhorn_points_workspace(device, p, clouds)));
  const quern_sinkhorn_result result{f.data(), g.data(), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
  measure(bench, [&](int turn) {
    const size_t at = static_cast<size_t>(turn);
    clouds.x = all.data() + at % 3 * values;
    clouds.y = all.data() + (at + 1) % 3 * values;
    return quern::cuda::sinkhorn_points(device, p, clouds, result, workspace.data(), nullptr);
  });
}

}  // namespace

BENCH("sinkhorn 64x100x100 100 iterations", 0.04) { solve(bench, 64, 100); }
BENCH("sinkhorn 1x2000x2000 100 iterations", 0.45) { solve(bench, 1, 2000); }
BENCH("sinkhorn points 50000x50000x64 10 iterations", 20) { solve_points(bench, 50000, 64); }
