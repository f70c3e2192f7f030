// How a crew shares the tiles of a pass: tasks of a tile of rows and a part of the columns.
#pragma once

#include "device.cuh"
#include "sinkhorn_plan.hpp"

namespace quern::cuda::ot {

struct Parts {
  int64_t count, tiles;  // tiles of columns in each but the last ones
};

// The cut that leaves the fewest tiles, and one for opening a task, to the block with the most.
__device__ inline Parts parts_of(int64_t row_tiles, int64_t column_tiles, int64_t crew) {
  Parts best{};
  int64_t least = INT64_MAX;
  const int64_t fewest = (row_tiles + crew - 1) / crew;
  for (int64_t rounds = fewest; rounds < fewest + kMostRounds; rounds++) {
    const int64_t fitting = rounds * crew / row_tiles, count = fitting < column_tiles ? fitting : column_tiles;
    const int64_t tiles = (column_tiles + count - 1) / count, turns = (row_tiles * count + crew - 1) / crew;
    const int64_t cost = turns > (INT64_MAX - 1) / (tiles + 1) ? INT64_MAX - 1 : turns * (tiles + 1);
    if (cost < least) {
      least = cost;
      best = {count, tiles};
    }
  }
  return best;
}

}  // namespace quern::cuda::ot
