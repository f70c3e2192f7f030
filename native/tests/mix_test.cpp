#include "augment_call.hpp"
#include "augment_math.h"
#include "memory.hpp"

using namespace quern::test;

namespace {

constexpr int64_t kSides[] = {1, 2, 3, 15, 16, 17, 31, 32, 33, 65};
constexpr int32_t kTypes[] = {QUERN_UINT8, QUERN_FLOAT32, QUERN_BFLOAT16};

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
      const float narrow = static_cast<float>(value);
      const uint16_t half = quern::bfloat16_of(narrow);
      const uint8_t byte = static_cast<uint8_t>(dtype == QUERN_UINT8 ? value : 0);
      const uint8_t* from = dtype == QUERN_UINT8 ? &byte : reinterpret_cast<const uint8_t*>(&narrow);
      if (dtype == QUERN_BFLOAT16) from = reinterpret_cast<const uint8_t*>(&half);
      all.insert(all.end(), from, from + (dtype == QUERN_UINT8 ? 1 : dtype == QUERN_FLOAT32 ? 4 : 2));
    }
    return all;
  }
};

Images random_images(std::mt19937_64& random, int64_t count, int64_t height, int64_t width, int32_t dtype, int32_t layout) {
  Images images{count, height, width, dtype, layout, {}};
  for (int64_t i = 0; i < count * images.elements(); i++) {
    const double byte = static_cast<double>(random() % 256);
    // Sixteenths are exact in bfloat16.
    images.values.push_back(dtype == QUERN_UINT8 ? byte : (byte - 128) / 16);
  }
  return images;
}

struct Boxes {
  std::vector<int32_t> boxes;
  std::vector<float> colors;
};

