#include "operation.hpp"

int32_t quern_augment(quern_context* context, const quern_augment_params*, void*) {
  return quern::operation(context, [](quern::Workbench&, const quern::Kernels&) { quern::fail(QUERN_UNSUPPORTED, "not built yet"); });
}
