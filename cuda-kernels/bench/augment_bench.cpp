#include <stdexcept>

#include "bench.hpp"

using namespace quern::bench;

namespace {

// Two drawn ops a sample, crop within ±4, flip, normalised to float32 NCHW.
void augment(const Bench& bench, int64_t batch, int64_t side) {
  const size_t rows = static_cast<size_t>(batch), bytes = rows * static_cast<size_t>(3 * side * side), turns = (size_t{96} << 20) / bytes + 1;
  std::mt19937_64 random(13);
  std::vector<uint8_t> pixels(bytes * turns), flips;
  for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(random() >> 56);
  std::vector<int32_t> codes, ys, xs;
  std::vector<double> magnitudes;
  for (size_t k = 0; k < 2 * rows; k++) {
    codes.push_back(static_cast<int32_t>(random() % 15));
    magnitudes.push_back(codes.back() == QUERN_OP_POSTERIZE ? 4 : 0.1 + static_cast<double>(random() % 8) / 4);
  }
  for (size_t b = 0; b < rows; b++) {
    ys.push_back(static_cast<int32_t>(random() % 9) - 4);
    xs.push_back(static_cast<int32_t>(random() % 9) - 4);
    flips.push_back(static_cast<uint8_t>(random() % 2));
  }
  quern_augment_params p{};
  p.images = pixels.data();
  p.batch = p.image_count = batch;
  p.height = p.width = p.out_height = p.out_width = side;
  p.chain = 2;
  p.ops = codes.data();
  p.values = magnitudes.data();
  p.crop_y = ys.data();
  p.crop_x = xs.data();
  p.flip = flips.data();
  p.out_dtype = QUERN_FLOAT32;
  p.out_layout = QUERN_NCHW;
  for (int c = 0; c < 3; c++) p.mean[c] = 0.5f, p.std[c] = 0.25f;
  std::vector<float> expected(bytes);
  if (quern_augment(quern::test::open().get(), &p, expected.data()) != QUERN_OK) throw std::runtime_error(quern_last_error());
  const DeviceArray<uint8_t> images(pixels), flip(flips);
  const DeviceArray<int32_t> ops(codes), crop_y(ys), crop_x(xs);
  const DeviceArray<double> values(magnitudes);
  const DeviceArray<float> out(bytes);
  p.images = images.data();
  p.ops = ops.data();
  p.values = values.data();
  p.crop_y = crop_y.data();
  p.crop_x = crop_x.data();
  p.flip = flip.data();
  const auto device = this_device();
  const DeviceArray<unsigned char> workspace(static_cast<size_t>(quern::cuda::augment_workspace(device, p)));
  const auto error = [&] {
    const std::vector<float> augmented = out.host();
    double worst = 0;
    for (size_t i = 0; i < bytes; i++) worst = worse(worst, static_cast<double>(augmented[i]) - static_cast<double>(expected[i]));
    return worst;
  };
  measure(bench, [&](int turn) {
    p.images = images.data() + static_cast<size_t>(turn) % turns * bytes;
    return quern::cuda::augment_batch(device, p, out.data(), workspace.data(), nullptr);
  }, error);
}

}  // namespace

BENCH("augment 512x32x32", 0.01) { augment(bench, 512, 32); }
BENCH("augment 64x224x224", 0.02) { augment(bench, 64, 224); }
