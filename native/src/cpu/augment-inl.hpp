#pragma once

#include "backend.hpp"
#include "lanes.hpp"
#include "parallel_for.hpp"

namespace quern::QUERN_TIER {

inline void augment(Workbench&, const quern_augment_params&, void*) {}

}  // namespace quern::QUERN_TIER
