#include "operation.hpp"

int32_t quern_cosine_consistency(quern_context* context, const quern_cosine_params* params, float* consistency) {
  using namespace quern;
  return operation(context, [&](Workbench& bench, const Kernels& kernels) {
    require_pointer("params", params);
    quern_cosine_params p = *params;
    require_at_least("n", p.n, 0);
    require_at_least("d", p.d, 1);
    p.x_ld = leading_dimension("x_ld", p.x_ld, p.d);
    p.y_ld = leading_dimension("y_ld", p.y_ld, p.d);
    if (p.index == nullptr) {
      if (p.y_rows != 0 && p.y_rows != p.n) {
        refuse("y_rows is %lld, allowed without an index: 0 or n = %lld", static_cast<long long>(p.y_rows), static_cast<long long>(p.n));
      }
      p.y_rows = p.n;
    } else {
      require_at_least("y_rows", p.y_rows, 1);
    }
    checked_mul(checked_mul(p.n, p.x_ld, "x"), sizeof(float), "x");
    checked_mul(checked_mul(p.y_rows, p.y_ld, "y"), sizeof(float), "y");
    if (p.n == 0) return;
    require_pointer("x", p.x);
    require_pointer("y", p.y);
    require_pointer("consistency", consistency);
    require_readable(bench, "index", p.index);
    if (p.index != nullptr) require_index("index", p.index, p.n, p.y_rows);
    if (context->check_finite && readable(bench, "x", p.x)) require_finite("x", p.x, p.n, p.d, p.x_ld);
    if (context->check_finite && readable(bench, "y", p.y)) require_finite("y", p.y, p.y_rows, p.d, p.y_ld);
    kernels.cosine_consistency(bench, p, consistency);
  });
}
