#include "augment_plan.hpp"

namespace quern::cuda::augment {
namespace {

// Two images of so many pixels lie in shared memory, a third of an SM's.
constexpr int64_t kSharedPixels = 8192;
constexpr int64_t kPixelsPerBlock = 8192;
constexpr int kLargestTeam = 8;  // the largest cluster that every device with clusters takes
constexpr int64_t kWorkspaceGoal = int64_t{1} << 30;

int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

}  // namespace

Plan plan(const Device& device, const quern_augment_params& p) {
  const int64_t pixels = p.height * p.width, work = most(pixels, p.out_height * p.out_width);
  const bool clusters = device.compute >= 90;
  Plan plan{};
  plan.blocks_per_team = 1;
  // Blocks that cannot exchange images share a sample only where there is none to exchange.
  while ((clusters || p.chain < 2) && plan.blocks_per_team < kLargestTeam && plan.blocks_per_team * kPixelsPerBlock < work) {
    plan.blocks_per_team *= 2;
  }
  plan.team = clusters && plan.blocks_per_team > 1 ? Team::kCluster : Team::kAlone;
  plan.scratch_images = static_cast<int>(p.chain < 2 ? 0 : least(p.chain - 1, 2));
  plan.image_bytes = (3 * pixels + 255) / 256 * 256;
  plan.place = plan.blocks_per_team == 1 && pixels <= kSharedPixels ? ScratchPlace::kShared : ScratchPlace::kWorkspace;
  const int64_t team_bytes = plan.place == ScratchPlace::kShared ? 0 : plan.scratch_images * plan.image_bytes;
  plan.teams = most(1, least(p.batch, int64_t{device.multiprocessors} * kBlocksPerMultiprocessor / plan.blocks_per_team));
  if (team_bytes > 0) plan.teams = most(1, least(plan.teams, kWorkspaceGoal / team_bytes));
  plan.workspace_bytes = plan.teams * team_bytes;
  return plan;
}

}  // namespace quern::cuda::augment
