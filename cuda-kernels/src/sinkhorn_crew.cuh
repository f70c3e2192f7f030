// What the Sinkhorn kernels have in common: the places of a batch, and the crews of blocks that solve problem after problem of it.
#pragma once

#include <vector>

#include "reduce.cuh"
#include "sinkhorn_math.cuh"
#include "sinkhorn_plan.hpp"

namespace quern::cuda::ot {

// Where a problem of a batch lies in the packed arrays.
struct Place {
  int64_t n, m;
  int64_t row, column, cell;  // first row, first column, first pair
};

// places: of a ragged batch, else NULL.
template <class Params>
__device__ Place place_of(const Params& params, const Place* places, int64_t p) {
  if (places != nullptr) return places[p];
  return {params.n, params.m, p * params.n, p * params.m, p * params.n * params.m};
}

// The blocks that solve a problem together.
struct Crew {
  unsigned rank, size;
  unsigned long long* arrived;
  double* sums;  // [size][4]

  __device__ void barrier() const {
    if (size == 1) {
      __syncthreads();
    } else {
      group_barrier(arrived, size);
    }
  }
  // The sum over all threads of all blocks; its barrier also publishes what the blocks wrote before. Sums without another barrier between them go
  // through slots of their own, 0 … 3. scratch: one a warp.
  __device__ double total(double own, const Shared<double>& scratch, int slot) const {
    own = block_sum(own, scratch);
    if (size == 1) return own;
    if (threadIdx.x == 0) sums[4 * rank + slot] = own;
    barrier();
    double all = 0;
    for (unsigned other = 0; other < size; other++) all += sums[4 * other + slot];
    return all;
  }
};

// Weights that sum to 1 (NULL: uniform), for the points of a block's share; nobody takes part yet. scratch: one a warp.
__device__ inline void set_weights(const Side& side, const float* weights, int64_t count, int64_t begin, int64_t end, const Shared<double>& scratch) {
  double sum = 0;
  for (int64_t i = threadIdx.x; weights != nullptr && i < count; i += blockDim.x) sum += static_cast<double>(weights[i]);
  sum = block_sum(sum, scratch);
  for (int64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
    side.weight[i] = static_cast<float>(weights == nullptr ? 1.0 / static_cast<double>(count) : static_cast<double>(weights[i]) / sum);
    side.remove(i);
  }
}

// Of a call that brings so many values.
template <class Plan, class Params>
WorkspaceLayout layout_of(const Plan& plan, const Params& params, int64_t values) {
  return workspace_layout(plan.crews, plan.crew_bytes, params.ns == nullptr ? 0 : params.batch, sizeof(Place), values);
}

// Puts the start of a call's workspace on the stream: barriers at zero, the places of a ragged batch, the call's values.
inline int fill_workspace(unsigned char* space, const WorkspaceLayout& layout, unsigned crews, const Shapes& shapes, const double* values,
                          int64_t count, StreamHandle stream) {
  std::vector<Place> places;
  Place at{0, 0, 0, 0, 0};
  for (int64_t p = 0; shapes.ns != nullptr && p < shapes.batch; p++) {
    at.n = shapes.ns[p];
    at.m = shapes.ms[p];
    places.push_back(at);
    at.row += at.n;
    at.column += at.m;
    at.cell += at.n * at.m;
  }
  int error = clear_device(space, crews * kBarrierBytes, stream);
  if (error == 0) error = copy_to_device(space + layout.places, places.data(), places.size() * sizeof(Place), stream);
  if (error == 0) error = copy_to_device(space + layout.values, values, static_cast<size_t>(count) * sizeof(double), stream);
  return error;
}

}  // namespace quern::cuda::ot