Boxes random_boxes(std::mt19937_64& random, const Images& images, int count) {
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

bool covers(const int32_t* box, int64_t y, int64_t x) { return y >= box[0] && x >= box[1] && y < box[2] && x < box[3]; }

template <class Visit>
void each_pixel(const Images& images, const Visit& visit) {
  for (int64_t b = 0; b < images.count; b++) {
    for (int64_t y = 0; y < images.height; y++) {
      for (int64_t x = 0; x < images.width; x++) visit(b, y, x);
    }
  }
}

Images erased(Images images, const Boxes& drawn) {
  each_pixel(images, [&](int64_t b, int64_t y, int64_t x) {
    for (size_t r = 0; r < drawn.boxes.size() / 5; r++) {
      if (drawn.boxes[5 * r] != b || !covers(&drawn.boxes[5 * r + 1], y, x)) continue;
      for (int64_t c = 0; c < 3; c++) {
        images.values[images.at(b, y, x, c)] = drawn.colors.empty() ? 0.0 : static_cast<double>(drawn.colors[3 * r + static_cast<size_t>(c)]);
      }
    }
  });
  return images;
}

quern_erase_params erase_params(const Images& images, const Boxes& drawn, std::vector<uint8_t>& bytes) {
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

Recipe random_recipe(std::mt19937_64& random, const Images& images, int64_t batch, int64_t sources, bool boxed) {
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

quern_mix_params mix_params(const Images& images, const Recipe& recipe, const std::vector<uint8_t>& bytes) {
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

// Each product and each sum rounded to float32, as the header says.
Images mixed(const Images& images, const Recipe& recipe) {
  Images out = images;
  out.count = recipe.batch;
  out.values.assign(static_cast<size_t>(recipe.batch * images.elements()), 0.0);
  each_pixel(out, [&](int64_t b, int64_t y, int64_t x) {
    for (int64_t c = 0; c < 3; c++) {
      auto source = [&](int64_t k) { return images.values[images.at(recipe.rows[static_cast<size_t>(b * recipe.sources + k)], y, x, c)]; };
      double sum = 0;
      for (int64_t k = 0; k < recipe.sources; k++) {
        const double weight = static_cast<double>(recipe.weights[static_cast<size_t>(b * recipe.sources + k)]);
        const double product = static_cast<double>(static_cast<float>(weight * source(k)));
        sum = k == 0 ? product : static_cast<double>(static_cast<float>(sum + product));
      }
      if (images.dtype == QUERN_UINT8) sum = std::floor(std::min(255.0, std::max(0.0, sum)));
      if (!recipe.boxes.empty() && covers(&recipe.boxes[static_cast<size_t>(4 * b)], y, x)) sum = source(1);
      out.values[out.at(b, y, x, c)] = sum;
    }
  });
  return out;
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

}  // namespace

TEST("erased rectangles equal the oracle in every type, layout and size, on every tier and thread count") {
  each_form([](std::mt19937_64& random, const Images& images) {
    Boxes drawn = random_boxes(random, images, 9);
    if (images.height % 2 == 0) drawn.colors.clear();
    const std::vector<uint8_t> expected = erased(images, drawn).bytes();
    for (int isa : tiers()) {
      for (int threads : {1, 3}) {
        std::vector<uint8_t> bytes = images.bytes();
        const quern_erase_params p = erase_params(images, drawn, bytes);
        EXPECT(quern_erase(open(isa, threads).get(), &p) == QUERN_OK);
        EXPECT(same_bits(bytes, expected));
      }
    }
  });
}

TEST("mixed images equal the oracle in every type, layout and size, on every tier and thread count") {
  each_form([](std::mt19937_64& random, const Images& images) {
    const int64_t sources = 1 + static_cast<int64_t>(random() % QUERN_MAX_SOURCES);
    const Recipe recipe = random_recipe(random, images, 5, sources, sources > 1 && images.width % 2 == 0);
    const std::vector<uint8_t> expected = mixed(images, recipe).bytes();
    const std::vector<uint8_t> bytes = images.bytes();
    for (int isa : tiers()) {
      for (int threads : {1, 3}) {
        std::vector<uint8_t> out(expected.size() + 64, 0xff);
        const quern_mix_params p = mix_params(images, recipe, bytes);
        EXPECT(quern_mix(open(isa, threads).get(), &p, out.data()) == QUERN_OK);
        EXPECT(std::all_of(out.end() - 64, out.end(), [](uint8_t v) { return v == 0xff; }));
        out.resize(expected.size());
        EXPECT(same_bits(out, expected));
      }
    }
  });
}

TEST("nothing to do touches nothing") {
  Context context = open();
  quern_erase_params erase{};
  erase.height = erase.width = 1;
  EXPECT(quern_erase(context.get(), &erase) == QUERN_OK);
  quern_mix_params mix{};
  mix.height = mix.width = mix.sources = 1;
  EXPECT(quern_mix(context.get(), &mix, nullptr) == QUERN_OK);
}

TEST("invalid arguments of erase are refused by name and leave the images alone") {
  auto random = seeded();
  Context context = open();
  const Images images = random_images(random, 2, 4, 5, QUERN_UINT8, QUERN_NHWC);
  const std::vector<uint8_t> before = images.bytes();
  std::vector<uint8_t> bytes = before;
  auto refuses = [&](auto change, const char* text) {
    Boxes drawn{{0, 0, 0, 2, 2, 1, 1, 1, 3, 3}, {1, 2, 3, 4, 5, 6}};
    quern_erase_params p = erase_params(images, drawn, bytes);
    change(p, drawn);
    EXPECT(refused(quern_erase(context.get(), &p), QUERN_INVALID_ARGUMENT, text));
    EXPECT(same_bits(bytes, before));
  };
  refuses([](auto& p, auto&) { p.batch = -1; }, "batch is -1, allowed: ≥ 0");
  refuses([](auto& p, auto&) { p.count = -1; }, "count is -1, allowed: ≥ 0");
  refuses([](auto& p, auto&) { p.height = 0; }, "height is 0, allowed: 1 … 16384");
  refuses([](auto& p, auto&) { p.width = 16385; }, "width is 16385, allowed: 1 … 16384");
  refuses([](auto& p, auto&) { p.dtype = 3; }, "dtype is 3, allowed: 0 … 2");
  refuses([](auto& p, auto&) { p.layout = -1; }, "layout is -1, allowed: 0 … 1");
  refuses([](auto& p, auto&) { p.boxes = nullptr; }, "boxes is NULL");
  refuses([](auto& p, auto&) { p.images = nullptr; }, "images is NULL");
  refuses([](auto& p, auto&) { p.batch = 1; }, "boxes[1,0] is image 1, allowed: 0 … 0, ascending");
  refuses([](auto&, auto& drawn) { drawn.boxes[0] = -1; }, "boxes[0,0] is image -1, allowed: 0 … 1, ascending");
  refuses([](auto&, auto& drawn) { drawn.boxes[0] = 1, drawn.boxes[5] = 0; }, "boxes[1,0] is image 0, allowed: 1 … 1, ascending");
  refuses([](auto&, auto& drawn) { drawn.colors[4] = 2.5f; }, "colors[1,1] is 2.5, allowed: whole numbers 0 … 255");
  refuses([](auto&, auto& drawn) { drawn.colors[0] = 256; }, "colors[0,0] is 256, allowed: whole numbers 0 … 255");
  refuses([](auto& p, auto&) { p.count = INT64_MAX; }, "boxes overflows");
  refuses([](auto& p, auto&) { p.batch = INT64_MAX; }, "images overflows");
  refuses([](auto& p, auto&) { p.dtype = QUERN_FLOAT32, p.images = static_cast<uint8_t*>(p.images) + 1; }, "images is not aligned");
  EXPECT(refused(quern_erase(context.get(), nullptr), QUERN_INVALID_ARGUMENT, "params is NULL"));
}

TEST("invalid arguments of mix are refused by name") {
  auto random = seeded();
  Context context = open();
  const Images images = random_images(random, 3, 4, 5, QUERN_UINT8, QUERN_NHWC);
  const std::vector<uint8_t> bytes = images.bytes();
  std::vector<uint8_t> out(bytes.size());
  void* target = out.data();
  auto refuses = [&](auto change, const char* text) {
    Recipe recipe = random_recipe(random, images, 3, 2, true);
    quern_mix_params p = mix_params(images, recipe, bytes);
    target = out.data();
    change(p, recipe);
    EXPECT(refused(quern_mix(context.get(), &p, target), QUERN_INVALID_ARGUMENT, text));
  };
  refuses([](auto& p, auto&) { p.count = -1; }, "count is -1, allowed: ≥ 0");
  refuses([](auto& p, auto&) { p.batch = -1; }, "batch is -1, allowed: ≥ 0");
  refuses([](auto& p, auto&) { p.sources = 9; }, "sources is 9, allowed: 2 … 8");
  refuses([](auto& p, auto&) { p.sources = 1; }, "sources is 1, allowed: 2 … 8");
  refuses([](auto& p, auto&) { p.boxes = nullptr, p.sources = 0; }, "sources is 0, allowed: 1 … 8");
  refuses([](auto& p, auto&) { p.dtype = -1; }, "dtype is -1, allowed: 0 … 2");
  refuses([](auto& p, auto&) { p.layout = 2; }, "layout is 2, allowed: 0 … 1");
  refuses([](auto& p, auto&) { p.rows = nullptr; }, "rows is NULL");
  refuses([](auto& p, auto&) { p.weights = nullptr; }, "weights is NULL");
  refuses([](auto& p, auto&) { p.images = nullptr; }, "images is NULL");
  refuses([&](auto&, auto&) { target = nullptr; }, "output is NULL");
  refuses([&](auto& p, auto&) { target = const_cast<void*>(p.images); }, "output overlaps images");
  refuses([](auto&, auto& recipe) { recipe.rows[4] = 3; }, "rows[4] is 3, allowed: 0 … 2");
  refuses([](auto&, auto& recipe) { recipe.weights[3] = INFINITY; }, "weights[1,1] is inf, allowed: finite values");
  refuses([](auto& p, auto&) { p.batch = INT64_MAX / 10; }, "images overflows");
  refuses([](auto& p, auto&) { p.batch = INT64_MAX / 10, p.count = p.height = p.width = 1; }, "rows overflows");
  EXPECT(refused(quern_mix(context.get(), nullptr, target), QUERN_INVALID_ARGUMENT, "params is NULL"));
}

TEST("erase gives back all its memory and says when there is none") {
  auto random = seeded();
  const Images images = random_images(random, 3, 8, 8, QUERN_FLOAT32, QUERN_NHWC);
  const Boxes drawn = random_boxes(random, images, 4);
  std::vector<uint8_t> bytes = images.bytes();
  const quern_erase_params p = erase_params(images, drawn, bytes);
  const int64_t before = quern::live_blocks();
  {
    Context context = open();
    quern::fail_allocation(1);
    EXPECT(quern_erase(context.get(), &p) == QUERN_OUT_OF_MEMORY);
    quern::fail_allocation(0);
    EXPECT(quern_erase(context.get(), &p) == QUERN_OK);
  }
  EXPECT(quern::live_blocks() == before);
}
