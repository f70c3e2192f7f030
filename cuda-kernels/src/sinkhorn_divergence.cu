// Sinkhorn divergence of labelled point clouds with uniform weights, on the schedule of geomloss: every potential moves from the old values of
// the others, by the passes of sinkhorn_points.cu.
//
// Work split, bytes, determinism, refusals   as there; all four potentials are summed between two barriers of the crew.
// Equal clouds   all potentials come from the same pass with the same parts, so clouds of equal bits have a divergence of exactly 0.
// Source         Feydy et al. 2019.
#include "sinkhorn_pair.cuh"

namespace quern::cuda::ot {

struct DivergenceCall {
  PairCall pair;
  quern_divergence_params params;
  quern_divergence_result result;
};

enum class Step { kFirst, kAverage, kLast };

template <bool kLabelled>
class DivergenceProblem {
 public:
  __device__ DivergenceProblem(const DivergenceCall& call, SharedMemory& memory)
      : call_(call), pair_(call.pair, memory), roles_(call.params.biased == 0 ? 4 : 2) {}

  __device__ void solve(int64_t problem) {
    const quern_divergence_params& p = call_.params;
    const Place place = place_of(p, call_.pair.places, problem);
    pair_.measure_box(place);
    const double diameter = p.diameters == nullptr ? pair_.diameter() : call_.pair.values[problem];
    const double start = diameter > 0 ? diameter * diameter : p.epsilon;
    if (pair_.allows(start < p.epsilon ? start : p.epsilon)) {
      pair_.pack_clouds(place);
      for (int role = 0; role < roles_; role++) pair_.set_weights(role, nullptr);
      finish(problem, place, anneal(start));
    } else {
      refuse(problem, place);
    }
    pair_.crew().barrier();
  }

 private:
  // The potential that a role is driven by.
  __device__ static int driver(int role) { return role < 2 ? 1 - role : role; }

  __device__ QUERN_RARE void drive(double epsilon, Step step);
  __device__ QUERN_RARE void follow(Step step);
  __device__ QUERN_RARE void move(double epsilon, Step step);
  __device__ int64_t anneal(double start);
  __device__ QUERN_RARE double report(int role, float* out, int slot);
  __device__ QUERN_RARE void finish(int64_t problem, const Place& place, int64_t steps);
  __device__ QUERN_RARE void refuse(int64_t problem, const Place& place);

