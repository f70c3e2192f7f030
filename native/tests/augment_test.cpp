#include <cstdio>
#include <fstream>
#include <map>
#include <string>

#include "augment_call.hpp"

using namespace quern::test;

namespace {

uint32_t crc32(const std::vector<uint8_t>& bytes) {
  uint32_t crc = ~0u;
  for (uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ ((crc & 1u) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

// "name": "hex" lines.
std::map<std::string, uint32_t> read_goldens(const char* path) {
  std::map<std::string, uint32_t> goldens;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t a = line.find('"'), b = line.find('"', a + 1), c = line.find('"', b + 1);
    if (c == std::string::npos) continue;
    goldens[line.substr(a + 1, b - a - 1)] = static_cast<uint32_t>(std::strtoul(line.c_str() + c + 1, nullptr, 16));
  }
  return goldens;
}

Batch golden_image(const std::string& name) {
  const int64_t width = name == "B47x33" ? 47 : 32, height = name == "B47x33" ? 33 : 32;
  const Image image = each_byte(height, width, [&](int64_t y, int64_t x, int64_t c) {
    if (name == "S32") return 40 + (x * (3 + c) + y * (5 - c)) % 120;
    return (x * 37 + y * 91 + c * 53 + x * y % 29 * 7 + (x * x + 3 * y) % 17 * (c + 1)) & 255;
  });
  return {1, height, width, image.bytes};
}

const char* const kNames[] = {"identity",   "auto_contrast", "equalize",  "rotate",  "solarize", "color",       "posterize",  "contrast",
                              "brightness", "sharpness",     "shear_x",   "shear_y", "translate_x", "translate_y", "invert"};

// AdaAugment's physical value of a level.
double level_value(int32_t op, int level, int sign) {
  auto whole = [&](int most) { return static_cast<double>(static_cast<int>(level * most / 29.0)); };
  switch (op) {
    case QUERN_OP_ROTATE:
      return sign * whole(30);
    case QUERN_OP_SOLARIZE:
      return 256 - whole(256);
    case QUERN_OP_POSTERIZE:
      return 4 - whole(4);
    case QUERN_OP_SHEAR_X:
    case QUERN_OP_SHEAR_Y:
      return sign * (level * 0.3 / 29);
    case QUERN_OP_TRANSLATE_X:
    case QUERN_OP_TRANSLATE_Y:
      return sign * whole(10);
    default:
      return level * (1.9 - 0.1) / 29 + 0.1;
  }
}

Batch single(Batch batch, int32_t op, double value) {
  batch.chain = 1;
  batch.ops.assign(static_cast<size_t>(batch.batch), op);
  batch.values.assign(static_cast<size_t>(batch.batch), value);
  return batch;
}

std::vector<uint8_t> apply(quern_context* context, const Batch& batch, int32_t op, double value) { return single(batch, op, value).run(context); }

// The op at its m-th of 31 magnitudes.
double magnitude_value(int32_t op, int m, int sign) {
  const double share = m / 30.0;
  switch (op) {
    case QUERN_OP_ROTATE:
      return sign * 135 * share;
    case QUERN_OP_SOLARIZE:
      return std::floor(256 * share);
    case QUERN_OP_POSTERIZE:
      return std::floor(8 * share);
    case QUERN_OP_SHEAR_X:
    case QUERN_OP_SHEAR_Y:
      return sign * 0.99 * share;
    case QUERN_OP_TRANSLATE_X:
    case QUERN_OP_TRANSLATE_Y:
      return sign * 32.5 * share;
    default:
      return 1 + sign * 0.99 * share;
  }
}

constexpr int64_t kSizes[][2] = {{1, 1},   {1, 9},   {9, 1},   {2, 2},   {3, 3},   {15, 15}, {16, 16}, {17, 17},
                                 {31, 31}, {32, 32}, {33, 33}, {33, 47}, {47, 33}, {2, 40},  {40, 2}};

}  // namespace

TEST("all 2520 checksums of Pillow 12.3.0 hold on every tier") {
  const std::map<std::string, uint32_t> goldens = read_goldens("data/pillow_12.3.0_crc32.json");
  EXPECT(goldens.size() == 2520);
  for (int isa : tiers()) {
    Context context = open(isa);
    int checked = 0;
    for (const char* name : {"A32", "B47x33", "S32"}) {
      const Batch image = golden_image(name);
      for (int32_t op = 0; op < QUERN_OP_INVERT; op++) {
        for (int level = 0; level < 30; level++) {
          for (int sign : {1, -1}) {
            const std::string key = std::string(name) + "/" + kNames[op] + "/L" + std::to_string(level) + "/" + (sign > 0 ? "+" : "-");
            const auto golden = goldens.find(key);
            const bool equal = golden != goldens.end() && golden->second == crc32(apply(context.get(), image, op, level_value(op, level, sign)));
            if (!equal) std::fprintf(stderr, "  %s\n", key.c_str());
            EXPECT(equal);
            checked++;
          }
        }
      }
    }
    EXPECT(checked == 2520);
  }
}

TEST("Pillow's bilinear checksums hold on every tier") {
  Batch image = golden_image("A32");
  image.resample = QUERN_BILINEAR;
  EXPECT(crc32(image.images) == 0x510c3460u);
  for (int isa : tiers()) {
    Context context = open(isa);
    EXPECT(crc32(apply(context.get(), image, QUERN_OP_ROTATE, 7.5)) == 0x5077f680u);
    EXPECT(crc32(apply(context.get(), image, QUERN_OP_ROTATE, -22.25)) == 0x716a7206u);
    EXPECT(crc32(apply(context.get(), image, QUERN_OP_ROTATE, 30)) == 0xe6ec84e2u);
    EXPECT(crc32(apply(context.get(), image, QUERN_OP_SHEAR_X, 0.21)) == 0x15ae0a75u);
  }
}

TEST("every op equals the oracle at 31 magnitudes, both signs, both resamplings and every small size") {
  auto random = seeded();
  for (const auto& [height, width] : kSizes) {
    Batch batch = noise_batch(random, 1, height, width);
    for (int32_t resample : {QUERN_NEAREST, QUERN_BILINEAR}) {
      batch.resample = resample;
      for (int32_t op = 0; op <= QUERN_OP_INVERT; op++) {
        for (int m = 0; m <= 30; m++) {
          for (int sign : {1, -1}) {
            const Batch one = single(batch, op, magnitude_value(op, m, sign));
            const std::vector<uint8_t> expected = oracle_chain(one);
            for (int isa : tiers()) {
              static std::map<int, Context> contexts;
              if (contexts[isa] == nullptr) contexts[isa] = open(isa);
              EXPECT(one.run(contexts[isa].get()) == expected);
            }
          }
        }
      }
    }
  }
}

TEST("every op equals the oracle at 224 x 224 and at sizes that are no multiple of anything") {
  auto random = seeded(1);
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int64_t side : {int64_t{224}, int64_t{131}}) {
      for (int32_t resample : {QUERN_NEAREST, QUERN_BILINEAR}) {
        Batch batch = noise_batch(random, 1, side, side - side % 3);
        batch.resample = resample;
        for (int32_t op = 0; op <= QUERN_OP_INVERT; op++) {
          const Batch one = single(batch, op, magnitude_value(op, static_cast<int>(random() % 31), random() % 2 == 0 ? 1 : -1));
          EXPECT(one.run(context.get()) == oracle_chain(one));
        }
      }
    }
  }
}

