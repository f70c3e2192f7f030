// One Sinkhorn problem with stored costs, solved by a crew of blocks; sinkhorn_stored.cu says how.
#pragma once

#include "sinkhorn_crew.cuh"

namespace quern::cuda::ot {

struct StoredCall {
  quern_sinkhorn_params params;
  quern_sinkhorn_result result;
  const float* cost;
  const Place* places;      // of a ragged batch, else NULL
  const double* annealing;  // on the device
  unsigned char* barriers;  // [crews, kBarrierBytes] zero
  unsigned char* spaces;    // [crews, layout.end]
  CrewLayout layout;
  unsigned crew, crews;
  int64_t slab_floats;  // of shared memory for the kernel

  __device__ double epsilon(int64_t p) const { return params.epsilons == nullptr ? params.epsilon : static_cast<double>(params.epsilons[p]); }
};

// Slots of the crew's sums and ranges.
enum class Exchanged { kError = 0, kCost = 1, kRowDual = 2, kColumnDual = 3 };
enum class Ranged { kRows = 0, kColumns = 1 };
// Where a row's kernel comes from: as it stands, built about the row's largest entry, or built from the potentials of both sides.
enum class RowKernel { kStanding, kLifted, kRebuilt };
enum class Measure { kError, kErrorAndCost };

__device__ inline SumRange warp_range(const SumRange& own) { return {warp_min(own.smallest), warp_max(own.largest)}; }

template <KernelStore S>
class StoredProblem {
 public:
  __device__ StoredProblem(const StoredCall& call, SharedMemory& memory)
      : call_(call),
        slots_(memory.take<double>(blockDim.x / 32)),
        ranges_(memory.take<SumRange>(blockDim.x / 32)),
        groups_(memory.take<float4>(blockDim.x)),
        shared_(memory.take<float>(call.slab_floats)),
        lane_(static_cast<int>(threadIdx.x % 32)),
        warp_(static_cast<int>(threadIdx.x / 32)),
        warps_(static_cast<int>(blockDim.x / 32)) {
    const unsigned crew = blockIdx.x / call.crew;
    space_ = call.spaces + static_cast<int64_t>(crew) * call.layout.end;
    crew_ = {blockIdx.x % call.crew, call.crew, reinterpret_cast<unsigned long long*>(call.barriers + crew * kBarrierBytes),
             reinterpret_cast<double*>(space_ + call.layout.sums)};
  }

  __device__ void solve(int64_t problem);

 private:
  static constexpr int kRowsAtOnce = S == KernelStore::kShared ? 2 : 4;
  // Rows whose kernel is read again while it is near.
  static constexpr int64_t kStrip = S == KernelStore::kShared ? int64_t{1} << 40 : 64;

  __device__ Side side(int64_t offset, int64_t padded) const {
    float* at = reinterpret_cast<float*>(space_ + offset);
    return {at, at + padded, at + 2 * padded};
  }
  __device__ int64_t share_begin() const { return static_cast<int64_t>(crew_.rank) * share_; }
  __device__ int64_t share_end() const { return share_begin() + share_ < m_ ? share_begin() + share_ : m_; }

  __device__ void open(const Place& place);
  template <class Body>
  __device__ void each_column(const Body& body) const {
    for (int64_t j = share_begin() + threadIdx.x; j < share_end(); j += blockDim.x) body(j);
  }
  template <class Body>
  __device__ void each_row(const Body& body) const {
    for (int64_t i = slab_begin_ + threadIdx.x; i < slab_end_; i += blockDim.x) body(i);
  }

  __device__ float4 kernel_vector(int64_t i, int64_t v) const {
    if constexpr (S == KernelStore::kShared) {
      return shared_.template as<float4>().load((i - slab_begin_) * vectors_ + v);
    } else {
      return reinterpret_cast<const float4*>(kernel_)[i * vectors_ + v];
    }
  }
  __device__ float kernel_at(int64_t i, int64_t j) const {
    if constexpr (S == KernelStore::kShared) {
      return shared_.load((i - slab_begin_) * ld_ + j);
    } else {
      return kernel_[i * ld_ + j];
    }
  }
  __device__ void set_kernel(int64_t i, int64_t j, float value) const {
    if constexpr (S == KernelStore::kShared) {
      shared_.store((i - slab_begin_) * ld_ + j, value);
    } else {
      kernel_[i * ld_ + j] = value;
    }
  }

  __device__ void dot_rows(int64_t first, int64_t end, float (&sums)[kRowsAtOnce]) const;
  __device__ void scale_rows(int64_t begin, int64_t end, SumRange& range);
  __device__ float row_top(const float* cost) const;
  __device__ float build_row(int64_t i, RowKernel how);
  __device__ float4 rows_times_scalings(int64_t first, int64_t last, int64_t v) const;
  __device__ void add_columns(int64_t begin, int64_t end);
  __device__ void add_to_partial(int64_t v, const float4& sum, bool first) const;
  __device__ SumRange pass(RowKernel how);
  __device__ SumRange scale_columns();
  __device__ void lift_columns();
  __device__ void rebuild_columns();
  __device__ void rebuild();
  __device__ bool sweep();
  __device__ void set_epsilon(double epsilon) {
    epsilon_ = epsilon;
    slope_ = slope_of(-kLog2E / epsilon);
  }
  __device__ bool run(int64_t problem, int64_t& iterations);
  __device__ double measure(Measure what, float* plan);
  __device__ float row_cost(int64_t i, float* plan) const;
  __device__ void finish(int64_t problem, const Place& place, int64_t iterations, bool converged);

  __device__ SumRange exchange(SumRange own, Ranged slot);
  __device__ double total(double own, Exchanged slot) const { return crew_.total(own, slots_, static_cast<int>(slot)); }

  const StoredCall& call_;
  Shared<double> slots_;
  Shared<SumRange> ranges_;
  Shared<float4> groups_;
  Shared<float> shared_;
  int lane_, warp_, warps_;
  unsigned char* space_;
  Crew crew_;
  const float* cost_ = nullptr;
  float* kernel_ = nullptr;    // streamed
  float* partials_ = nullptr;  // [crew, ld] sums of the columns over a slab
  Side rows_{}, columns_{};
  int64_t n_ = 0, m_ = 0, ld_ = 0, vectors_ = 0, share_ = 0, slab_begin_ = 0, slab_end_ = 0;
  Slope slope_{};
  double epsilon_ = 0;
  float largest_x_ = 0;
  double cost_sum_ = 0;
};

}  // namespace quern::cuda::ot
