// Launch plans of Sinkhorn as functions of shapes, up to 2^40, without memory.
#include "sinkhorn_parts.cuh"

#include "expect.hpp"

using namespace quern::cuda;
using namespace quern::cuda::ot;

namespace {

constexpr Device kH200{132, 90, 227 * 1024};
constexpr Device kDevices[] = {kH200, {108, 80, 163 * 1024}, {84, 86, 99 * 1024}, {1, 120, 99 * 1024}};

}  // namespace

TEST("small problems get a block each and keep their kernel in shared memory") {
  const StoredPlan plan = plan_stored(kH200, 64, {100, 100});
  EXPECT(plan.store == KernelStore::kShared && plan.crew == 1 && plan.crews == 64);
  EXPECT(plan_stored(kH200, 1000000, {100, 100}).crews == 2 * 132);
}

TEST("a problem too large for a block is spread over as many as help, its kernel still in shared memory") {
  const StoredPlan plan = plan_stored(kH200, 1, {2000, 2000});
  EXPECT(plan.store == KernelStore::kShared && plan.crews == 1);
  EXPECT(plan.crew == 125 && plan.slab_rows == 16);
  const StoredPlan several = plan_stored(kH200, 16, {500, 500});
  EXPECT(several.store == KernelStore::kShared && several.crew == 8 && several.crews == 16);
}

TEST("a kernel larger than all shared memory is streamed by the whole device") {
  const StoredPlan plan = plan_stored(kH200, 3, {20000, 30000});
  EXPECT(plan.store == KernelStore::kGlobal && plan.crew * plan.crews <= 132 && plan.crew >= 44);
  const CrewLayout layout = crew_layout(plan.store, plan.crew, {20000, 30000});
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
            const StoredPlan plan = plan_stored(device, batch, {n, m});
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
  const auto bytes = [](int64_t side) {
    const StoredPlan plan = plan_stored(kH200, 1, {side, side});
    return workspace_layout(plan.crews, plan.crew_bytes, 1, 40, 0).end;
  };
  EXPECT(bytes(int64_t{1} << 40) == -1);
  EXPECT(bytes(int64_t{1} << 28) > int64_t{1} << 58);
}

TEST("rows of clouds stay in shared memory as far as it reaches") {
  EXPECT(plan_points(kH200, 1, {50000, 50000}, 64, Roles::kTransport).rows == RowStore::kResident);
  EXPECT(plan_points(kH200, 1, {50000, 50000}, 192, Roles::kTransport).rows == RowStore::kResident);
  EXPECT(plan_points(kH200, 1, {50000, 50000}, 193, Roles::kTransport).rows == RowStore::kStreamed);
  EXPECT(plan_points({84, 86, 99 * 1024}, 1, {50000, 50000}, 64, Roles::kTransport).rows == RowStore::kResident);
}

TEST("a large pair of clouds gets the whole device, a small one as many blocks as have a tile, a batch a block each") {
  EXPECT(plan_points(kH200, 1, {50000, 50000}, 64, Roles::kTransport).crew == 132);
  EXPECT(plan_points(kH200, 1, {100, 150}, 64, Roles::kTransport).crew == 3);
  const PointsPlan batch = plan_points(kH200, 1000, {500, 500}, 64, Roles::kTransport);
  EXPECT(batch.crew == 1 && batch.crews == 132);
}

TEST("the workspace of clouds is linear in the points up to 2^40, and beyond 2^62 bytes told") {
  const auto bytes = [](int64_t side, int64_t d) {
    const PointsPlan plan = plan_points(kH200, 1, {side, side}, d, Roles::kDivergence);
    return workspace_layout(plan.crews, plan.crew_bytes, 0, 40, 0).end;
  };
  EXPECT(bytes(50000, 64) < 50000 * 2 * (64 * 4 + 140) + (int64_t{16} << 20));
  EXPECT(bytes(int64_t{1} << 40, 1) < (int64_t{1} << 41) * 400 && bytes(int64_t{1} << 40, 1) > int64_t{1} << 40);
  EXPECT(bytes(1, int64_t{1} << 40) > int64_t{1} << 42);
  EXPECT(bytes(int64_t{1} << 40, int64_t{1} << 40) == -1);
}

TEST("every plan of clouds fits its device and never starts more blocks than are resident together") {
  for (const Device& device : kDevices) {
    for (int64_t batch : {1, 2, 131, 1000}) {
      for (int shift = 0; shift <= 40; shift += 4) {
        for (int64_t d : {int64_t{1}, int64_t{64}, int64_t{65}, int64_t{512}, int64_t{1} << 40}) {
          const int64_t side = int64_t{1} << shift;
          for (const Extents& most : {Extents{side, 1}, Extents{1, side}, Extents{side + 1, side}}) {
            const PointsPlan plan = plan_points(device, batch, most, d, Roles::kTransport);
            EXPECT(plan.shared_bytes <= device.shared_per_block && plan.crew >= 1 && plan.crews >= 1);
            EXPECT(plan.crew * plan.crews <= static_cast<unsigned>(device.multiprocessors) && plan.crews <= batch);
          }
        }
      }
    }
  }
}

TEST("parts cover all columns, leave few blocks idle, and their sums have room") {
  for (int64_t crew : {1, 3, 108, 132}) {
    for (int64_t rows : {int64_t{1}, int64_t{2}, int64_t{7}, int64_t{196}, int64_t{1} << 32}) {
      for (int64_t columns : {int64_t{1}, int64_t{5}, int64_t{782}, int64_t{1} << 34}) {
        const Parts parts = parts_of(rows, columns, crew);
        EXPECT(parts.count * parts.tiles >= columns && (parts.count - 1) * parts.tiles < columns + parts.count);
        EXPECT(parts.count >= 1 && rows * parts.count <= rows + kMostRounds * crew);
      }
    }
  }
  const Parts large = parts_of(196, 782, 132);
  EXPECT((196 * large.count + 131) / 132 * large.tiles * 132 < 196 * 782 * 102 / 100);
}
