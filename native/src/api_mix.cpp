#include <cmath>

#include "element_math.h"
#include "operation.hpp"

namespace quern {
namespace {

constexpr int64_t kLargestSide = 16384;

// Checks the form of a batch and returns its bytes.
int64_t require_images(int64_t images, int64_t height, int64_t width, int32_t dtype, int32_t layout) {
  require_range("height", height, 1, kLargestSide);
  require_range("width", width, 1, kLargestSide);
  require_range("dtype", dtype, QUERN_UINT8, QUERN_FLOAT16);
  require_range("layout", layout, QUERN_NHWC, QUERN_NCHW);
  return checked_mul(images, 3 * element_size(dtype) * height * width, "images");
}

void require_aligned(const char* name, const void* data, int32_t dtype) {
  require_pointer(name, data);
  if (reinterpret_cast<uintptr_t>(data) % static_cast<uintptr_t>(element_size(dtype)) != 0) {
    refuse("%s is not aligned to its elements of %lld bytes", name, static_cast<long long>(element_size(dtype)));
  }
}

void require_color(const quern_erase_params& p, int64_t box, int64_t c) {
  const double value = static_cast<double>(p.colors[3 * box + c]);
  const bool allowed = p.dtype == QUERN_UINT8 ? value >= 0 && value <= 255 && value == std::floor(value) : std::isfinite(value);
  if (!allowed) {
    refuse("colors[%lld,%lld] is %g, allowed: %s", static_cast<long long>(box), static_cast<long long>(c), value,
           p.dtype == QUERN_UINT8 ? "whole numbers 0 … 255" : "finite values");
  }
}

void require_boxes(const quern_erase_params& p) {
  int64_t low = 0;
  for (int64_t box = 0; box < p.count; box++) {
    const int64_t image = p.boxes[5 * box];
    if (image < low || image >= p.batch) {
      refuse("boxes[%lld,0] is image %lld, allowed: %lld … %lld, ascending", static_cast<long long>(box), static_cast<long long>(image),
             static_cast<long long>(low), static_cast<long long>(p.batch - 1));
    }
    low = image;
    for (int64_t c = 0; p.colors != nullptr && c < 3; c++) require_color(p, box, c);
  }
}

void require_weights(const quern_mix_params& p) {
  for (int64_t i = 0; i < p.batch * p.sources; i++) {
    const double weight = static_cast<double>(p.weights[i]);
    if (!std::isfinite(weight)) {
      refuse("weights[%lld,%lld] is %g, allowed: finite values", static_cast<long long>(i / p.sources),
             static_cast<long long>(i % p.sources), weight);
    }
  }
}

}  // namespace
}  // namespace quern

int32_t quern_erase(quern_context* context, const quern_erase_params* params) {
  using namespace quern;
  return operation(context, [&](Workbench& bench, const Kernels& kernels) {
    require_pointer("params", params);
    const quern_erase_params& p = *params;
    require_at_least("batch", p.batch, 0);
    require_at_least("count", p.count, 0);
    require_images(p.batch, p.height, p.width, p.dtype, p.layout);
    checked_mul(p.count, 5 * sizeof(int32_t), "boxes");
    if (p.count == 0) return;
    require_pointer("boxes", p.boxes);
    require_readable(bench, "boxes", p.boxes);
    require_readable(bench, "colors", p.colors);
    require_boxes(p);
    require_aligned("images", p.images, p.dtype);
    kernels.erase(bench, p);
  });
}

int32_t quern_mix(quern_context* context, const quern_mix_params* params, void* output) {
  using namespace quern;
  return operation(context, [&](Workbench& bench, const Kernels& kernels) {
    require_pointer("params", params);
    const quern_mix_params& p = *params;
    require_at_least("count", p.count, 0);
    require_at_least("batch", p.batch, 0);
    require_range("sources", p.sources, p.boxes == nullptr ? 1 : 2, QUERN_MAX_SOURCES);
    const int64_t bytes = require_images(p.count, p.height, p.width, p.dtype, p.layout);
    const int64_t output_bytes = require_images(p.batch, p.height, p.width, p.dtype, p.layout);
    checked_mul(p.batch, QUERN_MAX_SOURCES * static_cast<int64_t>(sizeof(int32_t)), "rows");
    if (p.batch == 0) return;
    require_pointer("rows", p.rows);
    require_pointer("weights", p.weights);
    require_readable(bench, "rows", p.rows);
    require_readable(bench, "weights", p.weights);
    require_index("rows", p.rows, p.batch * p.sources, p.count);
    require_weights(p);
    require_aligned("images", p.images, p.dtype);
    require_aligned("output", output, p.dtype);
    const uintptr_t in = reinterpret_cast<uintptr_t>(p.images), out = reinterpret_cast<uintptr_t>(output);
    if (in < out + static_cast<uintptr_t>(output_bytes) && out < in + static_cast<uintptr_t>(bytes)) {
      refuse("output overlaps images, allowed: separate memory");
    }
    kernels.mix(bench, p, output);
  });
}