TEST("chains of random ops at continuous, extreme and absurd values equal the oracle at every shape around a cliff") {
  auto random = seeded(2);
  constexpr int64_t kCliffs[] = {1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65};
  int rows = 0;
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int64_t height : kCliffs) {
      for (int64_t width : kCliffs) {
        for (int32_t resample : {QUERN_NEAREST, QUERN_BILINEAR}) {
          Batch batch = noise_batch(random, 1 + static_cast<int64_t>(random() % 3), height, width);
          batch.resample = resample;
          draw_ops(random, batch, static_cast<int64_t>(random() % 5));
          EXPECT(batch.run(context.get()) == oracle_chain(batch));
          rows++;
        }
      }
    }
  }
  EXPECT(rows >= 288);
}

TEST("the longest sides work") {
  auto random = seeded(3);
  Context context = open();
  for (const auto& [height, width] : {std::pair<int64_t, int64_t>{1, 16384}, {16384, 1}, {16384, 3}, {5, 16384}}) {
    for (int32_t op : {QUERN_OP_ROTATE, QUERN_OP_SHEAR_X, QUERN_OP_SHEAR_Y, QUERN_OP_TRANSLATE_X, QUERN_OP_EQUALIZE, QUERN_OP_SHARPNESS}) {
      const Batch one = single(noise_batch(random, 1, height, width), op, uniform(random, -3, 3));
      EXPECT(one.run(context.get()) == oracle_chain(one));
    }
  }
}

