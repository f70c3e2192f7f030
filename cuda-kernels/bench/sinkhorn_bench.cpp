#include "bench.hpp"

using namespace quern::bench;

namespace {

// Of the column marginals that the last update of g makes exact: Σ_i exp((f_i + g_j − C_ij)/ε)/n is 1 for uniform weights. cost(i, j).
template <class Cost>
double marginal_error(const std::vector<float>& f, const std::vector<float>& g, double epsilon, const Cost& cost) {
  return worst_of(static_cast<int64_t>(g.size()), [&](size_t j) {
    double sum = 0;
    for (size_t i = 0; i < f.size(); i++) sum += std::exp((static_cast<double>(f[i]) + static_cast<double>(g[j]) - cost(i, j)) / epsilon);
    return sum / static_cast<double>(f.size()) - 1;
  });
}

// Costs in [0, 1), 100 iterations, ε = 0.05; the costs of several turns fill more than the cache.
void solve(const Bench& bench, int64_t batch, int64_t n) {
  quern_sinkhorn_params p{};
  p.batch = batch;
  p.n = p.m = n;
  p.epsilon = 0.05;
  p.max_iterations = 100;
  const size_t side = static_cast<size_t>(n), rows = static_cast<size_t>(batch) * side, cells = rows * side;
  const size_t turns = (size_t{48} << 20) / cells + 1;
  std::mt19937_64 random(11);
  std::uniform_real_distribution<float> draw(0, 1);
  std::vector<float> costs(cells * turns);
  for (float& cost : costs) cost = draw(random);
  const DeviceArray<float> cost(costs), f(rows), g(rows);
  const DeviceArray<double> value(static_cast<size_t>(batch));
  const auto device = this_device();
  const DeviceArray<unsigned char> workspace(static_cast<size_t>(quern::cuda::sinkhorn_workspace(device, p)));
  const quern_sinkhorn_result result{f.data(), g.data(), nullptr, value.data(), nullptr, nullptr, nullptr, nullptr};
  const auto error = [&] {
    const std::vector<float> all_f = f.host(), all_g = g.host();
    return worst_of(batch, [&](size_t b) {
      const auto own = [&](const std::vector<float>& all) { return std::vector<float>(&all[b * side], &all[b * side] + side); };
      return marginal_error(own(all_f), own(all_g), p.epsilon, [&](size_t i, size_t j) { return static_cast<double>(costs[(b * side + i) * side + j]); });
    });
  };
  measure(bench, [&](int turn) {
    return quern::cuda::sinkhorn(device, p, cost.data() + static_cast<size_t>(turn) % turns * cells, result, workspace.data(), nullptr);
  }, error);
}

// Three clouds of n points in d dimensions, of which each turn takes two.
struct Clouds {
  Clouds(int64_t n, int64_t d) : values(static_cast<size_t>(n * d)), points(noise(3 * values)), all(points) {
    two.d = d;
    two.scale = 0.5;
    turn(0);
  }
  void turn(int turn) {
    const size_t at = static_cast<size_t>(turn);
    two.x = all.data() + at % 3 * values;
    two.y = all.data() + (at + 1) % 3 * values;
  }
  // Of turn 0.
  double cost(size_t i, size_t j) const {
    const size_t d = static_cast<size_t>(two.d);
    double square = 0;
    for (size_t k = 0; k < d; k++) {
      const double step = static_cast<double>(points[i * d + k]) - static_cast<double>(points[values + j * d + k]);
      square += step * step;
    }
    return two.scale * square;
  }

  size_t values;  // of a cloud
  std::vector<float> points;
  DeviceArray<float> all;
  quern_point_clouds two{};
};

// Uniform weights, ten iterations.
void solve_points(const Bench& bench, int64_t n, int64_t d) {
  quern_sinkhorn_params p{};
  p.batch = 1;
  p.n = p.m = n;
  p.epsilon = static_cast<double>(d) / 20;
  p.max_iterations = 10;
  Clouds clouds(n, d);
  const DeviceArray<float> f(static_cast<size_t>(n)), g(static_cast<size_t>(n));
  const auto device = this_device();
  const DeviceArray<unsigned char> workspace(static_cast<size_t>(quern::cuda::sinkhorn_points_workspace(device, p, clouds.two)));
  const quern_sinkhorn_result result{f.data(), g.data(), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
  const auto error = [&] { return marginal_error(f.host(), g.host(), p.epsilon, [&](size_t i, size_t j) { return clouds.cost(i, j); }); };
  measure(bench, [&](int turn) {
    clouds.turn(turn);
    return quern::cuda::sinkhorn_points(device, p, clouds.two, result, workspace.data(), nullptr);
  }, error);
}

// x against y, x and y against themselves, from the square of the diameter down to ε in steps of 1/4.
void diverge(const Bench& bench, int64_t n, int64_t d) {
  quern_divergence_params p{};
  p.batch = 1;
  p.n = p.m = n;
  p.epsilon = static_cast<double>(d) / 20;
  p.scaling = 0.5;
  Clouds clouds(n, d);
  const DeviceArray<double> value(1);
  const auto device = this_device();
  const DeviceArray<unsigned char> workspace(static_cast<size_t>(quern::cuda::sinkhorn_divergence_workspace(device, p, clouds.two)));
  const quern_divergence_result result{value.data(), nullptr, nullptr, nullptr};
  const auto run = [&] { return quern::cuda::sinkhorn_divergence(device, p, clouds.two, result, workspace.data(), nullptr); };
  // Of a cloud from itself.
  const auto error = [&] {
    clouds.two.y = clouds.two.x;
    quern::simt::require(static_cast<cudaError_t>(run()));
    return value.host()[0];
  };
  measure(bench, [&](int turn) {
    clouds.turn(turn);
    return run();
  }, error);
}

}  // namespace

BENCH("sinkhorn 64x100x100 100 iterations", 0.04) { solve(bench, 64, 100); }
BENCH("sinkhorn 1x2000x2000 100 iterations", 0.45) { solve(bench, 1, 2000); }
BENCH("sinkhorn points 50000x50000x64 10 iterations", 20) { solve_points(bench, 50000, 64); }
// 40 passes, at the pace of the points.
BENCH("sinkhorn divergence 50000x50000x64", 40) { diverge(bench, 50000, 64); }