  const DivergenceCall& call_;
  CloudPair<kLabelled> pair_;
  int roles_;
};

// Potentials, 0 in the first step, in binary units of ε and less their share of the squared distance.
template <bool kLabelled>
__device__ QUERN_RARE void DivergenceProblem<kLabelled>::drive(double epsilon, Step step) {
  pair_.set_epsilon(epsilon);
  for (int role = 0; role < roles_; role++) {
    const Side side = pair_.side(role);
    const Cloud& cloud = pair_.cloud(role);
    const double* potential = pair_.potential(role);
    const double weight = -log2(static_cast<double>(cloud.count)), slope = kLog2E / epsilon;
    pair_.each(role, [&](int64_t i) { side.set(i, weight + ((step == Step::kFirst ? 0 : potential[i]) - cloud.shift[i]) * slope); });
  }
  pair_.crew().barrier();
}

template <bool kLabelled>
__device__ QUERN_RARE void DivergenceProblem<kLabelled>::follow(Step step) {
  const double unit = pair_.epsilon() * kLn2;
  for (int role = 0; role < roles_; role++) {
    double* potential = pair_.potential(role);
    const double* shift = pair_.cloud(role).shift;
    pair_.each(role, [&](int64_t i) {
      const Summed all = pair_.summed(role, i);
      const double next = shift[i] - unit * (static_cast<double>(all.top) + log2(all.sum));
      potential[i] = step == Step::kAverage ? 0.5 * (potential[i] + next) : next;
    });
  }
}

// All potentials move together: each next from the old values of its driver.
template <bool kLabelled>
__device__ QUERN_RARE void DivergenceProblem<kLabelled>::move(double epsilon, Step step) {
  drive(epsilon, step);
  for (int role = 0; role < roles_; role++) pair_.pass(role, driver(role));
  pair_.crew().barrier();
  follow(step);
}

// start, start·scaling^2k while above ε, and ε: the first one occurs twice. Returns the temperatures' number.
template <bool kLabelled>
__device__ int64_t DivergenceProblem<kLabelled>::anneal(double start) {
  const quern_divergence_params& p = call_.params;
  int64_t steps = 2;
  move(start, Step::kFirst);
  move(start, Step::kAverage);
  for (double epsilon = start; epsilon > p.epsilon; epsilon *= p.scaling * p.scaling, steps++) move(epsilon, Step::kAverage);
  move(p.epsilon, Step::kAverage);
  move(p.epsilon, Step::kLast);
  return steps;
}

// Mean of a role's potential, less that against itself in a debiased divergence; the differences go to out unless that is NULL.
template <bool kLabelled>
__device__ QUERN_RARE double DivergenceProblem<kLabelled>::report(int role, float* out, int slot) {
  const double* potential = pair_.potential(role);
  const double* self = roles_ == 4 ? pair_.potential(role + 2) : nullptr;
  double sum = 0;
  pair_.each(role, [&](int64_t i) {
    const double difference = potential[i] - (self == nullptr ? 0 : self[i]);
    sum += difference;
    if (out != nullptr) out[i] = static_cast<float>(difference);
  });
  return pair_.total(sum, slot) / static_cast<double>(pair_.cloud(role).count);
}

template <bool kLabelled>
__device__ QUERN_RARE void DivergenceProblem<kLabelled>::finish(int64_t problem, const Place& place, int64_t steps) {
  const quern_divergence_result& out = call_.result;
  const double f = report(kF, out.f == nullptr ? nullptr : out.f + place.row, 0);
  const double g = report(kG, out.g == nullptr ? nullptr : out.g + place.column, 1);
  if (pair_.crew().rank != 0 || threadIdx.x != 0) return;
  if (out.value != nullptr) out.value[problem] = f + g;
  if (out.iterations != nullptr) out.iterations[problem] = steps;
}

template <bool kLabelled>
__device__ QUERN_RARE void DivergenceProblem<kLabelled>::refuse(int64_t problem, const Place& place) {
  const quern_divergence_result& out = call_.result;
  pair_.write_nan(out.f == nullptr ? nullptr : out.f + place.row, place.n);
  pair_.write_nan(out.g == nullptr ? nullptr : out.g + place.column, place.m);
  if (pair_.crew().rank != 0 || threadIdx.x != 0) return;
  if (out.value != nullptr) out.value[problem] = NAN;
  if (out.iterations != nullptr) out.iterations[problem] = 0;
}

template <bool kLabelled>
__global__ void __launch_bounds__(kTileWarps * 32, 1) sinkhorn_divergence(const __grid_constant__ DivergenceCall call) {
  SharedMemory memory;
  DivergenceProblem<kLabelled> space(call, memory);
  for (int64_t p = blockIdx.x / call.pair.crew; p < call.params.batch; p += call.pair.crews) space.solve(p);
}

inline Brought brought_by(const quern_divergence_params& params) {
  return {Roles::kDivergence, params.diameters, params.diameters == nullptr ? 0 : params.batch};
}

}  // namespace quern::cuda::ot

namespace quern::cuda {

int64_t sinkhorn_divergence_workspace(const Device& device, const quern_divergence_params& params, const quern_point_clouds& clouds) {
  return ot::pair_workspace(device, params, clouds, ot::brought_by(params));
}

int sinkhorn_divergence(const Device& device, const quern_divergence_params& params, const quern_point_clouds& clouds,
                        const quern_divergence_result& result, void* workspace, StreamHandle stream) {
  const auto kernel = clouds.table == nullptr ? &ot::sinkhorn_divergence<false> : &ot::sinkhorn_divergence<true>;
  return ot::launch_pair(kernel, device, params, clouds, ot::brought_by(params), result, workspace, stream);
}

}  // namespace quern::cuda
