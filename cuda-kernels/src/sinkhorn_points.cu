// Sinkhorn between labelled point clouds: costs are recomputed by tensor cores in every pass, and never stored n × m.
//
// Work split   a crew of blocks a problem, crews stride over the batch; a task is 256 points of one side against a part of the other side.
// Iteration    f_i = −ε log Σ_j by an online sum in base 2 over the tiles, parts joined in float64; then g_j likewise. Every half is a log-domain one:
//              log-safe at any cost/ε. The check of the tolerance takes the row sums that the next iteration needs anyway.
// Work         of a half: 3·2·n·m·d flop in fp16 (three products of halves) and n·m exponentials. At n = m = 50,000, d = 64 an iteration is 1.92 TFLOP,
//              1.9 ms at an H200's peak of 989 TFLOP/s, and 5·10⁹ exponentials, 1.3 ms at 16 a cycle and multiprocessor.
// Bytes        128 B a point and chunk of 32 coordinates: of a tile of rows once a task, of the columns once a tile of rows, mostly from L2.
// Determinism  parts and trees are fixed by shape and device, integer atomics alone: the same bits run to run on one kind of device.
// Error        the CPU's bound: max(1e-6, r/2^25) on cost (relative) and marginal error (absolute), r = max |C|/ε ≤ 1000.
// Refusals     a problem that holds a NaN, an infinity, a coordinate beyond ±1e18 or a label outside the table, or whose costs may exceed 2^21·ε,
//              gets NaN in its float results and 0 iterations; others are not touched by it.
// Source       Cuturi 2013; products by halves: Ootomo & Yokota 2022; tiles with online sums: Feydy 2020, Dao 2022.
#include "sinkhorn_pair.cuh"

namespace quern::cuda::ot {

struct TransportCall {
  PairCall pair;
  quern_sinkhorn_params params;
  quern_sinkhorn_result result;
};

template <bool kLabelled>
class PointProblem {
 public:
  __device__ PointProblem(const TransportCall& call, SharedMemory& memory) : call_(call), pair_(call.pair, memory) {}

  __device__ void solve(int64_t problem) {
    const quern_sinkhorn_params& p = call_.params;
    const Place place = place_of(p, call_.pair.places, problem);
    epsilon_ = p.epsilons == nullptr ? p.epsilon : static_cast<double>(p.epsilons[problem]);
    pair_.measure_box(place);
    if (pair_.allows(epsilon_)) {
      open(place);
      run();
      if (call_.result.cost != nullptr || call_.result.marginal_error != nullptr || call_.result.converged != nullptr) spend();
      finish(problem, place);
    } else {
      refuse(problem, place);
    }
    pair_.crew().barrier();
  }

 private:
  // Slots of the crew's sums.
  enum Slot { kError = 0, kCost = 1, kRowDual = 2, kColumnDual = 3 };

  __device__ QUERN_RARE void open(const Place& place);
  __device__ QUERN_RARE void rescale(double epsilon);
  __device__ QUERN_RARE void follow(int role);
  __device__ QUERN_RARE double row_error();
  __device__ void run();
  __device__ QUERN_RARE void spend();
  __device__ QUERN_RARE double report(int role, float* out, int slot);
  __device__ QUERN_RARE void finish(int64_t problem, const Place& place);
  __device__ QUERN_RARE void refuse(int64_t problem, const Place& place);

