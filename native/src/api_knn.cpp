#include "operation.hpp"

int32_t quern_knn_density(quern_context* context, const quern_knn_params*, const quern_knn_result*) {
  return quern::operation(context, [](quern::Workbench&, const quern::Kernels&) { quern::fail(QUERN_UNSUPPORTED, "not built yet"); });
}
