// The frame of every public operation: take the context's turn, start with an empty arena, turn failures into a status.
#pragma once

#include <mutex>

#include "check.hpp"
#include "context.hpp"

namespace quern {

template <class Body>
int32_t operation(quern_context* context, Body&& body) noexcept {
  return guarded([&] {
    require_pointer("context", context);
    std::lock_guard<std::mutex> turn(context->turn);
    context->arena.reset();
    Workbench bench{context->pool, context->arena, context->cuda.get()};
    const CudaTurn device(bench.cuda);
    body(bench, context->kernels);
  });
}

// Whether the values of an array can be looked at: on the CPU always, beside a device if they lie on the host.
inline bool readable(Workbench& bench, const char* name, const void* data) {
  return data != nullptr && (bench.cuda == nullptr || !bench.cuda->holds(name, data));
}

inline void require_readable(Workbench& bench, const char* name, const void* data) {
  if (data != nullptr && !readable(bench, name, data)) refuse("%s lies on the device, allowed: host memory, where it is checked", name);
}

}  // namespace quern
