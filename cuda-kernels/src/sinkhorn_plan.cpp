#include "sinkhorn_plan.hpp"

namespace quern::cuda::ot {
namespace {

constexpr int64_t kMost = int64_t{1} << 62;
constexpr int64_t kAlignment = 256;
constexpr int kThreads = 512;
// A slab should give each of the 16 warps a row to work on.
constexpr int64_t kLeastSlab = kThreads / 32;

int64_t ceil_div(int64_t a, int64_t b) { return (a - 1) / b + 1; }
int64_t padded(int64_t count, int64_t to = 4) { return ceil_div(count, to) * to; }

// Saturating at kMost.
int64_t times(int64_t a, int64_t b) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) || product > kMost ? kMost : product;
}
int64_t plus(int64_t a, int64_t b) { return a > kMost - b ? kMost : a + b; }

// Hands out aligned bytes.
struct Cursor {
  int64_t end = 0;

  int64_t take(int64_t bytes) {
    const int64_t begin = end;
    end = plus(end, plus(bytes, kAlignment - 1) / kAlignment * kAlignment);
    return begin;
  }
};

// The slab's kernel and four floats a thread to add up groups of rows, one range a warp.
int64_t shared_bytes(int64_t slab_rows, int64_t ld) {
  return plus(times(times(slab_rows, ld), sizeof(float)), kThreads * 16 + kThreads / 32 * 16);
}

// Floats of a side: weights, scalings, exponents.
int64_t side_bytes(int64_t count) { return times(count, 3 * sizeof(float)); }

unsigned at_most(int64_t count, int64_t limit) { return static_cast<unsigned>(count < 1 ? 1 : count < limit ? count : limit); }

}  // namespace

Extents most_of(const Shapes& shapes) {
  Extents most{shapes.ns == nullptr ? shapes.n : 1, shapes.ns == nullptr ? shapes.m : 1};
  for (int64_t p = 0; shapes.ns != nullptr && p < shapes.batch; p++) {
    if (shapes.ns[p] > most.n) most.n = shapes.ns[p];
    if (shapes.ms[p] > most.m) most.m = shapes.ms[p];
  }
  if (most.n < 1) most.n = 1;
  if (most.m < 1) most.m = 1;
  return most;
}

CrewLayout crew_layout(KernelStore store, unsigned crew, const Extents& most) {
  Cursor at;
  CrewLayout layout{};
  layout.ranges = at.take(int64_t{crew} * 4 * 4);
  layout.sums = at.take(int64_t{crew} * 4 * 8);
  layout.rows = at.take(side_bytes(padded(most.n)));
  layout.columns = at.take(side_bytes(padded(most.m)));
  layout.partials = at.take(times(times(padded(most.m), crew), sizeof(float)));
  layout.kernel = at.take(store == KernelStore::kShared ? 0 : times(times(most.n, padded(most.m)), sizeof(float)));
  layout.end = at.end;
  return layout;
}

StoredPlan plan_stored(const Device& device, int64_t batch, const Extents& most) {
  StoredPlan plan{};
  const int64_t processors = device.multiprocessors;
  plan.threads = kThreads;
  plan.ld = padded(most.m);
  // Rows whose kernel fits the shared memory of a block.
  const int64_t fixed = shared_bytes(0, plan.ld), room = device.shared_per_block - fixed;
  const int64_t fitting = room < 0 ? 0 : room / (times(plan.ld, sizeof(float)));
  const int64_t least_crew = fitting == 0 ? processors + 1 : ceil_div(most.n, fitting);
  plan.store = least_crew <= processors ? KernelStore::kShared : KernelStore::kGlobal;
  int64_t crew = 1;
  if (least_crew > 1) {
    // As many blocks as there are for each problem, but no slab below its least height.
    const int64_t even = processors / at_most(batch, processors), useful = ceil_div(most.n, kLeastSlab);
    crew = even < useful ? even : useful;
    if (plan.store == KernelStore::kShared && crew < least_crew) crew = least_crew;
  }
  plan.crew = static_cast<unsigned>(crew);
  plan.slab_rows = ceil_div(most.n, crew);
  plan.crews = at_most(batch, crew == 1 ? 2 * processors : processors / crew);
  plan.shared_bytes = shared_bytes(plan.store == KernelStore::kShared ? plan.slab_rows : 0, plan.ld);
  plan.crew_bytes = crew_layout(plan.store, plan.crew, most).end;
  return plan;
}

