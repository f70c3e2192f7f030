// Sinkhorn with stored costs: the launches of small, middling and large problems are one kernel.
//
// Work split   a crew of blocks a problem, a slab of rows a block, crews stride over the batch. In a block: row sums by warps over 16-byte columns,
//              column sums by threads over rows, in groups of rows where the columns do not fill the block.
// Kernel       K_ij = 2^(exponent_i + exponent_j − C_ij·log2(e)/ε), in shared memory for all iterations where the slabs of a crew hold it, else
//              in the workspace, read once an iteration (the second reading of a strip of rows hits the cache).
// Iteration    one sweep over K: rows dot x, y = a / sums, columns += y·K, x = b / columns. Sums that are not trustworthy lead to a log-domain
//              rebuild of K around the rows' (then the columns') maxima, as on the CPU: log-safe at any cost/ε.
// Bytes        shared memory: 8·n·m an iteration; streamed: 4·n·m from device memory. One crew barrier for the column sums, one for x.
// Determinism  fixed slabs, groups and trees, no float atomics: the same bits run to run on one kind of device.
// Error        the CPU's bound: max(1e-6, r/2^25) on cost (relative) and marginal error (absolute), r = max |C|/ε ≤ 1000.
// Source       Cuturi 2013; absorption: Schmitzer 2019.
#include "sinkhorn_stored.cuh"

