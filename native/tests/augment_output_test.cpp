#include "augment_call.hpp"

using namespace quern::test;

namespace {

// Crop offsets that reach in, hang over, or (zero padding) miss the image.
void draw_placement(std::mt19937_64& random, Batch& batch, int32_t padding) {
  batch.padding = padding;
  auto offset = [&](int64_t side, int64_t out_side) {
    if (padding == QUERN_PAD_REFLECT) {
      const int64_t low = 1 - side, high = 2 * side - 1 - out_side;
      return static_cast<int32_t>(low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1)));
    }
    if (random() % 20 == 0) return random() % 2 == 0 ? INT32_MIN : INT32_MAX;
    return static_cast<int32_t>(static_cast<int64_t>(random() % static_cast<uint64_t>(side + out_side + 4)) - out_side - 2);
  };
  for (int64_t b = 0; b < batch.batch; b++) {
    batch.crop_y.push_back(offset(batch.height, batch.rows()));
    batch.crop_x.push_back(offset(batch.width, batch.columns()));
    batch.flip.push_back(static_cast<uint8_t>(random() % 2));
  }
}

// Whether (y, x) of the output lies in the sample's cutout.
bool cut(const Batch& batch, size_t b, int64_t y, int64_t x) {
  if (batch.cutout_y.empty()) return false;
  const int64_t top = batch.cutout_y[b] - batch.cutout / 2, left = batch.cutout_x[b] - batch.cutout / 2;
  return y >= top && y < top + batch.cutout && x >= left && x < left + batch.cutout;
}

// visit(index in the output, byte or −1 in the padding, channel, cut out) for every element.
template <class Visit>
void each_element(const Batch& batch, const Visit& visit) {
  const std::vector<uint8_t> after_ops = oracle_chain(batch);
  Batch done = batch;
  done.images = after_ops;
  const int64_t h = batch.rows(), w = batch.columns();
  for (int64_t b = 0; b < batch.batch; b++) {
    const Image image = done.image(b);
    const size_t s = static_cast<size_t>(b);
    for (int64_t y = 0; y < h; y++) {
      for (int64_t x = 0; x < w; x++) {
        for (int64_t c = 0; c < 3; c++) {
          const int byte = oracle_placed(image, y, x, c, w, batch.crop_y.empty() ? 0 : batch.crop_y[s], batch.crop_x.empty() ? 0 : batch.crop_x[s],
                                         !batch.flip.empty() && batch.flip[s] != 0, batch.padding);
          const int64_t at = batch.out_layout == QUERN_NCHW ? ((b * 3 + c) * h + y) * w + x : ((b * h + y) * w + x) * 3 + c;
          visit(static_cast<size_t>(at), byte, static_cast<size_t>(c), cut(batch, s, y, x));
        }
      }
    }
  }
}

constexpr int64_t kWidths[] = {1, 2, 5, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100, 127, 128, 129, 511, 513, 1025};

}  // namespace

TEST("uint8 outputs equal crop, padding, mirror and cutout done one pixel at a time, at every width and on every tier") {
  auto random = seeded();
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int64_t out_width : kWidths) {
      for (int32_t layout : {QUERN_NHWC, QUERN_NCHW}) {
        for (int32_t padding : {QUERN_PAD_ZERO, QUERN_PAD_REFLECT}) {
          Batch batch = noise_batch(random, 3, 3 + static_cast<int64_t>(random() % 9), out_width / 2 + 2 + static_cast<int64_t>(random() % 20));
          batch.out_height = 1 + static_cast<int64_t>(random() % 5);
          batch.out_width = out_width;
          batch.out_layout = layout;
          draw_ops(random, batch, static_cast<int64_t>(random() % 3));
          draw_placement(random, batch, padding);
          batch.cutout = static_cast<int64_t>(random() % 7);
          batch.cutout_y = {0, 3, 100};
          batch.cutout_x = {static_cast<int32_t>(out_width - 1), 0, 2};
          const std::vector<uint8_t> out = batch.run(context.get());
          each_element(batch, [&](size_t at, int byte, size_t, bool is_cut) { EXPECT(out[at] == (is_cut || byte < 0 ? 0 : byte)); });
        }
      }
    }
  }
}