TEST("rotation by any angle finds the same pixels as sine and cosine of the C library") {
  auto random = seeded(4);
  Context context = open();
  for (int i = 0; i < 2000; i++) {
    Batch batch = noise_batch(random, 1, 1 + static_cast<int64_t>(random() % 24), 1 + static_cast<int64_t>(random() % 24));
    batch.resample = i % 2;
    const Batch one = single(batch, QUERN_OP_ROTATE, i < 1441 ? (i - 720) * 0.5 : uniform(random, -1e4, 1e4));
    EXPECT(one.run(context.get()) == oracle_chain(one));
  }
}

TEST("the last row of a fractional translation is not mixed with the row above it") {
  // (lower − upper)·1 + upper is not lower: the weight of a row must not be carried over to the row before.
  const Image ramp = each_byte(33, 33, [](int64_t y, int64_t x, int64_t c) { return 40 + (x * (3 + c) + y * (5 - c)) % 120; });
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int i = 0; i < 400; i++) {
      Batch batch{1, 33, 33, ramp.bytes};
      batch.resample = QUERN_BILINEAR;
      const Batch one = single(batch, i % 2 == 0 ? QUERN_OP_TRANSLATE_X : QUERN_OP_TRANSLATE_Y, (i - 200) / 12.0);
      EXPECT(one.run(context.get()) == oracle_chain(one));
    }
  }
}

TEST("maps that leave 16.16 step in doubles, and smaller ones do not") {
  auto random = seeded(13);
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int64_t height : {30, 32, 33, 40}) {
      for (double value : {999 - 1e-7, 999 + 1e-7, -999 - 1e-7}) {
        const Batch one = single({1, height, 4096, noise(random, 3 * height * 4096)}, QUERN_OP_SHEAR_X, value);
        EXPECT(one.run(context.get()) == oracle_chain(one));
      }
    }
  }
}

TEST("every threshold, every number of bits and many factors act on every byte as they should") {
  const Image bytes = each_byte(16, 48, [](int64_t y, int64_t x, int64_t c) { return y * 48 + x + c * 85; });
  for (int isa : tiers()) {
    Context context = open(isa);
    auto check = [&](int32_t op, double value) {
      const Batch one = single({1, 16, 48, bytes.bytes}, op, value);
      EXPECT(one.run(context.get()) == oracle_chain(one));
    };
    for (int threshold = 0; threshold <= 256; threshold++) check(QUERN_OP_SOLARIZE, threshold);
    for (int kept = 0; kept <= 8; kept++) check(QUERN_OP_POSTERIZE, kept);
    for (int step = -40; step <= 120; step++) {
      for (int32_t op : {QUERN_OP_COLOR, QUERN_OP_CONTRAST, QUERN_OP_BRIGHTNESS, QUERN_OP_SHARPNESS}) check(op, step / 40.0);
    }
  }
}

TEST("grey levels half way between two round up") {
  std::vector<uint8_t> ties;
  for (int rgb = 0; rgb < 1 << 24; rgb++) {
    const int r = rgb >> 16, g = rgb >> 8 & 255, b = rgb & 255;
    if (((r * 19595 + g * 38470 + b * 7471) & 0xffff) != 0x8000) continue;
    for (int v : {r, g, b}) ties.push_back(static_cast<uint8_t>(v));
  }
  EXPECT(ties.size() >= 300);
  for (int isa : tiers()) {
    Context context = open(isa);
    const Batch one = single({1, 1, static_cast<int64_t>(ties.size() / 3), ties}, QUERN_OP_COLOR, 0);
    EXPECT(one.run(context.get()) == oracle_chain(one));
    // Alone, so that one wrong grey level moves the mean.
    for (size_t i = 0; i < 300; i += 3) {
      const Batch pixel = single({1, 1, 1, {ties[i], ties[i + 1], ties[i + 2]}}, QUERN_OP_CONTRAST, 0);
      EXPECT(pixel.run(context.get()) == oracle_chain(pixel));
    }
  }
}

