// How a batch to augment is laid over the device: a sample is the work of a team of blocks, which are a cluster where the device has them.
#pragma once

#include "quern_cuda.hpp"

namespace quern::cuda::augment {

constexpr int kThreads = 256;
constexpr int kBlocksPerMultiprocessor = 4;
constexpr int kTables = 3 * 256;  // entries of a table, or counter, per value of every channel

// Whether the blocks of a team can exchange what they computed: the statistics of an image, the image between two ops.
enum class Team { kAlone, kCluster };
enum class ScratchPlace { kShared, kWorkspace };

struct Plan {
  int64_t teams;         // that are on the device at once; a team takes one sample after the other
  int blocks_per_team;
  Team team;
  int scratch_images;    // of a team: what an op left for the next one
  int64_t image_bytes;   // of one of them
  ScratchPlace place;
  int64_t workspace_bytes;
};

// params: validated, defaults resolved.
Plan plan(const Device& device, const quern_augment_params& params);

}  // namespace quern::cuda::augment