TEST("float outputs are within 1e-6 of float64 and zero in the cutout, at every width and on every tier") {
  auto random = seeded(1);
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int64_t out_width : kWidths) {
      for (int32_t layout : {QUERN_NHWC, QUERN_NCHW}) {
        Batch batch = noise_batch(random, 2, 4, out_width);
        batch.out_width = random() % 2 == 0 ? 0 : out_width;
        batch.out_dtype = QUERN_FLOAT32;
        batch.out_layout = layout;
        draw_ops(random, batch, 1);
        if (random() % 3 != 0) draw_placement(random, batch, QUERN_PAD_ZERO);
        batch.cutout = 2;
        batch.cutout_y = {1, 1};
        batch.cutout_x = {1, -5};
        const std::vector<float> out = batch.run_float(context.get());
        each_element(batch, [&](size_t at, int byte, size_t c, bool is_cut) {
          const double value = std::max(byte, 0) / 255.0, mean = static_cast<double>(batch.mean[c]), std = static_cast<double>(batch.std[c]);
          EXPECT_NEAR(out[at], is_cut ? 0.0 : (value - mean) / std, is_cut ? 0.0 : 1e-6);
        });
      }
    }
  }
}

TEST("the stated error bound holds for any mean and standard deviation") {
  auto random = seeded(2);
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int i = 0; i < 200; i++) {
      Batch batch{1, 16, 16, noise(random, 768)};
      batch.out_dtype = QUERN_FLOAT32;
      for (size_t c = 0; c < 3; c++) {
        batch.mean[c] = static_cast<float>(uniform(random, -3, 3));
        batch.std[c] = static_cast<float>(std::exp(uniform(random, -12, 12)));
      }
      const std::vector<float> out = batch.run_float(context.get());
      each_element(batch, [&](size_t at, int byte, size_t c, bool) {
        const double mean = static_cast<double>(batch.mean[c]), std = static_cast<double>(batch.std[c]), expected = (byte / 255.0 - mean) / std;
        EXPECT_NEAR(out[at], expected, (1 / std + std::fabs(mean) / std + std::fabs(expected)) * 5.97e-8);
      });
    }
  }
}

TEST("bfloat16 and float16 are the float32 result rounded to nearest, ties to even") {
  auto random = seeded(3);
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int64_t width : kWidths) {
      Batch batch = noise_batch(random, 2, 3, width);
      batch.out_layout = static_cast<int32_t>(random() % 2);
      draw_placement(random, batch, QUERN_PAD_ZERO);
      // Scale 1 and bias 0 or small powers of two produce ties.
      if (width % 2 == 1) batch.mean = {0, 0.5f, 1.0f / 256}, batch.std = {1.0f / 255, 1.0f / 255, 1.0f / 32640};
      batch.out_dtype = QUERN_FLOAT32;
      const std::vector<float> exact = batch.run_float(context.get());
      for (int32_t dtype : {QUERN_BFLOAT16, QUERN_FLOAT16}) {
        batch.out_dtype = dtype;
        const std::vector<uint8_t> bytes = batch.run(context.get());
        for (size_t i = 0; i < exact.size(); i++) {
          uint16_t rounded;
          std::memcpy(&rounded, &bytes[2 * i], 2);
          EXPECT(rounded == (dtype == QUERN_FLOAT16 ? quern::float16_of(exact[i]) : quern::bfloat16_of(exact[i])));
        }
      }
    }
  }
}

TEST("no standard deviation means plain v/255") {
  auto random = seeded(4);
  for (int isa : tiers()) {
    Context context = open(isa);
    Batch batch{1, 16, 16, noise(random, 768)};
    batch.out_dtype = QUERN_FLOAT32;
    batch.mean = batch.std = {0, 0, 0};
    const std::vector<float> out = batch.run_float(context.get());
    for (size_t i = 0; i < out.size(); i++) EXPECT_NEAR(out[i], batch.images[i] / 255.0, 1.2e-7);
  }
}

