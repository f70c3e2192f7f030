// How a Sinkhorn call is spread over a device: plain functions of shapes, without memory.
#pragma once

#include <cstdint>

#include "quern_cuda.hpp"

namespace quern::cuda::ot {

enum class KernelStore { kShared, kGlobal };

// Crews of blocks solve problem after problem. A crew divides the rows of a problem into slabs, one a block; the Gibbs kernel of a slab stays in
// shared memory for all iterations where it fits, else it is streamed from the workspace once an iteration.
struct StoredPlan {
  KernelStore store;
  unsigned crew;   // blocks that solve a problem together
  unsigned crews;  // problems under way at a time
  int threads;
  int64_t slab_rows, ld;  // rows of a block, columns padded to 4, of the largest problem
  int64_t shared_bytes;
  int64_t crew_bytes;       // of workspace, for each crew
};

StoredPlan plan_stored(const Device& device, int64_t batch, int64_t most_n, int64_t most_m);

// Where the parts of a crew's workspace begin, in bytes; n and m are those of the largest problem.
struct CrewLayout {
  int64_t ranges, sums, rows, columns, partials, kernel, end;
};
CrewLayout crew_layout(KernelStore store, unsigned crew, int64_t n, int64_t m);

// The workspace: a barrier for each crew, the places of a ragged batch, the annealing factors, the crews' parts.
struct WorkspaceLayout {
  int64_t places, annealing, crews, end;  // end −1: more than 2^62 bytes
};
constexpr int64_t kBarrierBytes = 256;
WorkspaceLayout workspace_layout(const StoredPlan& plan, const quern_sinkhorn_params& params, int64_t place_bytes);

// Largest problem of the batch.
void most_of(const quern_sinkhorn_params& params, int64_t& n, int64_t& m);

}  // namespace quern::cuda::ot