TEST("a chain is the composition of its ops") {
  auto random = seeded(5);
  Context context = open();
  for (int i = 0; i < 300; i++) {
    Batch batch = noise_batch(random, 2, 1 + static_cast<int64_t>(random() % 40), 1 + static_cast<int64_t>(random() % 40));
    batch.resample = i % 2;
    draw_ops(random, batch, 4);
    Batch step = batch;
    step.chain = 1;
    for (size_t slot = 0; slot < 4; slot++) {
      step.ops = {batch.ops[slot], batch.ops[4 + slot]};
      step.values = {batch.values[slot], batch.values[4 + slot]};
      step.images = step.run(context.get());
    }
    EXPECT(batch.run(context.get()) == step.images);
  }
}

TEST("values that mean no change leave every byte") {
  auto random = seeded(6);
  constexpr struct {
    int32_t op;
    double value;
  } kNone[] = {{QUERN_OP_IDENTITY, 0},    {QUERN_OP_ROTATE, 0},      {QUERN_OP_ROTATE, 360},    {QUERN_OP_ROTATE, -720},  {QUERN_OP_SOLARIZE, 256},
               {QUERN_OP_COLOR, 1},       {QUERN_OP_POSTERIZE, 8},   {QUERN_OP_CONTRAST, 1},    {QUERN_OP_BRIGHTNESS, 1}, {QUERN_OP_SHARPNESS, 1},
               {QUERN_OP_SHEAR_X, 0},     {QUERN_OP_SHEAR_Y, 0},     {QUERN_OP_TRANSLATE_X, 0}, {QUERN_OP_TRANSLATE_Y, 0}};
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int i = 0; i < 40; i++) {
      Batch batch = noise_batch(random, 1, 1 + static_cast<int64_t>(random() % 40), 1 + static_cast<int64_t>(random() % 40));
      batch.resample = i % 2;
      for (const auto& none : kNone) EXPECT(apply(context.get(), batch, none.op, none.value) == batch.images);
    }
  }
}

TEST("ops that undo themselves do") {
  auto random = seeded(7);
  Context context = open();
  for (int i = 0; i < 200; i++) {
    const int64_t side = 1 + static_cast<int64_t>(random() % 40);
    Batch batch = noise_batch(random, 1, side, i % 2 == 0 ? side : 1 + static_cast<int64_t>(random() % 40));
    batch.resample = i / 2 % 2;
    auto twice = [&](int32_t op, double first, double second) {
      Batch again = batch;
      again.images = apply(context.get(), batch, op, first);
      return apply(context.get(), again, op, second) == batch.images;
    };
    EXPECT(twice(QUERN_OP_INVERT, 0, 0));
    EXPECT(twice(QUERN_OP_SOLARIZE, 0, 0));
    EXPECT(twice(QUERN_OP_ROTATE, 180, 180));
    if (batch.height == batch.width) EXPECT(twice(QUERN_OP_ROTATE, 90, 270));
    EXPECT(apply(context.get(), batch, QUERN_OP_SOLARIZE, 0) == apply(context.get(), batch, QUERN_OP_INVERT, 0));
  }
}

TEST("ops that are idempotent are") {
  auto random = seeded(8);
  Context context = open();
  for (int i = 0; i < 200; i++) {
    Batch batch = noise_batch(random, 1, 1 + static_cast<int64_t>(random() % 30), 1 + static_cast<int64_t>(random() % 30));
    const double bits = static_cast<double>(random() % 9);
    for (const auto& [op, value] : {std::pair<int32_t, double>{QUERN_OP_POSTERIZE, bits}, {QUERN_OP_COLOR, 0}, {QUERN_OP_BRIGHTNESS, 0}}) {
      Batch again = batch;
      again.images = apply(context.get(), batch, op, value);
      EXPECT(apply(context.get(), again, op, value) == again.images);
    }
  }
}

