#pragma once

#include "backend.hpp"
#include "lanes.hpp"
#include "parallel_for.hpp"

namespace quern::QUERN_TIER {

inline void knn_density(Workbench&, const quern_knn_params&, const quern_knn_result&) {}

}  // namespace quern::QUERN_TIER
