// Launch plans of Sinkhorn as functions of shapes, up to 2^40, without memory.
#include "expect.hpp"
#include "sinkhorn_plan.hpp"

using namespace quern::cuda;
using namespace quern::cuda::ot;

namespace {

constexpr Device kH200{132, 90, 227 * 1024};
constexpr Device kDevices[] = {kH200, {108, 80, 163 * 1024}, {84, 86, 99 * 1024}, {1, 120, 99 * 1024}};

}  // namespace

TEST("small problems get a block each and keep their kernel in shared memory") {
  const StoredPlan plan = plan_stored(kH200, 64, 100, 100);
  EXPECT(plan.store == KernelStore::kShared && plan.crew == 1 && plan.crews == 64);
  EXPECT(plan_stored(kH200, 1000000, 100, 100).crews == 2 * 132);
}

TEST("a problem too large for a block is spread over as many as help, its kernel still in shared memory") {
  const StoredPlan plan = plan_stored(kH200, 1, 2000, 2000);
  EXPECT(plan.store == KernelStore::kShared && plan.crews == 1);
  EXPECT(plan.crew == 125 && plan.slab_rows == 16);
  const StoredPlan several = plan_stored(kH200, 16, 500, 500);
  EXPECT(several.store == KernelStore::kShared && several.crew == 8 && several.crews == 16);
}

TEST("a kernel larger than all shared memory is streamed by the whole device") {
  const StoredPlan plan = plan_stored(kH200, 3, 20000, 30000);
  EXPECT(plan.store == KernelStore::kGlobal && plan.crew * plan.crews <= 132 && plan.crew >= 44);
  const CrewLayout layout = crew_layout(plan.store, plan.crew, 20000, 30000);
  EXPECT(layout.end - layout.kernel >= int64_t{20000} * 30000 * 4);
}

TEST("every plan fits its device, covers all rows and never starts more blocks than are resident together") {
  for (const Device& device : kDevices) {
    for (int64_t batch : {1, 2, 131, 1000}) {
      for (int shift_n = 0; shift_n <= 40; shift_n += 4) {
        for (int shift_m = 0; shift_m <= 40; shift_m += 4) {
          for (int64_t off : {-1, 0, 1}) {
            const int64_t n = (int64_t{1} << shift_n) + off, m = (int64_t{1} << shift_m) + off;
            if (n < 1 || m < 1) continue;
            const StoredPlan plan = plan_stored(device, batch, n, m);
            EXPECT(plan.shared_bytes <= device.shared_per_block);
            EXPECT(plan.slab_rows * plan.crew >= n && (plan.slab_rows - 1) * plan.crew < n);
            EXPECT(plan.crew == 1 || plan.crew * plan.crews <= static_cast<unsigned>(device.multiprocessors));
            EXPECT(plan.crews >= 1 && plan.crews <= static_cast<unsigned>(batch > 1 ? batch : 1));
          }
        }
      }
    }
  }
}

TEST("a workspace beyond 2^62 bytes is told, not wrapped") {
  quern_sinkhorn_params params{};
  params.batch = 1;
  params.n = params.m = int64_t{1} << 40;
  EXPECT(workspace_layout(plan_stored(kH200, 1, params.n, params.m), params, 40).end == -1);
  params.n = params.m = int64_t{1} << 28;
  EXPECT(workspace_layout(plan_stored(kH200, 1, params.n, params.m), params, 40).end > int64_t{1} << 58);
}
