#pragma once

#include <functional>
#include <string>

#include "arrays.hpp"
#include "quern/quern.h"

namespace quern::bench {

// A kernel bound to its inputs and to its output.
using Call = std::function<int32_t(quern_context*)>;

// The call that bench/run makes through Java. Inputs and output must outlive it; the output is resized to what the kernel returns.
Call call_of(const std::string& kernel, const Arrays& inputs, Array& output);

// What Pillow's rules give for the first `images` of an augment workload, normalised in float64.
std::vector<float> augmented_by_oracle(const Arrays& inputs, int64_t images);

}  // namespace quern::bench
