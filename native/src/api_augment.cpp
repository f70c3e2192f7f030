#include <cmath>

#include "element_math.h"
#include "operation.hpp"

namespace quern {
namespace {

constexpr int64_t kLargestSide = 16384;

[[noreturn]] void refuse_value(int64_t sample, int64_t slot, double value, const char* allowed) {
  refuse("values[%lld,%lld] is %.17g, allowed: %s", static_cast<long long>(sample), static_cast<long long>(slot), value, allowed);
}

void require_op(int64_t sample, int64_t slot, int32_t op, double value) {
  if (op < QUERN_OP_IDENTITY || op > QUERN_OP_INVERT) {
    refuse("ops[%lld,%lld] is %d, allowed: %d … %d", static_cast<long long>(sample), static_cast<long long>(slot), op, QUERN_OP_IDENTITY,
           QUERN_OP_INVERT);
  }
  switch (op) {
    case QUERN_OP_IDENTITY:
    case QUERN_OP_AUTO_CONTRAST:
    case QUERN_OP_EQUALIZE:
    case QUERN_OP_INVERT:
      return;
    case QUERN_OP_SOLARIZE:
      if (!(value >= 0 && value <= 256)) refuse_value(sample, slot, value, "thresholds 0 … 256");
      return;
    case QUERN_OP_POSTERIZE:
      if (!(value >= 0 && value <= 8 && value == std::floor(value))) refuse_value(sample, slot, value, "whole bits 0 … 8");
      return;
    default:
      if (!std::isfinite(value)) refuse_value(sample, slot, value, "finite values");
  }
}

void require_ops(const quern_augment_params& p) {
  if (p.chain == 0) return;
  require_pointer("ops", p.ops);
  require_pointer("values", p.values);
  for (int64_t i = 0; i < p.batch * p.chain; i++) require_op(i / p.chain, i % p.chain, p.ops[i], p.values[i]);
}

// A reflected row or column must exist: the overhang on either side is smaller than the side.
void require_crop(const char* name, const int32_t* first, int64_t batch, int64_t side, int64_t out_side) {
  const int64_t low = 1 - side, high = 2 * side - 1 - out_side;
  for (int64_t b = 0; b < batch; b++) {
    const int64_t value = first == nullptr ? 0 : first[b];
    if (value < low || value > high) {
      refuse("%s[%lld] is %lld, allowed with reflection of %lld to %lld pixels: %lld … %lld", name, static_cast<long long>(b),
             static_cast<long long>(value), static_cast<long long>(side), static_cast<long long>(out_side), static_cast<long long>(low),
             static_cast<long long>(high));
    }
  }
}

void require_readable(Workbench& bench, const quern_augment_params& p) {
  quern::require_readable(bench, "ops", p.ops);
  quern::require_readable(bench, "values", p.values);
  quern::require_readable(bench, "crop_y", p.crop_y);
  quern::require_readable(bench, "crop_x", p.crop_x);
  quern::require_readable(bench, "flip", p.flip);
  quern::require_readable(bench, "cutout_y", p.cutout_y);
  quern::require_readable(bench, "cutout_x", p.cutout_x);
  quern::require_readable(bench, "image_index", p.image_index);
}

// Without an index every row has its own image.
void resolve_images(quern_augment_params& p) {
  if (p.image_index == nullptr) {
    if (p.image_count != 0 && p.image_count != p.batch) {
      refuse("image_count is %lld, allowed without image_index: 0 or batch, %lld", static_cast<long long>(p.image_count),
             static_cast<long long>(p.batch));
    }
    p.image_count = p.batch;
  }
}

void require_index(const quern_augment_params& p) {
  for (int64_t b = 0; p.image_index != nullptr && b < p.batch; b++) {
    if (p.image_index[b] < 0 || p.image_index[b] >= p.image_count) {
      refuse("image_index[%lld] is %d, allowed: 0 … %lld", static_cast<long long>(b), p.image_index[b],
             static_cast<long long>(p.image_count - 1));
    }
  }
}

void require_placement(const quern_augment_params& p) {
  if (p.padding == QUERN_PAD_REFLECT) {
    require_crop("crop_y", p.crop_y, p.batch, p.height, p.out_height);
    require_crop("crop_x", p.crop_x, p.batch, p.width, p.out_width);
  }
  for (int64_t b = 0; p.flip != nullptr && b < p.batch; b++) {
    if (p.flip[b] > 1) refuse("flip[%lld] is %d, allowed: 0 … 1", static_cast<long long>(b), p.flip[b]);
  }
  if ((p.cutout_y == nullptr) != (p.cutout_x == nullptr)) {
    refuse("%s is NULL, allowed: both cutout_y and cutout_x, or neither", p.cutout_y == nullptr ? "cutout_y" : "cutout_x");
  }
}

// Resolves the default and keeps every normalised byte well inside the float format.
void resolve_normalisation(quern_augment_params& p) {
  const double largest = p.out_dtype == QUERN_FLOAT16 ? 6e4 : 1e38;
  const bool plain = p.std[0] == 0 && p.std[1] == 0 && p.std[2] == 0;
  for (int c = 0; c < 3; c++) {
    if (plain || p.out_dtype == QUERN_UINT8) {
      p.mean[c] = 0;
      p.std[c] = 1;
    }
    const double mean = static_cast<double>(p.mean[c]), std = static_cast<double>(p.std[c]);
    if (!std::isfinite(mean)) refuse("mean[%d] is %g, allowed: finite values", c, mean);
    if (!(std > 0) || !std::isfinite(std)) refuse("std[%d] is %g, allowed: finite values > 0 (or 0 in all channels)", c, std);
    if ((std::fabs(mean) + 1) / std > largest) refuse("std[%d] is %g, allowed with mean %g: (|mean| + 1)/std up to %g", c, std, mean, largest);
  }
}

void require_apart(const quern_augment_params& p, const void* output, int64_t image_bytes, int64_t output_bytes) {
  const uintptr_t in = reinterpret_cast<uintptr_t>(p.images), out = reinterpret_cast<uintptr_t>(output);
  if (in < out + static_cast<uintptr_t>(output_bytes) && out < in + static_cast<uintptr_t>(image_bytes)) {
    refuse("output overlaps images, allowed: separate memory");
  }
  if (out % static_cast<uintptr_t>(element_size(p.out_dtype)) != 0) {
    refuse("output is not aligned to its elements of %lld bytes", static_cast<long long>(element_size(p.out_dtype)));
  }
}

}  // namespace
}  // namespace quern