TEST("factor zero gives black, grey and one level") {
  auto random = seeded(9);
  Context context = open();
  for (int i = 0; i < 200; i++) {
    const Batch batch = noise_batch(random, 1, 1 + static_cast<int64_t>(random() % 30), 1 + static_cast<int64_t>(random() % 30));
    for (uint8_t byte : apply(context.get(), batch, QUERN_OP_BRIGHTNESS, 0)) EXPECT(byte == 0);
    for (uint8_t byte : apply(context.get(), batch, QUERN_OP_POSTERIZE, 0)) EXPECT(byte == 0);
    const auto grey = apply(context.get(), batch, QUERN_OP_COLOR, 0), level = apply(context.get(), batch, QUERN_OP_CONTRAST, 0);
    for (size_t j = 0; j < grey.size(); j++) EXPECT(grey[j] == grey[j / 3 * 3] && level[j] == level[0]);
  }
}

TEST("ops that look at values alone commute with any shuffle of the pixels") {
  auto random = seeded(10);
  Context context = open();
  for (int i = 0; i < 100; i++) {
    const Batch batch = noise_batch(random, 1, 1 + static_cast<int64_t>(random() % 30), 1 + static_cast<int64_t>(random() % 30));
    std::vector<size_t> order(static_cast<size_t>(batch.height * batch.width));
    for (size_t j = 0; j < order.size(); j++) order[j] = j;
    std::shuffle(order.begin(), order.end(), random);
    auto shuffled = [&](const std::vector<uint8_t>& bytes) {
      std::vector<uint8_t> moved(bytes.size());
      for (size_t j = 0; j < bytes.size(); j++) moved[j] = bytes[3 * order[j / 3] + j % 3];
      return moved;
    };
    Batch moved = batch;
    moved.images = shuffled(batch.images);
    for (int32_t op : {QUERN_OP_AUTO_CONTRAST, QUERN_OP_EQUALIZE, QUERN_OP_SOLARIZE, QUERN_OP_COLOR, QUERN_OP_POSTERIZE, QUERN_OP_CONTRAST, QUERN_OP_BRIGHTNESS, QUERN_OP_INVERT}) {
      const double value = any_value(random, op);
      EXPECT(apply(context.get(), moved, op, value) == shuffled(apply(context.get(), batch, op, value)));
    }
  }
}

TEST("a translation by whole pixels moves the content and leaves black behind") {
  auto random = seeded(11);
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int i = 0; i < 60; i++) {
      Batch batch = noise_batch(random, 1, 1 + static_cast<int64_t>(random() % 30), 1 + static_cast<int64_t>(random() % 30));
      batch.resample = i % 2;
      const int64_t shift = static_cast<int64_t>(random() % 60) - 30;
      const Image in = batch.image(0);
      const auto left = apply(context.get(), batch, QUERN_OP_TRANSLATE_X, static_cast<double>(shift));
      const auto up = apply(context.get(), batch, QUERN_OP_TRANSLATE_Y, static_cast<double>(shift));
      EXPECT(left == each_byte(in.height, in.width, [&](int64_t y, int64_t x, int64_t c) { return x + shift >= 0 && x + shift < in.width ? in.at(y, x + shift, c) : 0; }).bytes);
      EXPECT(up == each_byte(in.height, in.width, [&](int64_t y, int64_t x, int64_t c) { return y + shift >= 0 && y + shift < in.height ? in.at(y + shift, x, c) : 0; }).bytes);
    }
  }
}

TEST("shears of a transposed image are transposed") {
  auto random = seeded(12);
  Context context = open();
  auto transposed = [](const Image& in) { return each_byte(in.width, in.height, [&](int64_t y, int64_t x, int64_t c) { return in.at(x, y, c); }); };
  for (int i = 0; i < 200; i++) {
    Batch batch = noise_batch(random, 1, 1 + static_cast<int64_t>(random() % 30), 1 + static_cast<int64_t>(random() % 30));
    Batch turned{1, batch.width, batch.height, transposed(batch.image(0)).bytes};
    batch.resample = turned.resample = QUERN_NEAREST;
    const double value = uniform(random, -1, 1);
    Batch sheared = batch;
    sheared.images = apply(context.get(), batch, QUERN_OP_SHEAR_X, value);
    EXPECT(apply(context.get(), turned, QUERN_OP_SHEAR_Y, value) == transposed(sheared.image(0)).bytes);
  }
}
