// A batch to augment and the call that does it, into poisoned memory.
#pragma once

#include <algorithm>

#include "augment_oracle.hpp"
#include "element_math.h"
#include "tiers.hpp"

namespace quern::test {

struct Batch {
  int64_t batch, height, width;
  std::vector<uint8_t> images;
  std::vector<int32_t> image_index{};
  int64_t image_count = 0;
  int64_t chain = 0;
  std::vector<int32_t> ops{};
  std::vector<double> values{};
  int32_t resample = QUERN_NEAREST;
  int64_t out_height = 0, out_width = 0;
  std::vector<int32_t> crop_y{}, crop_x{};
  int32_t padding = QUERN_PAD_ZERO;
  std::vector<uint8_t> flip{};
  std::vector<int32_t> cutout_y{}, cutout_x{};
  int64_t cutout = 0;
  int32_t out_dtype = QUERN_UINT8, out_layout = QUERN_NHWC;
  std::vector<float> mean{0.4914f, 0.4822f, 0.4465f}, std{0.2470f, 0.2435f, 0.2616f};

  int64_t rows() const { return out_height == 0 ? height : out_height; }
  int64_t columns() const { return out_width == 0 ? width : out_width; }
  size_t element() const { return static_cast<size_t>(quern::element_size(out_dtype)); }
  size_t out_bytes() const { return static_cast<size_t>(3 * batch * rows() * columns()) * element(); }

  Image image(int64_t b) const {
    Image one(height, width);
    std::copy_n(images.begin() + b * 3 * height * width, one.bytes.size(), one.bytes.begin());
    return one;
  }

  quern_augment_params params() const {
    auto data = [](const auto& values_) { return values_.empty() ? nullptr : values_.data(); };
    quern_augment_params p{};
    p.images = data(images);
    p.image_index = data(image_index);
    p.image_count = image_count;
    p.batch = batch;
    p.height = height;
    p.width = width;
    p.chain = chain;
    p.ops = data(ops);
    p.values = data(values);
    p.resample = resample;
    p.out_height = out_height;
    p.out_width = out_width;
    p.crop_y = data(crop_y);
    p.crop_x = data(crop_x);
    p.padding = padding;
    p.flip = data(flip);
    p.cutout_y = data(cutout_y);
    p.cutout_x = data(cutout_x);
    p.cutout = cutout;
    p.out_dtype = out_dtype;
    p.out_layout = out_layout;
    std::copy_n(mean.begin(), 3, p.mean);
    std::copy_n(std.begin(), 3, p.std);
    return p;
  }

  // The output's bytes; nothing beyond them may be written.
  std::vector<uint8_t> run(quern_context* context) const {
    const size_t guard = 64;
    std::vector<uint8_t> out(out_bytes() + guard, 0xff);
    const quern_augment_params p = params();
    const int32_t status = quern_augment(context, &p, out.data());
    if (status != QUERN_OK) std::fprintf(stderr, "  %s\n", quern_last_error());
    EXPECT(status == QUERN_OK);
    EXPECT(std::all_of(out.end() - guard, out.end(), [](uint8_t v) { return v == 0xff; }));
    out.resize(out_bytes());
    return out;
  }

  std::vector<float> run_float(quern_context* context) const {
    const std::vector<uint8_t> out = run(context);
    std::vector<float> values_(out.size() / 4);
    std::memcpy(values_.data(), out.data(), out.size());
    return values_;
  }
};

inline std::vector<uint8_t> noise(std::mt19937_64& random, int64_t count) {
  std::vector<uint8_t> bytes(static_cast<size_t>(count));
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

// Noise, few grey levels, a smooth ramp, or one colour.
inline std::vector<uint8_t> any_images(std::mt19937_64& random, int64_t batch, int64_t height, int64_t width) {
  std::vector<uint8_t> bytes = noise(random, 3 * batch * height * width);
  const uint64_t kind = random() % 5;
  const uint8_t base = static_cast<uint8_t>(random());
  for (size_t i = 0; i < bytes.size(); i++) {
    const size_t x = i / 3 % static_cast<size_t>(width), y = i / 3 / static_cast<size_t>(width);
    if (kind == 1) bytes[i] = static_cast<uint8_t>(60 + bytes[i] / 16);
    if (kind == 2) bytes[i] = static_cast<uint8_t>(40 + (x * (3 + i % 3) + y * (5 - i % 3)) % 120);
    if (kind == 3) bytes[i] = base;
  }
  return bytes;
}

inline Batch noise_batch(std::mt19937_64& random, int64_t batch, int64_t height, int64_t width) {
  return {batch, height, width, any_images(random, batch, height, width)};
}

inline double uniform(std::mt19937_64& random, double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); }

// A value of the op: ordinary, at an edge, or absurd.
inline double any_value(std::mt19937_64& random, int32_t op) {
  const uint64_t kind = random() % 8;
  const double huge[] = {1e9, -1e9, 1e6, -1e6, 1e300, -1e300, 1e-300, -0.0};
  const double right[] = {0, 90, 180, 270, 360, -90, 45, -720};
  switch (op) {
    case QUERN_OP_ROTATE:
      return kind == 0 ? huge[random() % 8] : kind == 1 ? right[random() % 8] : uniform(random, -400, 400);
    case QUERN_OP_SOLARIZE:
      return kind == 0 ? uniform(random, 0, 256) : static_cast<double>(random() % 257);
    case QUERN_OP_POSTERIZE:
      return static_cast<double>(random() % 9);
    case QUERN_OP_COLOR:
    case QUERN_OP_CONTRAST:
    case QUERN_OP_BRIGHTNESS:
    case QUERN_OP_SHARPNESS:
      return kind == 0 ? uniform(random, -1e6, 1e6) : kind == 1 ? static_cast<double>(random() % 3) : uniform(random, -0.5, 2.5);
    case QUERN_OP_SHEAR_X:
    case QUERN_OP_SHEAR_Y:
      return kind == 0 ? huge[random() % 8] : kind == 1 ? uniform(random, -3000, 3000) : uniform(random, -1.5, 1.5);
    default:
      return kind == 0 ? huge[random() % 8] : kind < 4 ? static_cast<double>(random() % 41) - 20 : uniform(random, -40, 40);
  }
}

inline void draw_ops(std::mt19937_64& random, Batch& batch, int64_t chain) {
  batch.chain = chain;
  batch.ops.clear();
  batch.values.clear();
  for (int64_t i = 0; i < batch.batch * chain; i++) {
    batch.ops.push_back(static_cast<int32_t>(random() % 15));
    batch.values.push_back(any_value(random, batch.ops.back()));
  }
}

// The batch's ops without crop, flip and the rest.
inline std::vector<uint8_t> oracle_chain(const Batch& batch) {
  std::vector<uint8_t> expected;
  for (int64_t b = 0; b < batch.batch; b++) {
    Image image = batch.image(b);
    for (int64_t slot = 0; slot < batch.chain; slot++) {
      const size_t i = static_cast<size_t>(b * batch.chain + slot);
      image = oracle_op(image, batch.ops[i], batch.values[i], batch.resample);
    }
    expected.insert(expected.end(), image.bytes.begin(), image.bytes.end());
  }
  return expected;
}

}  // namespace quern::test