namespace quern::cuda::ot {

constexpr float kLargestCost = 3.402823466e38f;

// The fold over the crew; its barrier also publishes what the blocks wrote before.
template <KernelStore S>
__device__ SumRange StoredProblem<S>::exchange(SumRange own, Ranged slot) {
  own = warp_range(own);
  if (lane_ == 0) ranges_.store(warp_, own);
  __syncthreads();
  for (int w = 0; w < warps_; w++) own.cover(ranges_.load(w));
  __syncthreads();
  if (crew_.size == 1) return own;
  float* at = reinterpret_cast<float*>(space_ + call_.layout.ranges) + 2 * static_cast<int>(slot);
  if (threadIdx.x == 0) {
    at[4 * crew_.rank] = own.smallest;
    at[4 * crew_.rank + 1] = own.largest;
  }
  crew_.barrier();
  SumRange all = kNoSums;
  for (unsigned rank = static_cast<unsigned>(lane_); rank < crew_.size; rank += 32) all.cover({at[4 * rank], at[4 * rank + 1]});
  return warp_range(all);
}

template <KernelStore S>
__device__ QUERN_RARE void StoredProblem<S>::open(const Place& place) {
  n_ = place.n;
  m_ = place.m;
  ld_ = (m_ + 3) / 4 * 4;
  vectors_ = ld_ / 4;
  share_ = (m_ + crew_.size - 1) / crew_.size;
  const int64_t slab = (n_ + crew_.size - 1) / crew_.size, begin = static_cast<int64_t>(crew_.rank) * slab;
  slab_begin_ = begin < n_ ? begin : n_;
  slab_end_ = slab_begin_ + slab < n_ ? slab_begin_ + slab : n_;
  rows_ = side(call_.layout.rows, (n_ + 3) / 4 * 4);
  columns_ = side(call_.layout.columns, ld_);
  partials_ = reinterpret_cast<float*>(space_ + call_.layout.partials);
  kernel_ = reinterpret_cast<float*>(space_ + call_.layout.kernel);
  cost_ = call_.cost + place.cell;
  const quern_sinkhorn_params& p = call_.params;
  set_weights(rows_, p.a == nullptr ? nullptr : p.a + place.row, n_, slab_begin_, slab_end_, slots_);
  set_weights(columns_, p.b == nullptr ? nullptr : p.b + place.column, m_, share_begin(), share_end(), slots_);
  for (int64_t j = m_ + threadIdx.x; crew_.rank == 0 && j < ld_; j += blockDim.x) columns_.scaling[j] = 0.0f;
}

// Σ_j K_ij x_j of some consecutive rows, the same for all lanes.
template <KernelStore S>
__device__ void StoredProblem<S>::dot_rows(int64_t first, int64_t end, float (&sums)[kRowsAtOnce]) const {
  const float4* x = reinterpret_cast<const float4*>(columns_.scaling);
#pragma unroll
  for (int r = 0; r < kRowsAtOnce; r++) sums[r] = 0.0f;
#pragma unroll 1  // a second vector in flight spills
  for (int64_t v = lane_; v < vectors_; v += 32) {
    const float4 at = x[v];
#pragma unroll
    for (int r = 0; r < kRowsAtOnce; r++) {
      if (first + r >= end) continue;
      const float4 k = kernel_vector(first + r, v);
      sums[r] = fmaf(k.w, at.w, fmaf(k.z, at.z, fmaf(k.y, at.y, fmaf(k.x, at.x, sums[r]))));
    }
  }
#pragma unroll
  for (int r = 0; r < kRowsAtOnce; r++) sums[r] = warp_sum(sums[r]);
}

template <KernelStore S>
__device__ void StoredProblem<S>::scale_rows(int64_t begin, int64_t end, SumRange& range) {
  for (int64_t i = begin + warp_ * kRowsAtOnce; i < end; i += warps_ * kRowsAtOnce) {
    float sums[kRowsAtOnce];
    dot_rows(i, end, sums);
    for (int r = 0; r < kRowsAtOnce && i + r < end; r++) {
      if (lane_ == r) scale(rows_, i + r, sums[r], range);
    }
  }
}

// max_j exponent_j + slope·C_j, rounded; −infinity if every pair is forbidden.
template <KernelStore S>
__device__ float StoredProblem<S>::row_top(const float* cost) const {
  float top = -kInfinity;
  for (int64_t j = lane_; j < m_; j += 32) top = fmaxf(fmaf(cost[j], slope_.hi, columns_.exponent[j]), top);
  return rintf(warp_max(top));
}

// Builds the kernel of row i and returns Σ_j K_ij x_j. A row without weight, or that can reach no column, takes no part.
template <KernelStore S>
__device__ float StoredProblem<S>::build_row(int64_t i, RowKernel how) {
  const float* cost = cost_ + i * m_;
  float lift = rows_.exponent[i];
  if (how == RowKernel::kLifted) {
    const float top = rows_.weight[i] > 0.0f ? row_top(cost) : -kInfinity;
    lift = top > -kInfinity ? -top : -kInfinity;
    __syncwarp();
    if (lane_ == 0) rows_.exponent[i] = lift;
  }
  float sum = 0.0f;
  for (int64_t j = lane_; j < ld_; j += 32) {
    const bool pair = j < m_ && lift > -kInfinity;
    const float k = pair ? gibbs(cost[j], lift + columns_.exponent[j], slope_) : 0.0f;
    set_kernel(i, j, k);
    sum = fmaf(k, columns_.scaling[j], sum);
  }
  return warp_sum(sum);
}

// Σ_i y_i K_i over some rows of four columns, in chains of 8.
template <KernelStore S>
__device__ float4 StoredProblem<S>::rows_times_scalings(int64_t first, int64_t last, int64_t v) const {
  float4 sum = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
  for (int64_t begin = first; begin < last; begin += 8) {
    float4 chain = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
#pragma unroll
    for (int r = 0; r < 8; r++) {
      if (begin + r >= last) break;
      const float y = rows_.scaling[begin + r];
      const float4 k = kernel_vector(begin + r, v);
      chain = make_float4(fmaf(y, k.x, chain.x), fmaf(y, k.y, chain.y), fmaf(y, k.z, chain.z), fmaf(y, k.w, chain.w));
    }
    sum = make_float4(sum.x + chain.x, sum.y + chain.y, sum.z + chain.z, sum.w + chain.w);
  }
  return sum;
}

template <KernelStore S>
__device__ void StoredProblem<S>::add_to_partial(int64_t v, const float4& sum, bool first) const {
  float4* partial = reinterpret_cast<float4*>(partials_ + crew_.rank * ld_) + v;
  const float4 before = first ? make_float4(0.0f, 0.0f, 0.0f, 0.0f) : *partial;
  *partial = make_float4(before.x + sum.x, before.y + sum.y, before.z + sum.z, before.w + sum.w);
}

// Adds y·K of the strip's rows to the slab's column sums; the strip at the slab's beginning starts them.
template <KernelStore S>
__device__ void StoredProblem<S>::add_columns(int64_t begin, int64_t end) {
  const int64_t threads = blockDim.x, t = threadIdx.x, whole = (vectors_ + 31) / 32 * 32;
  const int64_t width = whole < threads ? whole : threads, groups = threads / width;
  const int64_t group = t / width, rows = (end - begin + groups - 1) / groups;
  const int64_t first = begin + group * rows, last = first + rows < end ? first + rows : end;
  for (int64_t v = t % width; group < groups && v < vectors_; v += width) {
    const float4 sum = rows_times_scalings(first, last, v);
    if (groups == 1) {
      add_to_partial(v, sum, begin == slab_begin_);
    } else {
      groups_.store(t, sum);
    }
  }
  __syncthreads();
  if (groups > 1 && t < vectors_) {
    float4 sum = groups_.load(t);
    for (int64_t g = 1; g < groups; g++) {
      const float4 more = groups_.load(g * width + t);
      sum = make_float4(sum.x + more.x, sum.y + more.y, sum.z + more.z, sum.w + more.w);
    }
    add_to_partial(t, sum, begin == slab_begin_);
  }
  __syncthreads();
}

// Rows of the slab strip by strip: their kernel and sums, then their part in the column sums. kRebuilt keeps the row scalings.
template <KernelStore S>
__device__ SumRange StoredProblem<S>::pass(RowKernel how) {
  SumRange range = kNoSums;
  int64_t begin = slab_begin_;
  do {
    const int64_t end = begin + kStrip < slab_end_ ? begin + kStrip : slab_end_;
    if (how == RowKernel::kStanding) {
      scale_rows(begin, end, range);
    } else {
      for (int64_t i = begin + warp_; i < end; i += warps_) {
        const float sum = build_row(i, how);
        if (lane_ == 0 && how == RowKernel::kLifted) scale(rows_, i, sum, range);
      }
    }
    __syncthreads();
    add_columns(begin, end);
    begin = end;
  } while (begin < slab_end_);
  return range;
}

// x_j = b_j / column sum, by the crew together.
template <KernelStore S>
__device__ SumRange StoredProblem<S>::scale_columns() {
  SumRange range = kNoSums;
  each_column([&](int64_t j) {
    double sum = static_cast<double>(partials_[j]);
    for (unsigned rank = 1; rank < crew_.size; rank++) sum += static_cast<double>(partials_[rank * ld_ + j]);
    scale(columns_, j, static_cast<float>(sum), range);
  });
  range = exchange(range, Ranged::kColumns);
  largest_x_ = range.largest;
  return range;
}

// −rint(max_i(exponent_i + exponent_j + slope·C_ij)) is added to exponent_j; a column that no row can reach takes no part.
template <KernelStore S>
__device__ void StoredProblem<S>::lift_columns() {
  each_row([&](int64_t i) { rows_.absorb(i); });
  __syncthreads();
  for (int64_t j = threadIdx.x; j < m_; j += blockDim.x) {
    float top = -kInfinity;
    for (int64_t i = slab_begin_; i < slab_end_; i++) {
      top = fmaxf(fmaf(cost_[i * m_ + j], slope_.hi, rows_.exponent[i] + columns_.exponent[j]), top);
    }
    partials_[crew_.rank * ld_ + j] = top;
  }
  crew_.barrier();
  each_column([&](int64_t j) {
    float top = partials_[j];
    for (unsigned rank = 1; rank < crew_.size; rank++) top = fmaxf(top, partials_[rank * ld_ + j]);
    if (!columns_.live(j)) return;
    if (top > -kInfinity) {
      columns_.exponent[j] -= rintf(top);
    } else {
      columns_.remove(j);
    }
  });
  crew_.barrier();
}

// The column half of a log-domain iteration: the kernel is built anew around the columns' own maxima.
template <KernelStore S>
__device__ QUERN_RARE void StoredProblem<S>::rebuild_columns() {
  lift_columns();
  pass(RowKernel::kRebuilt);
  crew_.barrier();
  scale_columns();
}

template <KernelStore S>
__device__ QUERN_RARE void StoredProblem<S>::rebuild() {
  each_column([&](int64_t j) { columns_.absorb(j); });
  crew_.barrier();
  const SumRange rows = exchange(pass(RowKernel::kLifted), Ranged::kRows);
  if (!trustworthy(scale_columns(), n_, rows.largest)) rebuild_columns();
}

// An iteration on the kernel as it stands; false, with the columns as they were, where its row sums are not trustworthy.
template <KernelStore S>
__device__ bool StoredProblem<S>::sweep() {
  const SumRange rows = exchange(pass(RowKernel::kStanding), Ranged::kRows);
  if (!trustworthy(rows, m_, largest_x_)) return false;
  if (!trustworthy(scale_columns(), n_, rows.largest)) rebuild_columns();
  return true;
}

// Iterations until the cap or the tolerance; true if the tolerance was met.
template <KernelStore S>
__device__ bool StoredProblem<S>::run(int64_t problem, int64_t& iterations) {
  const quern_sinkhorn_params& p = call_.params;
  const double epsilon = call_.epsilon(problem);
  set_epsilon(p.annealing_steps > 0 ? call_.annealing[0] * epsilon : epsilon);
  bool built = false;
  each_column([&](int64_t j) {
    if (columns_.weight[j] > 0.0f) columns_.set(j, log2(static_cast<double>(columns_.weight[j])));
  });
  for (iterations = 1;; iterations++) {
    const double next = iterations <= p.annealing_steps ? call_.annealing[iterations - 1] * epsilon : epsilon;
    if (next != epsilon_) {
      each_column([&](int64_t j) { columns_.rescale(j, epsilon_ / next); });
      set_epsilon(next);
      built = false;
    }
    if (!(built && sweep())) rebuild();
    built = true;
    if (iterations == p.max_iterations) return false;
    const bool checked = p.tolerance > 0 && iterations % 10 == 0 && iterations > p.annealing_steps;
    if (checked && measure(Measure::kError, nullptr) <= p.tolerance) return true;
  }
}

// Σ_j P_ij C_ij of a row, the same for all lanes; the row of the plan goes to plan unless that is NULL.
template <KernelStore S>
__device__ float StoredProblem<S>::row_cost(int64_t i, float* plan) const {
  float cost = 0.0f;
  for (int64_t j = lane_; j < m_; j += 32) {
    const float p = kernel_at(i, j) * columns_.scaling[j] * rows_.scaling[i];
    cost = fmaf(p, fminf(cost_[i * m_ + j], kLargestCost), cost);
    if (plan != nullptr) plan[i * m_ + j] = p;
  }
  return warp_sum(cost);
}

// Σ_i |Σ_j P_ij − a_i| with the potentials as they are.
template <KernelStore S>
__device__ QUERN_RARE double StoredProblem<S>::measure(Measure what, float* plan) {
  double error = 0, cost = 0;
  for (int64_t i = slab_begin_ + warp_ * kRowsAtOnce; i < slab_end_; i += warps_ * kRowsAtOnce) {
    float sums[kRowsAtOnce];
    dot_rows(i, slab_end_, sums);
    for (int r = 0; r < kRowsAtOnce && i + r < slab_end_; r++) {
      const double y = static_cast<double>(rows_.scaling[i + r]);
      if (lane_ == 0) error += fabs(y * static_cast<double>(sums[r]) - static_cast<double>(rows_.weight[i + r]));
      if (what == Measure::kError) continue;
      const float row = row_cost(i + r, plan);
      if (lane_ == 0) cost += static_cast<double>(row);
    }
  }
  if (what == Measure::kErrorAndCost) cost_sum_ = total(cost, Exchanged::kCost);
  return total(error, Exchanged::kError);
}

template <KernelStore S>
__device__ QUERN_RARE void StoredProblem<S>::finish(int64_t problem, const Place& place, int64_t iterations, bool converged) {
  const quern_sinkhorn_result& out = call_.result;
  const double error = measure(Measure::kErrorAndCost, out.plan == nullptr ? nullptr : out.plan + place.cell);
  double f = 0, g = 0;
  each_row([&](int64_t i) {
    const double potential = rows_.live(i) ? epsilon_ * rows_.natural(i) : 0;
    f += static_cast<double>(rows_.weight[i]) * potential;
    if (out.f != nullptr) out.f[place.row + i] = static_cast<float>(potential);
  });
  each_column([&](int64_t j) {
    const double potential = columns_.live(j) ? epsilon_ * columns_.natural(j) : 0;
    g += static_cast<double>(columns_.weight[j]) * potential;
    if (out.g != nullptr) out.g[place.column + j] = static_cast<float>(potential);
  });
  const double dual = total(f, Exchanged::kRowDual) + total(g, Exchanged::kColumnDual);
  if (crew_.rank != 0 || threadIdx.x != 0) return;
  if (out.cost != nullptr) out.cost[problem] = cost_sum_;
  if (out.dual != nullptr) out.dual[problem] = dual;
  if (out.marginal_error != nullptr) out.marginal_error[problem] = error;
  if (out.iterations != nullptr) out.iterations[problem] = iterations;
  if (out.converged != nullptr) {
    out.converged[problem] = static_cast<uint8_t>(call_.params.tolerance > 0 && (converged || error <= call_.params.tolerance));
  }
}

template <KernelStore S>
__device__ void StoredProblem<S>::solve(int64_t problem) {
  const Place place = place_of(call_.params, call_.places, problem);
  open(place);
  int64_t iterations = 0;
  const bool converged = run(problem, iterations);
  finish(problem, place, iterations, converged);
  crew_.barrier();
}

template <KernelStore S>
__global__ void __launch_bounds__(512, 1) sinkhorn_stored(const __grid_constant__ StoredCall call) {
  SharedMemory memory;
  StoredProblem<S> space(call, memory);
  for (int64_t p = blockIdx.x / call.crew; p < call.params.batch; p += call.crews) space.solve(p);
}

inline StoredPlan plan_of(const Device& device, const quern_sinkhorn_params& params) {
  return plan_stored(device, params.batch, most_of(shapes_of(params)));
}

}  // namespace quern::cuda::ot