PointsLayout points_layout(unsigned crew, const Extents& most, int64_t d, Roles roles) {
  Cursor at;
  PointsLayout layout{};
  const int64_t counts[2] = {padded(most.n, kTileColumns), padded(most.m, kTileColumns)};
  const int64_t point = times(ceil_div(d, kChunk), kRowValues * sizeof(uint16_t));
  layout.sums = at.take(int64_t{crew} * 4 * 8);
  layout.bounds = at.take(times(plus(times(d, 2), 1), sizeof(int32_t)));
  layout.x = {at.take(times(most.n, point)), at.take(times(counts[0], sizeof(double))), at.take(times(counts[0], sizeof(int32_t)))};
  layout.y = {at.take(times(most.m, point)), at.take(times(counts[1], sizeof(double))), at.take(times(counts[1], sizeof(int32_t)))};
  for (int role = 0; role < static_cast<int>(roles); role++) {
    // Sums of a tile's rows for every task on it.
    const int64_t tasks = plus(ceil_div(role % 2 == 0 ? most.n : most.m, kTileRows), int64_t{kMostRounds} * crew);
    layout.roles[role] = {at.take(side_bytes(counts[role % 2])), at.take(times(tasks, kTileRows * 2 * sizeof(float))),
                          at.take(roles == Roles::kTransport ? 0 : times(counts[role % 2], sizeof(double)))};
  }
  layout.end = at.end;
  return layout;
}

PointsPlan plan_points(const Device& device, int64_t batch, const Extents& most, int64_t d, Roles roles) {
  PointsPlan plan{};
  plan.chunks = ceil_div(d, kChunk);
  constexpr int64_t chunk_row = kRowValues * sizeof(uint16_t), rows = kTileRows * chunk_row, columns = kTileColumns * chunk_row;
  // Two of everything that is fetched ahead: exponents, scalings and labels, chunks of columns, and of rows unless they stay.
  constexpr int64_t terms = 2 * kTileColumns * 3 * 4, scratch = kTileWarps * 8;
  const int64_t resident = plus(times(plan.chunks, rows), 2 * columns + terms + scratch);
  plan.rows = resident <= device.shared_per_block ? RowStore::kResident : RowStore::kStreamed;
  plan.shared_bytes = plan.rows == RowStore::kResident ? resident : 2 * (rows + columns) + terms + scratch;
  const int64_t blocks = device.multiprocessors;
  const int64_t f = times(ceil_div(most.n, kTileRows), ceil_div(most.m, kTileColumns));
  const int64_t g = times(ceil_div(most.m, kTileRows), ceil_div(most.n, kTileColumns));
  plan.crew = at_most(f > g ? f : g, blocks / at_most(batch, blocks));
  plan.crews = at_most(batch, blocks / plan.crew);
  plan.crew_bytes = points_layout(plan.crew, most, d, roles).end;
  return plan;
}

WorkspaceLayout workspace_layout(unsigned crews, int64_t crew_bytes, int64_t places, int64_t place_bytes, int64_t values) {
  Cursor at;
  WorkspaceLayout layout{};
  at.take(int64_t{crews} * kBarrierBytes);
  layout.places = at.take(times(places, place_bytes));
  layout.values = at.take(times(values, sizeof(double)));
  layout.crews = at.take(times(crew_bytes, crews));
  layout.end = at.end >= kMost ? -1 : at.end;
  return layout;
}

}  // namespace quern::cuda::ot
