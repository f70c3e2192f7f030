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
    Workbench bench{context->pool, context->arena};
    body(bench, context->kernels);
  });
}

}  // namespace quern
