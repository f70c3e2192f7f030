#include "memory.hpp"
#include "mix_call.hpp"

using namespace quern::test;

namespace {

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
  refuses([](auto& p, auto&) { p.dtype = 4; }, "dtype is 4, allowed: 0 … 3");
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
  refuses([](auto& p, auto&) { p.dtype = -1; }, "dtype is -1, allowed: 0 … 3");
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
