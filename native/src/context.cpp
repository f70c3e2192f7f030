#include "context.hpp"

#include <sched.h>

#include <cstdlib>
#include <cstring>

#include "operation.hpp"

namespace quern {
namespace {

int usable_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count < 1 ? 1 : count;
}

constexpr const char* kIsaNames[] = {"auto", "baseline", "avx2", "avx512", "amx"};

int isa_from_environment() {
  const char* name = std::getenv("QUERN_ISA");
  if (name == nullptr || *name == '\0') return QUERN_ISA_AUTO;
  for (int isa = QUERN_ISA_AUTO; isa <= QUERN_ISA_AMX; isa++) {
    if (std::strcmp(name, kIsaNames[isa]) == 0) return isa;
  }
  refuse("environment variable QUERN_ISA is \"%s\", allowed: auto, baseline, avx2, avx512, amx", name);
}

int resolve_isa(int isa) {
  require_range("isa", isa, QUERN_ISA_AUTO, QUERN_ISA_AMX);
  if (isa == QUERN_ISA_AUTO) isa = isa_from_environment();
  if (isa == QUERN_ISA_AUTO) {
    for (isa = QUERN_ISA_AMX; isa > QUERN_ISA_BASELINE && isa_refusal(isa) != nullptr; isa--) {
    }
    return isa;
  }
  if (const char* reason = isa_refusal(isa)) fail(QUERN_UNSUPPORTED, "tier %s: %s", kIsaNames[isa], reason);
  return isa;
}

}  // namespace
}  // namespace quern

quern_context::quern_context(int threads, int isa_, bool finite_check, std::unique_ptr<quern::CudaQueue> queue)
    : pool(threads),
      isa(isa_),
      check_finite(finite_check),
      cuda(std::move(queue)),
      kernels(cuda == nullptr ? quern::kernels_of(isa_) : quern::cuda_kernels) {}

const char* quern_version(void) { return QUERN_VERSION; }

const char* quern_isa_refusal(int32_t isa) {
  if (isa < QUERN_ISA_AUTO || isa > QUERN_ISA_AMX) return "no such tier";
  return quern::isa_refusal(isa);
}

int32_t quern_context_create(const quern_context_options* options, quern_context** context) {
  return quern::guarded([&] {
    quern::require_pointer("context", context);
    *context = nullptr;
    quern_context_options chosen = options == nullptr ? quern_context_options{} : *options;
    quern::require_range("threads", chosen.threads, 0, 1024);
    quern::require_range("check_finite", chosen.check_finite, 0, 1);
    int threads = chosen.threads == 0 ? quern::usable_cores() : chosen.threads;
    quern::require_range("backend", chosen.backend, QUERN_CPU, QUERN_CUDA);
    std::unique_ptr<quern::CudaQueue> queue;
    if (chosen.backend == QUERN_CUDA) queue = std::make_unique<quern::CudaQueue>(chosen.device, chosen.stream);
    *context = new quern_context(threads, quern::resolve_isa(chosen.isa), chosen.check_finite == 1, std::move(queue));
  });
}

void quern_context_destroy(quern_context* context) { delete context; }

int32_t quern_context_threads(const quern_context* context) { return context->pool.threads(); }

int32_t quern_context_isa(const quern_context* context) { return context->isa; }

int64_t quern_context_workspace_bytes(quern_context* context) {
  std::lock_guard<std::mutex> turn(context->turn);
  return context->arena.bytes() + (context->cuda == nullptr ? 0 : context->cuda->workspace_bytes());
}

void quern_context_trim(quern_context* context) {
  quern::operation(context, [&](quern::Workbench& bench, const quern::Kernels&) {
    bench.arena.trim();
    if (bench.cuda != nullptr) bench.cuda->trim();
  });
}

int32_t quern_context_synchronize(quern_context* context) {
  return quern::operation(context, [&](quern::Workbench& bench, const quern::Kernels&) {
    if (bench.cuda != nullptr) bench.cuda->synchronize();
  });
}

int32_t quern_context_copy(quern_context* context, void* to, const void* from, int64_t bytes) {
  return quern::operation(context, [&](quern::Workbench& bench, const quern::Kernels&) {
    quern::require_at_least("bytes", bytes, 0);
    if (bytes == 0) return;
    quern::require_pointer("to", to);
    quern::require_pointer("from", from);
    if (bench.cuda == nullptr) {
      std::memmove(to, from, static_cast<size_t>(bytes));
    } else {
      bench.cuda->copy(to, from, bytes);
    }
  });
}
