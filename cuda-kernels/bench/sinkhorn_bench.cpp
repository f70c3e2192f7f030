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

}  // namespace

BENCH("sinkhorn 64x100x100 100 iterations", 0.04) { solve(bench, 64, 100); }
BENCH("sinkhorn 1x2000x2000 100 iterations", 0.45) { solve(bench, 1, 2000); }
