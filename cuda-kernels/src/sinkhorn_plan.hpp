// How a Sinkhorn call is spread over a device: plain functions of shapes, without memory.
#pragma once

#include <cstdint>

#include "quern_cuda.hpp"

namespace quern::cuda::ot {

// The problems of a call; ns and ms of a ragged batch, else NULL.
struct Shapes {
  int64_t batch, n, m;
  const int64_t* ns;
  const int64_t* ms;
};
template <class Params>
Shapes shapes_of(const Params& params) {
  return {params.batch, params.n, params.m, params.ns, params.ms};
}

struct Extents {
  int64_t n, m;
};
// Of the largest problem of the batch.
Extents most_of(const Shapes& shapes);

// ---- stored costs ----

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

StoredPlan plan_stored(const Device& device, int64_t batch, const Extents& most);

// Where the parts of a crew's workspace begin, in bytes.
struct CrewLayout {
  int64_t ranges, sums, rows, columns, partials, kernel, end;
};
CrewLayout crew_layout(KernelStore store, unsigned crew, const Extents& most);

// ---- point clouds ----

constexpr int kTileRows = 256, kTileColumns = 64;
constexpr int kTileWarps = kTileRows / 32;
constexpr int kChunk = 32;                  // coordinates of a point that a row of 128 bytes holds, each as two fp16
constexpr int kRowValues = 2 * kChunk;
constexpr int kMostRounds = 4;              // of tasks that a crew is given beyond the fewest, to even them out

enum class RowStore { kResident, kStreamed };  // where the rows of a tile are: all coordinates in shared memory, or chunk by chunk
enum class Roles { kTransport = 2, kDivergence = 4 };  // potentials: f, g; of the divergence also p (x against x), q (y against y)

// Crews as above. A task is a tile of rows against a part of the columns.
struct PointsPlan {
  RowStore rows;
  unsigned crew, crews;
  int64_t chunks;
  int64_t shared_bytes;
  int64_t crew_bytes;
};
PointsPlan plan_points(const Device& device, int64_t batch, const Extents& most, int64_t d, Roles roles);

struct CloudAt {
  int64_t values, shift, labels;
};
struct RoleAt {
  int64_t side, partials, potential;
};
struct PointsLayout {
  int64_t sums, bounds;
  CloudAt x, y;
  RoleAt roles[4];
  int64_t end;
};
PointsLayout points_layout(unsigned crew, const Extents& most, int64_t d, Roles roles);

// ---- both ----

// The workspace: a barrier for each crew, the places of a ragged batch, the call's values (annealing factors, diameters), the crews' parts.
struct WorkspaceLayout {
  int64_t places, values, crews, end;  // end −1: more than 2^62 bytes
};
constexpr int64_t kBarrierBytes = 256;
WorkspaceLayout workspace_layout(unsigned crews, int64_t crew_bytes, int64_t places, int64_t place_bytes, int64_t values);

}  // namespace quern::cuda::ot
