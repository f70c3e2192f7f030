// Erasing and mixing on the SIMT harness: the same bits as the CPU kernels.
#include "mix_call.hpp"
#include "quern_cuda.hpp"
#include "simt/device_array.hpp"
#include "simt/machine.hpp"

using namespace quern::test;
using quern::simt::DeviceArray;

namespace {

constexpr quern::cuda::Device kDevice{2, 80, 99 * 1024};

std::vector<uint8_t> erased_by_cpu(const Images& images, const Boxes& drawn) {
  std::vector<uint8_t> bytes = images.bytes();
  const quern_erase_params p = erase_params(images, drawn, bytes);
  EXPECT(quern_erase(open().get(), &p) == QUERN_OK);
  return bytes;
}

std::vector<uint8_t> erased_on_device(const Images& images, const Boxes& drawn, uint64_t seed = 1) {
  std::vector<uint8_t> bytes = images.bytes();
  const DeviceArray<uint8_t> pixels(bytes);
  const DeviceArray<int32_t> boxes(drawn.boxes);
  const DeviceArray<float> colors(drawn.colors);
  quern_erase_params p = erase_params(images, drawn, bytes);
  p.images = pixels.data();
  p.boxes = boxes.data();
  if (p.colors != nullptr) p.colors = colors.data();
  quern::simt::Machine::current().set_seed(seed);
  EXPECT(quern::cuda::erase(kDevice, p, nullptr) == 0);
  return pixels.host();
}

std::vector<uint8_t> mixed_by_cpu(const Images& images, const Recipe& recipe) {
  const std::vector<uint8_t> bytes = images.bytes();
  std::vector<uint8_t> out(bytes.size() / static_cast<size_t>(images.count) * static_cast<size_t>(recipe.batch));
  const quern_mix_params p = mix_params(images, recipe, bytes);
  EXPECT(quern_mix(open().get(), &p, out.data()) == QUERN_OK);
  return out;
}

std::vector<uint8_t> mixed_on_device(const Images& images, const Recipe& recipe, uint64_t seed = 1) {
  const std::vector<uint8_t> bytes = images.bytes();
  const DeviceArray<uint8_t> pixels(bytes), out(bytes.size() / static_cast<size_t>(images.count) * static_cast<size_t>(recipe.batch));
  const DeviceArray<int32_t> rows(recipe.rows), boxes(recipe.boxes);
  const DeviceArray<float> weights(recipe.weights);
  quern_mix_params p = mix_params(images, recipe, bytes);
  p.images = pixels.data();
  p.rows = rows.data();
  p.weights = weights.data();
  if (p.boxes != nullptr) p.boxes = boxes.data();
  quern::simt::Machine::current().set_seed(seed);
  EXPECT(quern::cuda::mix(kDevice, p, out.data(), nullptr) == 0);
  return out.host();
}

}  // namespace

TEST("erased rectangles have the CPU's bits in every type, layout and size, later ones over earlier ones") {
  each_form([](std::mt19937_64& random, const Images& images) {
    Boxes drawn = random_boxes(random, images, 9);
    if (images.height % 2 == 0) drawn.colors.clear();
    EXPECT(same_bits(erased_on_device(images, drawn), erased_by_cpu(images, drawn)));
  });
}

TEST("mixed images and their boxes have the CPU's bits in every type, layout, size and number of sources") {
  each_form([](std::mt19937_64& random, const Images& images) {
    const int64_t sources = 1 + static_cast<int64_t>(random() % QUERN_MAX_SOURCES);
    const Recipe recipe = random_recipe(random, images, 5, sources, sources > 1 && images.width % 2 == 0);
    EXPECT(same_bits(mixed_on_device(images, recipe), mixed_by_cpu(images, recipe)));
  });
}

TEST("images that several blocks share have the CPU's bits, in any order of blocks and threads") {
  auto random = seeded(1);
  const Images images = random_images(random, 3, 130, 70, QUERN_UINT8, QUERN_NCHW);
  const Boxes drawn = random_boxes(random, images, 12);
  const Recipe recipe = random_recipe(random, images, 4, 3, true);
  for (uint64_t seed : {1, 2}) {
    EXPECT(same_bits(erased_on_device(images, drawn, seed), erased_by_cpu(images, drawn)));
    EXPECT(same_bits(mixed_on_device(images, recipe, seed), mixed_by_cpu(images, recipe)));
  }
}

TEST("of rectangles over each other the last one shows, in any order of blocks") {
  auto random = seeded(4);
  const Images images = random_images(random, 2, 9, 9, QUERN_UINT8, QUERN_NHWC);
  Boxes drawn;
  for (int32_t i = 0; i < 8; i++) {
    for (int32_t value : {i / 4, i % 4, 0, 9, 9}) drawn.boxes.push_back(value);
    for (int c = 0; c < 3; c++) drawn.colors.push_back(static_cast<float>(i));
  }
  for (uint64_t seed : {1, 2, 3}) EXPECT(same_bits(erased_on_device(images, drawn, seed), erased_by_cpu(images, drawn)));
}

TEST("sums beyond float16 are infinite, and weights of both signs clamp uint8, as on the CPU") {
  auto random = seeded(2);
  for (int32_t dtype : {QUERN_UINT8, QUERN_FLOAT16}) {
    const Images images = random_images(random, 2, 8, 8, dtype, QUERN_NHWC);
    const Recipe recipe{3, 2, {0, 1, 1, 0, 1, 1}, {}, {3.5f, -1.25f, -2.0f, 0.5f, 9e4f, 0.0f}};
    EXPECT(same_bits(mixed_on_device(images, recipe), mixed_by_cpu(images, recipe)));
  }
}

TEST("a product that is −0 stays −0") {
  auto random = seeded(5);
  Images images = random_images(random, 1, 4, 4, QUERN_FLOAT32, QUERN_NCHW);
  images.values[5] = 0;
  const Recipe recipe{1, 1, {0}, {}, {-1.0f}};
  EXPECT(same_bits(mixed_on_device(images, recipe), mixed_by_cpu(images, recipe)));
}

TEST("a rectangle of no image is left out, an output with a source outside is 0, and nothing is nothing") {
  auto random = seeded(3);
  const Images images = random_images(random, 3, 8, 9, QUERN_FLOAT32, QUERN_NHWC);
  const Boxes inside{{1, 0, 0, 3, 3}, {1, 2, 3}}, outside{{-1, 0, 0, 8, 8, 1, 0, 0, 3, 3, 3, 0, 0, 8, 8}, {7, 7, 7, 1, 2, 3, 7, 7, 7}};
  EXPECT(same_bits(erased_on_device(images, outside), erased_on_device(images, inside)));
  const Recipe known{2, 2, {0, 1, 1, 2}, {}, {0.5f, 0.5f, 0.5f, 0.5f}};
  const auto expected = mixed_on_device(images, known);
  for (int32_t row : {-1, 3}) {
    Recipe unknown = known;
    unknown.rows[1] = row;
    const auto out = mixed_on_device(images, unknown);
    for (size_t i = 0; i < out.size(); i++) EXPECT(out[i] == (i < out.size() / 2 ? 0 : expected[i]));
  }
  EXPECT(same_bits(erased_on_device(images, {}), images.bytes()));
  EXPECT(mixed_on_device(images, {0, 1, {}, {}, {}}).empty());
}
