#include "operation.hpp"

int32_t quern_sinkhorn(quern_context* context, const quern_sinkhorn_params*, const float*, const quern_sinkhorn_result*) {
  return quern::operation(context, [](quern::Workbench&, const quern::Kernels&) { quern::fail(QUERN_UNSUPPORTED, "not built yet"); });
}
int32_t quern_sinkhorn_points(quern_context* context, const quern_sinkhorn_params*, const quern_point_clouds*, const quern_sinkhorn_result*) {
  return quern::operation(context, [](quern::Workbench&, const quern::Kernels&) { quern::fail(QUERN_UNSUPPORTED, "not built yet"); });
}
int32_t quern_sinkhorn_divergence(quern_context* context, const quern_divergence_params*, const quern_point_clouds*,
                                  const quern_divergence_result*) {
  return quern::operation(context, [](quern::Workbench&, const quern::Kernels&) { quern::fail(QUERN_UNSUPPORTED, "not built yet"); });
}
