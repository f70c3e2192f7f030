#include "sinkhorn_plan.hpp"

namespace quern::cuda::ot {
namespace {

constexpr int64_t kMost = int64_t{1} << 62;
constexpr int64_t kAlignment = 256;
constexpr int kThreads = 512;
// A slab should give each of the 16 warps a row to work on.
constexpr int64_t kLeastSlab = kThreads / 32;

int64_t ceil_div(int64_t a, int64_t b) { return (a - 1) / b + 1; }
int64_t padded(int64_t count) { return (count + 3) / 4 * 4; }

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

}  // namespace

CrewLayout crew_layout(KernelStore store, unsigned crew, int64_t n, int64_t m) {
  Cursor at;
  CrewLayout layout{};
  layout.ranges = at.take(int64_t{crew} * 4 * 4);
  layout.sums = at.take(int64_t{crew} * 4 * 8);
  layout.rows = at.take(times(padded(n), 3 * sizeof(float)));
  layout.columns = at.take(times(padded(m), 3 * sizeof(float)));
  layout.partials = at.take(times(times(padded(m), crew), sizeof(float)));
  layout.kernel = at.take(store == KernelStore::kShared ? 0 : times(times(n, padded(m)), sizeof(float)));
  layout.end = at.end;
  return layout;
}

WorkspaceLayout workspace_layout(const StoredPlan& plan, const quern_sinkhorn_params& params, int64_t place_bytes) {
  Cursor at;
  WorkspaceLayout layout{};
  at.take(int64_t{plan.crews} * kBarrierBytes);
  layout.places = at.take(params.ns == nullptr ? 0 : times(params.batch, place_bytes));
  layout.annealing = at.take(times(params.annealing_steps, sizeof(double)));
  layout.crews = at.take(times(plan.crew_bytes, plan.crews));
  layout.end = at.end >= kMost ? -1 : at.end;
  return layout;
}

void most_of(const quern_sinkhorn_params& params, int64_t& n, int64_t& m) {
  n = params.ns == nullptr ? params.n : 1;
  m = params.ns == nullptr ? params.m : 1;
  for (int64_t p = 0; params.ns != nullptr && p < params.batch; p++) {
    if (params.ns[p] > n) n = params.ns[p];
    if (params.ms[p] > m) m = params.ms[p];
  }
}

StoredPlan plan_stored(const Device& device, int64_t batch, int64_t most_n, int64_t most_m) {
  StoredPlan plan{};
  const int64_t n = most_n < 1 ? 1 : most_n, m = most_m < 1 ? 1 : most_m, processors = device.multiprocessors;
  plan.threads = kThreads;
  plan.ld = padded(m);
  // Rows whose kernel fits the shared memory of a block.
  const int64_t fixed = shared_bytes(0, plan.ld), room = device.shared_per_block - fixed;
  const int64_t fitting = room < 0 ? 0 : room / (times(plan.ld, sizeof(float)));
  const int64_t least_crew = fitting == 0 ? processors + 1 : ceil_div(n, fitting);
  plan.store = least_crew <= processors ? KernelStore::kShared : KernelStore::kGlobal;
  int64_t crew = 1;
  if (least_crew > 1) {
    // As many blocks as there are for each problem, but no slab below its least height.
    const int64_t even = processors / (batch < processors ? (batch < 1 ? 1 : batch) : processors), useful = ceil_div(n, kLeastSlab);
    crew = even < useful ? even : useful;
    if (plan.store == KernelStore::kShared && crew < least_crew) crew = least_crew;
  }
  plan.crew = static_cast<unsigned>(crew);
  plan.slab_rows = ceil_div(n, crew);
  const int64_t resident = crew == 1 ? 2 * processors : processors / crew;
  plan.crews = static_cast<unsigned>(batch < resident ? (batch < 1 ? 1 : batch) : resident);
  plan.shared_bytes = shared_bytes(plan.store == KernelStore::kShared ? plan.slab_rows : 0, plan.ld);
  plan.crew_bytes = crew_layout(plan.store, plan.crew, n, m).end;
  return plan;
}

}  // namespace quern::cuda::ot
