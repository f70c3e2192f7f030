// How a kNN call is laid over the device: which rows seek among which, by what kernel, and where everything lies in the workspace.
#pragma once

#include <vector>

#include "quern_cuda.hpp"

namespace quern::cuda::knn {

constexpr int kQueryTile = 64;
constexpr int kReferenceTile = 128;
constexpr int kWideQueryTile = 128;  // of warpgroups
constexpr int kWideReferenceTile = 256;
constexpr int kColumns = 64;   // of a tile in shared memory
constexpr int kKept = 64;      // candidates of a query that reach the exact distances
constexpr int kMostFiltered = 48;  // neighbours for which that leaves room

// Queries [query_begin, +queries), a tile at most, seek among the references at places [reference_begin, +references). Their own places begin at
// place_begin: among the references, where the queries are some of them.
struct Task {
  int64_t query_begin, queries, place_begin;
  int64_t reference_begin, references;
};

// What multiplies tiles: warps, by mma.sync, or warpgroups, by wgmma of compute 9.0.
enum class Multiplier { kWarp, kWarpgroup };

Multiplier multiplier(const Device& device, const quern_knn_params& params);

// An order maps a place to a row and is ascending within a class; empty: the identity, or that of the references.
struct Grouping {
  std::vector<Task> tasks;
  std::vector<int64_t> query_order, reference_order;
};

// labels and reference_labels: host pointers. first: as of knn_density. query_tile: most queries of a task.
Grouping group(const quern_knn_params& params, int64_t first, int64_t query_tile);

enum class Method { kFilter, kScan };

// Byte offsets in the workspace; of rows by the filter's view: 16-bit values, and one number each of half, scale and norm a row.
struct RowsAt {
  int64_t values, half, scale, norm;
};

struct Plan {
  Method method;
  int64_t padded;  // columns of a packed row
  int64_t tasks, query_order, reference_order, centre;
  RowsAt queries, references;  // the same for one set
  int64_t lists, counts, thresholds, states;
  int64_t workspace_bytes;     // −1: more than 2^62
};

// params: validated, defaults resolved.
Plan plan(const quern_knn_params& params);

// Most that the filter's score can be wrong by, relative to the product of the two rows' norms.
float score_error(int64_t d);

}  // namespace quern::cuda::knn
