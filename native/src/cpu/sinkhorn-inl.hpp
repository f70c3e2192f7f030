#pragma once

#include "backend.hpp"
#include "lanes.hpp"
#include "parallel_for.hpp"

namespace quern::QUERN_TIER {

inline void sinkhorn(Workbench&, const quern_sinkhorn_params&, const float*, const quern_sinkhorn_result&) {}
inline void sinkhorn_points(Workbench&, const quern_sinkhorn_params&, const quern_point_clouds&, const quern_sinkhorn_result&) {}
inline void sinkhorn_divergence(Workbench&, const quern_divergence_params&, const quern_point_clouds&, const quern_divergence_result&) {}

}  // namespace quern::QUERN_TIER