  const TransportCall& call_;
  CloudPair<kLabelled> pair_;
  double epsilon_ = 0, error_ = 0, cost_ = 0;
  int64_t iterations_ = 0;
  bool converged_ = false;
};

// Potential 0 of y to start with, at the first ε of the annealing.
template <bool kLabelled>
__device__ QUERN_RARE void PointProblem<kLabelled>::open(const Place& place) {
  const quern_sinkhorn_params& p = call_.params;
  pair_.pack_clouds(place);
  pair_.set_weights(kF, p.a == nullptr ? nullptr : p.a + place.row);
  pair_.set_weights(kG, p.b == nullptr ? nullptr : p.b + place.column);
  pair_.set_epsilon(p.annealing_steps > 0 ? call_.pair.values[0] * epsilon_ : epsilon_);
  const Side y = pair_.side(kG);
  const double* shift = pair_.cloud(kG).shift;
  const double slope = kLog2E / pair_.epsilon();
  __syncthreads();
  pair_.each(kG, [&](int64_t j) {
    if (y.weight[j] > 0.0f) y.set(j, log2(static_cast<double>(y.weight[j])) - slope * shift[j]);
  });
  pair_.crew().barrier();
}

template <bool kLabelled>
__device__ QUERN_RARE void PointProblem<kLabelled>::rescale(double epsilon) {
  const Side y = pair_.side(kG);
  const double ratio = pair_.epsilon() / epsilon;
  pair_.each(kG, [&](int64_t j) { y.rescale(j, ratio); });
  pair_.set_epsilon(epsilon);
  pair_.crew().barrier();
}

// Σ_j P_ij = weight_i for every point of the role, by the sums of its last pass.
template <bool kLabelled>
__device__ QUERN_RARE void PointProblem<kLabelled>::follow(int role) {
  const Side side = pair_.side(role);
  pair_.each(role, [&](int64_t i) {
    if (!(side.weight[i] > 0.0f)) return;
    const Summed all = pair_.summed(role, i);
    side.exponent[i] = -all.top;
    side.scaling[i] = static_cast<float>(static_cast<double>(side.weight[i]) / all.sum);
    side.absorb(i);
  });
  pair_.crew().barrier();
}

// Σ_i |Σ_j P_ij − a_i| of the potentials before they follow the sums of the last pass.
template <bool kLabelled>
__device__ QUERN_RARE double PointProblem<kLabelled>::row_error() {
  const Side x = pair_.side(kF);
  double error = 0;
  pair_.each(kF, [&](int64_t i) {
    if (!x.live(i)) return;
    const Summed all = pair_.summed(kF, i);
    const double mass = ldexp(static_cast<double>(x.scaling[i]) * all.sum, static_cast<int>(x.exponent[i] + all.top));
    error += fabs(mass - static_cast<double>(x.weight[i]));
  });
  return pair_.total(error, kError);
}

// Iterations until the cap or the tolerance.
template <bool kLabelled>
__device__ void PointProblem<kLabelled>::run() {
  const quern_sinkhorn_params& p = call_.params;
  converged_ = false;
  for (iterations_ = 0; iterations_ < p.max_iterations; iterations_++) {
    const double next = iterations_ < p.annealing_steps ? call_.pair.values[iterations_] * epsilon_ : epsilon_;
    if (next != pair_.epsilon()) rescale(next);
    pair_.pass(kF, kG);
    pair_.crew().barrier();
    const bool checked = p.tolerance > 0 && iterations_ > p.annealing_steps && iterations_ % 10 == 0;
    if (checked && row_error() <= p.tolerance) {
      converged_ = true;
      return;
    }
    follow(kF);
    pair_.pass(kG, kF);
    pair_.crew().barrier();
    follow(kG);
  }
}

// Σ_i |Σ_j P_ij − a_i| and <P,C> of the potentials as they are.
template <bool kLabelled>
__device__ QUERN_RARE void PointProblem<kLabelled>::spend() {
  pair_.spend();
  pair_.crew().barrier();
  const Side x = pair_.side(kF);
  double error = 0, cost = 0;
  pair_.each(kF, [&](int64_t i) {
    const double2 spent = x.live(i) ? pair_.spent(i) : double2{0, 0};
    error += fabs(spent.x - static_cast<double>(x.weight[i]));
    cost += spent.y;
  });
  error_ = pair_.total(error, kError);
  cost_ = pair_.total(cost, kCost);
}

// Writes the potentials of a role and returns <weight, potential>.
template <bool kLabelled>
__device__ QUERN_RARE double PointProblem<kLabelled>::report(int role, float* out, int slot) {
  const Side side = pair_.side(role);
  const double* shift = pair_.cloud(role).shift;
  double sum = 0;
  pair_.each(role, [&](int64_t i) {
    const double potential = side.live(i) ? epsilon_ * side.natural(i) + shift[i] : 0;
    sum += static_cast<double>(side.weight[i]) * potential;
    if (out != nullptr) out[i] = static_cast<float>(potential);
  });
  return pair_.total(sum, slot);
}

template <bool kLabelled>
__device__ QUERN_RARE void PointProblem<kLabelled>::finish(int64_t problem, const Place& place) {
  const quern_sinkhorn_result& out = call_.result;
  const double f = report(kF, out.f == nullptr ? nullptr : out.f + place.row, kRowDual);
  const double g = report(kG, out.g == nullptr ? nullptr : out.g + place.column, kColumnDual);
  if (pair_.crew().rank != 0 || threadIdx.x != 0) return;
  if (out.cost != nullptr) out.cost[problem] = cost_;
  if (out.dual != nullptr) out.dual[problem] = f + g;
  if (out.marginal_error != nullptr) out.marginal_error[problem] = error_;
  if (out.iterations != nullptr) out.iterations[problem] = iterations_;
  if (out.converged == nullptr) return;
  out.converged[problem] = static_cast<uint8_t>(call_.params.tolerance > 0 && (converged_ || error_ <= call_.params.tolerance));
}

template <bool kLabelled>
__device__ QUERN_RARE void PointProblem<kLabelled>::refuse(int64_t problem, const Place& place) {
  const quern_sinkhorn_result& out = call_.result;
  pair_.write_nan(out.f == nullptr ? nullptr : out.f + place.row, place.n);
  pair_.write_nan(out.g == nullptr ? nullptr : out.g + place.column, place.m);
  if (pair_.crew().rank != 0 || threadIdx.x != 0) return;
  if (out.cost != nullptr) out.cost[problem] = NAN;
  if (out.dual != nullptr) out.dual[problem] = NAN;
  if (out.marginal_error != nullptr) out.marginal_error[problem] = NAN;
  if (out.iterations != nullptr) out.iterations[problem] = 0;
  if (out.converged != nullptr) out.converged[problem] = 0;
}

template <bool kLabelled>
__global__ void __launch_bounds__(kTileWarps * 32, 1) sinkhorn_points(const __grid_constant__ TransportCall call) {
  SharedMemory memory;
  PointProblem<kLabelled> space(call, memory);
  for (int64_t p = blockIdx.x / call.pair.crew; p < call.params.batch; p += call.pair.crews) space.solve(p);
}

inline Brought brought_by(const quern_sinkhorn_params& params) {
  return {Roles::kTransport, params.annealing, params.annealing_steps};
}

}  // namespace quern::cuda::ot

namespace quern::cuda {

int64_t sinkhorn_points_workspace(const Device& device, const quern_sinkhorn_params& params, const quern_point_clouds& clouds) {
  return ot::pair_workspace(device, params, clouds, ot::brought_by(params));
}

int sinkhorn_points(const Device& device, const quern_sinkhorn_params& params, const quern_point_clouds& clouds, const quern_sinkhorn_result& result,
                    void* workspace, StreamHandle stream) {
  const auto kernel = clouds.table == nullptr ? &ot::sinkhorn_points<false> : &ot::sinkhorn_points<true>;
  return ot::launch_pair(kernel, device, params, clouds, ot::brought_by(params), result, workspace, stream);
}

}  // namespace quern::cuda