namespace quern::cuda {

int64_t sinkhorn_workspace(const Device& device, const quern_sinkhorn_params& params) {
  return ot::layout_of(ot::plan_of(device, params), params, params.annealing_steps).end;
}

int sinkhorn(const Device& device, const quern_sinkhorn_params& params, const float* cost, const quern_sinkhorn_result& result, void* workspace,
             StreamHandle stream) {
  using namespace ot;
  if (params.batch == 0) return 0;
  const StoredPlan plan = plan_of(device, params);
  const WorkspaceLayout layout = layout_of(plan, params, params.annealing_steps);
  const Extents most = most_of(shapes_of(params));
  unsigned char* space = static_cast<unsigned char*>(workspace);
  StoredCall call{params, result, cost, nullptr, reinterpret_cast<const double*>(space + layout.values), space, space + layout.crews,
                  crew_layout(plan.store, plan.crew, most), plan.crew, plan.crews,
                  plan.store == KernelStore::kShared ? plan.slab_rows * plan.ld : 0};
  if (params.ns != nullptr) call.places = reinterpret_cast<const Place*>(space + layout.places);
  const int error = fill_workspace(space, layout, plan.crews, shapes_of(params), params.annealing, params.annealing_steps, stream);
  if (error != 0) return error;
  const LaunchShape shape{plan.crew * plan.crews, 1, static_cast<unsigned>(plan.threads), static_cast<size_t>(plan.shared_bytes), 1,
                          plan.crew > 1 ? Residency::kCooperative : Residency::kIndependent};
  return launch(shape, stream, plan.store == KernelStore::kShared ? &sinkhorn_stored<KernelStore::kShared> : &sinkhorn_stored<KernelStore::kGlobal>,
                call);
}

}  // namespace quern::cuda
