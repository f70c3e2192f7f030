// Fused augment on the SIMT harness: the same bits as the CPU kernel, on every path.
#include "augment_call.hpp"
#include "quern_cuda.hpp"
#include "simt/device_array.hpp"
#include "simt/machine.hpp"

using namespace quern::test;
using quern::simt::DeviceArray;

namespace {

constexpr quern::cuda::Device kAmpere{2, 80, 99 * 1024}, kHopper{2, 90, 227 * 1024};

std::vector<uint8_t> on_device(const quern::cuda::Device& device, const Batch& batch, uint64_t seed = 1) {
  const DeviceArray<uint8_t> images(batch.images), flip(batch.flip), out(batch.out_bytes());
  const DeviceArray<int32_t> index(batch.image_index), ops(batch.ops), crop_y(batch.crop_y), crop_x(batch.crop_x), cutout_y(batch.cutout_y),
      cutout_x(batch.cutout_x);
  const DeviceArray<double> values(batch.values);
  const auto data = [](const auto& array) { return array.size() == 0 ? nullptr : array.data(); };
  quern_augment_params p = batch.params();
  p.images = images.data();
  p.image_index = data(index);
  p.image_count = batch.image_index.empty() ? batch.batch : batch.image_count;
  p.ops = data(ops);
  p.values = data(values);
  p.crop_y = data(crop_y);
  p.crop_x = data(crop_x);
  p.flip = data(flip);
  p.cutout_y = data(cutout_y);
  p.cutout_x = data(cutout_x);
  p.out_height = batch.rows();
  p.out_width = batch.columns();
  const DeviceArray<uint8_t> workspace(static_cast<size_t>(quern::cuda::augment_workspace(device, p)));
  quern::simt::Machine::current().set_seed(seed);
  EXPECT(quern::cuda::augment_batch(device, p, out.data(), data(workspace), nullptr) == 0);
  return out.host();
}

void expect_like_the_cpu(const Batch& batch) {
  static const Context context = open();
  const auto expected = batch.run(context.get());
  for (const auto& device : {kAmpere, kHopper}) EXPECT(same_bits(on_device(device, batch), expected));
}

void draw_placement(std::mt19937_64& random, Batch& batch) {
  for (int64_t b = 0; b < batch.batch; b++) {
    batch.crop_y.push_back(static_cast<int32_t>(random() % 9) - 4);
    batch.crop_x.push_back(static_cast<int32_t>(random() % 9) - 4);
    batch.flip.push_back(static_cast<uint8_t>(random() % 2));
    batch.cutout_y.push_back(static_cast<int32_t>(random() % 40) - 4);
    batch.cutout_x.push_back(static_cast<int32_t>(random() % 40) - 4);
  }
  batch.cutout = 7;
}

}  // namespace

TEST("every op at any value, nearest and bilinear, gives the CPU's bits at every size around a cliff") {
  auto random = seeded();
  constexpr int64_t kSizes[][2] = {{1, 1}, {1, 9}, {9, 1}, {2, 2}, {3, 3}, {15, 16}, {17, 31}, {33, 33}, {2, 40}, {40, 2}};
  for (const auto& [height, width] : kSizes) {
    for (int32_t resample : {QUERN_NEAREST, QUERN_BILINEAR}) {
      Batch batch = noise_batch(random, 30, height, width);
      batch.resample = resample;
      batch.chain = 1;
      for (int32_t b = 0; b < 30; b++) {
        batch.ops.push_back(b % 15);
        batch.values.push_back(any_value(random, b % 15));
      }
      expect_like_the_cpu(batch);
    }
  }
}

TEST("chains of different ops with crop, flip and cutout give the CPU's bits in every type and layout") {
  auto random = seeded(1);
  for (int32_t dtype : {QUERN_UINT8, QUERN_FLOAT32, QUERN_BFLOAT16, QUERN_FLOAT16}) {
    for (int32_t layout : {QUERN_NHWC, QUERN_NCHW}) {
      for (int64_t chain : {0, 1, 2, 3, 4}) {
        for (int64_t width : {16, 19}) {
          Batch batch = noise_batch(random, 4, 18, width);
          batch.out_dtype = dtype;
          batch.out_layout = layout;
          batch.resample = static_cast<int32_t>(random() % 2);
          batch.padding = static_cast<int32_t>(random() % 2);
          batch.out_height = 15 + static_cast<int64_t>(random() % 3);
          draw_ops(random, batch, chain);
          draw_placement(random, batch);
          expect_like_the_cpu(batch);
        }
      }
    }
  }
}

TEST("images that a team shares and scratch in global memory give the CPU's bits") {
  auto random = seeded(2);
  for (int64_t chain : {1, 3}) {
    Batch batch = noise_batch(random, 3, 97, 128);
    batch.out_dtype = QUERN_FLOAT32;
    batch.out_layout = QUERN_NCHW;
    batch.chain = chain;
    for (int64_t i = 0; i < batch.batch * chain; i++) {
      const int32_t ops[] = {QUERN_OP_EQUALIZE, QUERN_OP_ROTATE, QUERN_OP_CONTRAST, QUERN_OP_AUTO_CONTRAST, QUERN_OP_SHARPNESS};
      batch.ops.push_back(ops[i % 5]);
      batch.values.push_back(1.7);
    }
    expect_like_the_cpu(batch);
  }
}

TEST("rows show the images of their index, and an index outside shows zeros") {
  auto random = seeded(3);
  Batch batch = noise_batch(random, 6, 8, 8);
  batch.image_index = {5, 0, 0, 3, 5, 1};
  batch.image_count = 6;
  batch.out_dtype = QUERN_FLOAT32;
  draw_ops(random, batch, 2);
  expect_like_the_cpu(batch);
  const auto expected = on_device(kHopper, batch);
  batch.image_index[1] = 6;
  batch.image_index[4] = -1;
  const auto out = on_device(kHopper, batch);
  const size_t row = expected.size() / 6;
  for (size_t i = 0; i < out.size(); i++) EXPECT(out[i] == (i / row == 1 || i / row == 4 ? 0 : expected[i]));
}

TEST("the order of blocks and threads does not change a bit, and an empty batch is nothing") {
  auto random = seeded(4);
  Batch batch = noise_batch(random, 9, 20, 20);
  draw_ops(random, batch, 4);
  EXPECT(same_bits(on_device(kHopper, batch, 1), on_device(kHopper, batch, 2)));
  EXPECT(on_device(kHopper, Batch{0, 8, 8, {}}).empty());
}
