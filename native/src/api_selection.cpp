#include <cmath>

#include "operation.hpp"

namespace quern {
namespace {

void require_value(const char* name, double value, double low, double high) {
  if (!(value >= low && value <= high)) refuse("%s is %g, allowed: %g … %g", name, value, low, high);
}

void require_finite_gates(const double* gate, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    if (!std::isfinite(gate[i])) {
      fail(QUERN_NOT_FINITE, "gate[%lld] is %g, allowed: gate, velocity and merit of every sample finite", static_cast<long long>(i), gate[i]);
    }
  }
}

}  // namespace
}  // namespace quern

int32_t quern_selection_step(quern_context* context, const quern_selection_params* params, int64_t* open) {
  using namespace quern;
  return operation(context, [&](Workbench& bench, const Kernels& kernels) {
    require_pointer("params", params);
    const quern_selection_params& p = *params;
    require_at_least("n", p.n, 0);
    checked_mul(p.n, sizeof(double), "gate");
    require_value("pressure", p.pressure, -1e6, 1e6);
    require_value("sharpness", p.sharpness, 1e-6, 1e6);
    require_value("learning_rate", p.learning_rate, 0, 1e6);
    require_value("momentum", p.momentum, 0, 1);
    require_pointer("open", open);
    *open = 0;
    if (p.n == 0) return;
    require_pointer("gate", p.gate);
    require_pointer("velocity", p.velocity);
    require_pointer("merit", p.merit);
    if (!kernels.selection_step(bench, p, open)) require_finite_gates(p.gate, p.n);
  });
}