TEST("planes are the interleaved output rearranged, whatever the type") {
  auto random = seeded(5);
  Context context = open();
  for (int i = 0; i < 100; i++) {
    Batch batch = noise_batch(random, 2, 1 + static_cast<int64_t>(random() % 20), 1 + static_cast<int64_t>(random() % 70));
    draw_ops(random, batch, 2);
    draw_placement(random, batch, QUERN_PAD_ZERO);
    batch.out_dtype = i % 4;
    const size_t size = batch.element(), pixels = static_cast<size_t>(batch.height * batch.width);
    const std::vector<uint8_t> interleaved = batch.run(context.get());
    batch.out_layout = QUERN_NCHW;
    const std::vector<uint8_t> planes = batch.run(context.get());
    bool equal = true;
    for (size_t b = 0; b < 2; b++) {
      for (size_t p = 0; p < pixels; p++) {
        for (size_t c = 0; c < 3; c++) {
          equal = equal && std::memcmp(&interleaved[((b * pixels + p) * 3 + c) * size], &planes[((b * 3 + c) * pixels + p) * size], size) == 0;
        }
      }
    }
    EXPECT(equal);
  }
}

TEST("mirroring twice restores, and a crop of a crop is a crop") {
  auto random = seeded(6);
  Context context = open();
  for (int i = 0; i < 200; i++) {
    Batch batch = noise_batch(random, 1, 2 + static_cast<int64_t>(random() % 30), 2 + static_cast<int64_t>(random() % 60));
    Batch mirrored = batch;
    mirrored.flip = {1};
    mirrored.images = mirrored.run(context.get());
    EXPECT(mirrored.run(context.get()) == batch.images);

    Batch first = batch, second = batch, both = batch;
    const int32_t y = static_cast<int32_t>(random() % 2), x = static_cast<int32_t>(random() % 2);
    first.out_height = second.height = batch.height - y;
    first.out_width = second.width = batch.width - x;
    first.crop_y = {y};
    first.crop_x = {x};
    second.images = first.run(context.get());
    second.crop_y = {3};
    second.crop_x = {-1};
    second.out_height = both.out_height = 1;
    second.out_width = both.out_width = 2;
    both.crop_y = {y + 3};
    both.crop_x = {x - 1};
    if (x == 0) EXPECT(second.run(context.get()) == both.run(context.get()));
  }
}

TEST("a crop that misses the image is black, and a cutout larger than the image clears it") {
  auto random = seeded(7);
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int32_t offset : {INT32_MIN, -32, 32, INT32_MAX}) {
      Batch batch = noise_batch(random, 1, 32, 32);
      batch.crop_x = {offset};
      for (uint8_t byte : batch.run(context.get())) EXPECT(byte == 0);
      batch.crop_y = batch.crop_x;
      batch.crop_x.clear();
      for (uint8_t byte : batch.run(context.get())) EXPECT(byte == 0);
    }
    Batch batch = noise_batch(random, 1, 32, 32);
    batch.out_dtype = QUERN_FLOAT32;
    batch.cutout = INT64_MAX;
    batch.cutout_y = {INT32_MIN};
    batch.cutout_x = {INT32_MAX};
    for (float value : batch.run_float(context.get())) EXPECT(value == 0.0f);
  }
}

TEST("reflection repeats no border, as numpy's reflect") {
  Context context = open();
  Batch batch{1, 1, 4, {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}};
  batch.padding = QUERN_PAD_REFLECT;
  batch.out_width = 10;
  batch.crop_x = {-3};
  const std::vector<uint8_t> out = batch.run(context.get());
  const uint8_t expected[] = {3, 2, 1, 0, 1, 2, 3, 2, 1, 0};
  for (size_t x = 0; x < 10; x++) EXPECT(out[3 * x] == expected[x] && out[3 * x + 2] == expected[x]);
}