int32_t quern_augment(quern_context* context, const quern_augment_params* params, void* output) {
  using namespace quern;
  return operation(context, [&](Workbench& bench, const Kernels& kernels) {
    require_pointer("params", params);
    quern_augment_params p = *params;
    require_at_least("batch", p.batch, 0);
    require_range("height", p.height, 1, kLargestSide);
    require_range("width", p.width, 1, kLargestSide);
    require_range("chain", p.chain, 0, QUERN_MAX_CHAIN);
    require_range("resample", p.resample, QUERN_NEAREST, QUERN_BILINEAR);
    require_range("out_height", p.out_height, 0, kLargestSide);
    require_range("out_width", p.out_width, 0, kLargestSide);
    require_range("padding", p.padding, QUERN_PAD_ZERO, QUERN_PAD_REFLECT);
    require_at_least("cutout", p.cutout, 0);
    require_range("out_dtype", p.out_dtype, QUERN_UINT8, QUERN_FLOAT16);
    require_range("out_layout", p.out_layout, QUERN_NHWC, QUERN_NCHW);
    if (p.out_height == 0) p.out_height = p.height;
    if (p.out_width == 0) p.out_width = p.width;
    resolve_normalisation(p);
    require_at_least("image_count", p.image_count, 0);
    resolve_images(p);
    checked_mul(p.batch, QUERN_MAX_CHAIN, "ops");
    const int64_t image_bytes = checked_mul(p.image_count, checked_mul(checked_mul(p.height, p.width, "images"), 3, "images"), "images");
    const int64_t output_pixels = checked_mul(p.batch, checked_mul(p.out_height, p.out_width, "output"), "output");
    const int64_t output_bytes = checked_mul(output_pixels, 3 * element_size(p.out_dtype), "output");
    if (p.batch == 0) return;
    require_pointer("images", p.images);
    require_pointer("output", output);
    require_readable(bench, p);
    require_index(p);
    require_apart(p, output, image_bytes, output_bytes);
    require_ops(p);
    require_placement(p);
    kernels.augment(bench, p, output);
  });
}
