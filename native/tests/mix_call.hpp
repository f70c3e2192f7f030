// Images of any type, rectangles to erase and recipes to mix, and the calls' parameters for them.
#pragma once

#include <algorithm>

#include "element_math.h"
#include "tiers.hpp"

namespace quern::test {

constexpr int64_t kSides[] = {1, 2, 3, 15, 16, 17, 31, 32, 33, 65};
constexpr int32_t kTypes[] = {QUERN_UINT8, QUERN_FLOAT32, QUERN_BFLOAT16, QUERN_FLOAT16};

// A batch of any type in float64, the plainest form.
struct Images {
  int64_t count, height, width;
  int32_t dtype, layout;
  std::vector<double> values;

  int64_t elements() const { return 3 * height * width; }
  size_t at(int64_t b, int64_t y, int64_t x, int64_t c) const {
    const int64_t within = layout == QUERN_NHWC ? (y * width + x) * 3 + c : (c * height + y) * width + x;
    return static_cast<size_t>(b * elements() + within);
  }
  std::vector<uint8_t> bytes() const {
    std::vector<uint8_t> all;
    for (double value : values) {
      quern::with_element(dtype, [&](auto element) {
        quern::element_of(static_cast<float>(value), &element);
        const uint8_t* from = reinterpret_cast<const uint8_t*>(&element);
        all.insert(all.end(), from, from + sizeof element);
      });
    }
    return all;
  }
};

inline Images random_images(std::mt19937_64& random, int64_t count, int64_t height, int64_t width, int32_t dtype, int32_t layout) {
  Images images{count, height, width, dtype, layout, {}};
  for (int64_t i = 0; i < count * images.elements(); i++) {
    const double byte = static_cast<double>(random() % 256);
    // Sixteenths are exact in both 16-bit types.
    images.values.push_back(dtype == QUERN_UINT8 ? byte : (byte - 128) / 16);
  }
  return images;
}

struct Boxes {
  std::vector<int32_t> boxes;
  std::vector<float> colors;
};

inline Boxes random_boxes(std::mt19937_64& random, const Images& images, int count) {
  Boxes drawn;
  std::vector<int32_t> rows;
  for (int i = 0; i < count; i++) rows.push_back(static_cast<int32_t>(random() % static_cast<uint64_t>(images.count)));
  std::sort(rows.begin(), rows.end());
  for (int32_t row : rows) {
    drawn.boxes.push_back(row);
    for (int k = 0; k < 4; k++) drawn.boxes.push_back(static_cast<int32_t>(random() % static_cast<uint64_t>(images.height + images.width + 8)) - 4);
    for (int c = 0; c < 3; c++) drawn.colors.push_back(images.dtype == QUERN_UINT8 ? static_cast<float>(random() % 256) : static_cast<float>(c) / 4);
  }
  return drawn;
}

inline quern_erase_params erase_params(const Images& images, const Boxes& drawn, std::vector<uint8_t>& bytes) {
  quern_erase_params p{};
  p.images = bytes.data();
  p.batch = images.count;
  p.height = images.height;
  p.width = images.width;
  p.dtype = images.dtype;
  p.layout = images.layout;
  p.count = static_cast<int64_t>(drawn.boxes.size() / 5);
  p.boxes = drawn.boxes.data();
  p.colors = drawn.colors.empty() ? nullptr : drawn.colors.data();
  return p;
}

struct Recipe {
  int64_t batch, sources;
  std::vector<int32_t> rows, boxes;
  std::vector<float> weights;
};

inline Recipe random_recipe(std::mt19937_64& random, const Images& images, int64_t batch, int64_t sources, bool boxed) {
  Recipe recipe{batch, sources, {}, {}, {}};
  for (int64_t i = 0; i < batch * sources; i++) {
    recipe.rows.push_back(static_cast<int32_t>(random() % static_cast<uint64_t>(images.count)));
    recipe.weights.push_back(static_cast<float>(random() % 1000) / 999.0f);
  }
  const Boxes boxes = random_boxes(random, images, static_cast<int>(batch));
  for (size_t i = 0; boxed && i < boxes.boxes.size(); i++) {
    if (i % 5 != 0) recipe.boxes.push_back(boxes.boxes[i]);
  }
  return recipe;
}

inline quern_mix_params mix_params(const Images& images, const Recipe& recipe, const std::vector<uint8_t>& bytes) {
  quern_mix_params p{};
  p.images = bytes.data();
  p.count = images.count;
  p.height = images.height;
  p.width = images.width;
  p.dtype = images.dtype;
  p.layout = images.layout;
  p.batch = recipe.batch;
  p.sources = recipe.sources;
  p.rows = recipe.rows.data();
  p.weights = recipe.weights.data();
  p.boxes = recipe.boxes.empty() ? nullptr : recipe.boxes.data();
  return p;
}

template <class Body>
void each_form(const Body& body) {
  auto random = seeded();
  for (int32_t dtype : kTypes) {
    for (int32_t layout : {QUERN_NHWC, QUERN_NCHW}) {
      for (int64_t side : kSides) body(random, random_images(random, 1 + side % 4, side, kSides[random() % 10], dtype, layout));
    }
  }
}

}  // namespace quern::test
