// The launch plan of fused augment: from host code, without memory.
#include "augment_plan.hpp"

#include "expect.hpp"

using namespace quern::cuda;
using namespace quern::cuda::augment;

namespace {

constexpr Device kAmpere{108, 80, 163 * 1024}, kHopper{132, 90, 227 * 1024};

quern_augment_params shape(int64_t batch, int64_t height, int64_t width, int64_t chain) {
  quern_augment_params p{};
  p.batch = batch;
  p.height = p.out_height = height;
  p.width = p.out_width = width;
  p.chain = chain;
  return p;
}

}  // namespace

TEST("small images are augmented by one block each, between ops in shared memory") {
  for (int64_t chain : {0, 1, 2, 3, 4}) {
    const Plan plan = augment::plan(kHopper, shape(512, 32, 32, chain));
    EXPECT(plan.blocks_per_team == 1 && plan.teams == 512 && plan.place == ScratchPlace::kShared && plan.workspace_bytes == 0);
    EXPECT(plan.scratch_images == (chain < 2 ? 0 : chain == 2 ? 1 : 2));
  }
}

TEST("large images are shared by a cluster, without clusters only where no op needs another one's image") {
  EXPECT(augment::plan(kHopper, shape(64, 224, 224, 4)).blocks_per_team == 8);
  EXPECT(augment::plan(kHopper, shape(64, 224, 224, 4)).team == Team::kCluster);
  EXPECT(augment::plan(kAmpere, shape(64, 224, 224, 1)).blocks_per_team == 8);
  EXPECT(augment::plan(kAmpere, shape(64, 224, 224, 1)).team == Team::kAlone);
  EXPECT(augment::plan(kAmpere, shape(64, 224, 224, 2)).blocks_per_team == 1);
}

TEST("whatever the shape, the grid fits a launch and the workspace grows with the device, not with the batch") {
  for (const Device& device : {kAmpere, kHopper}) {
    for (int64_t batch : {int64_t{1}, int64_t{1} << 20, int64_t{1} << 40}) {
      for (int64_t side : {1, 32, 90, 91, 224, 4096, 16384}) {
        for (int64_t chain : {0, 1, 2, 4}) {
          const Plan plan = augment::plan(device, shape(batch, side, side, chain));
          EXPECT(plan.teams >= 1 && plan.teams <= batch && plan.teams * plan.blocks_per_team <= kBlocksPerMultiprocessor * device.multiprocessors);
          const int64_t team_bytes = plan.place == ScratchPlace::kShared ? 0 : plan.scratch_images * plan.image_bytes;
          EXPECT(plan.workspace_bytes == plan.teams * team_bytes && plan.image_bytes >= 3 * side * side);
          EXPECT(plan.workspace_bytes <= (int64_t{1} << 30) || plan.teams == 1);
        }
      }
    }
  }
}
