#include <atomic>
#include <thread>

#include "augment_call.hpp"
#include "memory.hpp"

using namespace quern::test;

namespace {

// Everything at once: chains, padding, mirror, cutout.
Batch rich_batch(std::mt19937_64& random, int64_t count, int64_t height, int64_t width, int32_t dtype) {
  Batch batch = noise_batch(random, count, height, width);
  draw_ops(random, batch, static_cast<int64_t>(random() % 5));
  batch.resample = static_cast<int32_t>(random() % 2);
  for (int64_t b = 0; b < count; b++) {
    batch.crop_y.push_back(static_cast<int32_t>(random() % 9) - 4);
    batch.crop_x.push_back(static_cast<int32_t>(random() % 9) - 4);
    batch.flip.push_back(static_cast<uint8_t>(random() % 2));
    batch.cutout_y.push_back(static_cast<int32_t>(random() % 32));
    batch.cutout_x.push_back(static_cast<int32_t>(random() % 32));
  }
  batch.cutout = 8;
  batch.out_dtype = dtype;
  batch.out_layout = static_cast<int32_t>(random() % 2);
  return batch;
}

// The b-th sample alone.
Batch sample_of(const Batch& batch, int64_t b) {
  Batch one = batch;
  const size_t s = static_cast<size_t>(b);
  one.batch = 1;
  one.images = batch.image(b).bytes;
  one.ops.assign(batch.ops.begin() + b * batch.chain, batch.ops.begin() + (b + 1) * batch.chain);
  one.values.assign(batch.values.begin() + b * batch.chain, batch.values.begin() + (b + 1) * batch.chain);
  one.crop_y = {batch.crop_y[s]};
  one.crop_x = {batch.crop_x[s]};
  one.flip = {batch.flip[s]};
  one.cutout_y = {batch.cutout_y[s]};
  one.cutout_x = {batch.cutout_x[s]};
  return one;
}

}  // namespace

TEST("every tier and every thread count returns the same bits") {
  auto random = seeded();
  std::vector<Batch> batches;
  for (int32_t dtype : {QUERN_UINT8, QUERN_FLOAT32, QUERN_BFLOAT16, QUERN_FLOAT16}) {
    for (int i = 0; i < 6; i++) batches.push_back(rich_batch(random, 1 + static_cast<int64_t>(random() % 90), 32, i < 3 ? 32 : 45, dtype));
  }
  std::vector<std::vector<uint8_t>> expected;
  Context reference = open(QUERN_ISA_BASELINE, 1);
  for (const Batch& batch : batches) expected.push_back(batch.run(reference.get()));
  for (int isa : tiers()) {
    for (int threads : {1, 2, 3, 4, 7, 8, 16, 32}) {
      Context context = open(isa, threads);
      for (size_t i = 0; i < batches.size(); i++) EXPECT(batches[i].run(context.get()) == expected[i]);
    }
  }
}

TEST("a batch is the loop over its samples, in any order") {
  auto random = seeded(1);
  Context context = open();
  for (int i = 0; i < 20; i++) {
    const Batch batch = rich_batch(random, 37, 17, 33, i % 4);
    const std::vector<uint8_t> out = batch.run(context.get());
    const size_t bytes = out.size() / 37;
    for (int64_t b = 36; b >= 0; b--) {
      const std::vector<uint8_t> one = sample_of(batch, b).run(context.get());
      EXPECT(std::equal(one.begin(), one.end(), out.begin() + static_cast<int64_t>(bytes) * b));
    }
  }
}

TEST("an index lets rows show the same image, each with its own ops and placement") {
  auto random = seeded(9);
  for (int isa : tiers()) {
    Context context = open(isa);
    for (int64_t count : {1, 5, 40}) {
      Batch rows = rich_batch(random, 3 * count, 20, 33, static_cast<int32_t>(count % 4));
      Batch views = rows;
      views.image_count = count;
      views.images.resize(static_cast<size_t>(3 * 20 * 33 * count));
      for (int64_t b = 0; b < rows.batch; b++) {
        const int32_t shown = static_cast<int32_t>(random() % static_cast<uint64_t>(count));
        views.image_index.push_back(shown);
        std::copy_n(views.images.begin() + shown * 3 * 20 * 33, 3 * 20 * 33, rows.images.begin() + b * 3 * 20 * 33);
      }
      EXPECT(views.run(context.get()) == rows.run(context.get()));
    }
  }
}

TEST("an empty batch is fine and touches nothing") {
  Context context = open();
  quern_augment_params p{};
  p.height = p.width = 32;
  EXPECT(quern_augment(context.get(), &p, nullptr) == QUERN_OK);
}

TEST("bad arguments are refused by name, value and what is allowed, before the output is touched") {
  Context context = open();
  auto random = seeded(2);
  Batch good = rich_batch(random, 2, 8, 8, QUERN_FLOAT32);
  good.chain = 2;
  good.ops = {QUERN_OP_INVERT, QUERN_OP_INVERT, QUERN_OP_INVERT, QUERN_OP_INVERT};
  good.values = {0, 0, 0, 0};
  good.padding = QUERN_PAD_ZERO;
  // As large as the largest output that a case asks for, or it might lie before the images and overlap them.
  std::vector<float> out(static_cast<size_t>(2 * 3 * 16 * 8) + 1, -7.0f);
  auto refuses = [&](const char* text, auto change) {
    Batch batch = good;
    quern_augment_params p{};
    if constexpr (std::is_invocable_v<decltype(change), Batch&>) {
      change(batch);
      p = batch.params();
    } else {
      p = good.params();
      change(p);
    }
    const bool as_told = refused(quern_augment(context.get(), &p, out.data()), QUERN_INVALID_ARGUMENT, text);
    EXPECT(as_told);
    EXPECT(std::all_of(out.begin(), out.end(), [](float v) { return v == -7.0f; }));
  };
  using Params = quern_augment_params;
  refuses("batch is -1, allowed: ≥ 0", [](Params& p) { p.batch = -1; });
  refuses("height is 0, allowed: 1 … 16384", [](Params& p) { p.height = 0; });
  refuses("height is 16385, allowed: 1 … 16384", [](Params& p) { p.height = 16385; });
  refuses("width is -3, allowed: 1 … 16384", [](Params& p) { p.width = -3; });
  refuses("width is 9223372036854775807", [](Params& p) { p.width = INT64_MAX; });
  refuses("chain is 5, allowed: 0 … 4", [](Params& p) { p.chain = 5; });
  refuses("chain is -1, allowed: 0 … 4", [](Params& p) { p.chain = -1; });
  refuses("resample is 2, allowed: 0 … 1", [](Params& p) { p.resample = 2; });
  refuses("out_height is -1, allowed: 0 … 16384", [](Params& p) { p.out_height = -1; });
  refuses("out_width is 16385, allowed: 0 … 16384", [](Params& p) { p.out_width = 16385; });
  refuses("padding is -1, allowed: 0 … 1", [](Params& p) { p.padding = -1; });
  refuses("cutout is -1, allowed: ≥ 0", [](Params& p) { p.cutout = -1; });
  refuses("out_dtype is 4, allowed: 0 … 3", [](Params& p) { p.out_dtype = 4; });
  refuses("out_layout is 2, allowed: 0 … 1", [](Params& p) { p.out_layout = 2; });
  refuses("image_count is -1, allowed: ≥ 0", [](Params& p) { p.image_count = -1; });
  refuses("image_count is 7, allowed without image_index: 0 or batch, 2", [](Params& p) { p.image_count = 7; });
  const int32_t index[] = {0, 2};
  refuses("image_index[1] is 2, allowed: 0 … 1", [&](Params& p) {
    p.image_index = index;
    p.image_count = 2;
  });
  refuses("images is NULL", [](Params& p) { p.images = nullptr; });
  refuses("ops is NULL", [](Params& p) { p.ops = nullptr; });
  refuses("values is NULL", [](Params& p) { p.values = nullptr; });
  refuses("cutout_x is NULL, allowed: both", [](Params& p) { p.cutout_x = nullptr; });
  refuses("cutout_y is NULL, allowed: both", [](Params& p) { p.cutout_y = nullptr; });
  refuses("ops overflows", [](Params& p) { p.batch = INT64_MAX; });
  refuses("overflows", [](Params& p) { p.batch = INT64_MAX / 4; });
  refuses("output overlaps images", [&](Params& p) { p.images = reinterpret_cast<const uint8_t*>(out.data()) + 5; });
  refuses("ops[0,1] is 15, allowed: 0 … 14", [](Batch& b) { b.ops[1] = 15; });
  refuses("ops[1,0] is -1, allowed: 0 … 14", [](Batch& b) { b.ops[2] = -1; });
  refuses("flip[1] is 2, allowed: 0 … 1", [](Batch& b) { b.flip[1] = 2; });
  refuses("mean[1] is nan, allowed: finite values", [](Batch& b) { b.mean[1] = NAN; });
  refuses("std[2] is 0, allowed: finite values > 0", [](Batch& b) { b.std[2] = 0; });
  refuses("std[0] is -0.5, allowed: finite values > 0", [](Batch& b) { b.std[0] = -0.5f; });
  refuses("std[1] is inf, allowed: finite values > 0", [](Batch& b) { b.std[1] = INFINITY; });
  refuses("std[0] is nan, allowed: finite values > 0", [](Batch& b) { b.std[0] = NAN; });
  refuses("std[0] is 1e-39, allowed with mean 0.4914: (|mean| + 1)/std up to 1e+38", [](Batch& b) { b.std[0] = 1e-39f; });
  refuses("std[1] is 1e-05, allowed with mean 0.4822: (|mean| + 1)/std up to 60000", [](Batch& b) {
    b.out_dtype = QUERN_FLOAT16;
    b.std[1] = 1e-5f;
  });
  auto value = [&](const char* text, int32_t op, double v) {
    refuses(text, [&](Batch& b) {
      b.ops[3] = op;
      b.values[3] = v;
    });
  };
  value("values[1,1] is 256.5, allowed: thresholds 0 … 256", QUERN_OP_SOLARIZE, 256.5);
  value("values[1,1] is -1, allowed: thresholds 0 … 256", QUERN_OP_SOLARIZE, -1);
  value("values[1,1] is nan, allowed: thresholds 0 … 256", QUERN_OP_SOLARIZE, NAN);
  value("values[1,1] is 9, allowed: whole bits 0 … 8", QUERN_OP_POSTERIZE, 9);
  value("values[1,1] is 3.5, allowed: whole bits 0 … 8", QUERN_OP_POSTERIZE, 3.5);
  value("values[1,1] is -1, allowed: whole bits 0 … 8", QUERN_OP_POSTERIZE, -1);
  value("values[1,1] is nan, allowed: whole bits 0 … 8", QUERN_OP_POSTERIZE, NAN);
  for (int32_t op : {QUERN_OP_ROTATE, QUERN_OP_COLOR, QUERN_OP_CONTRAST, QUERN_OP_BRIGHTNESS, QUERN_OP_SHARPNESS, QUERN_OP_SHEAR_X, QUERN_OP_SHEAR_Y,
                     QUERN_OP_TRANSLATE_X, QUERN_OP_TRANSLATE_Y}) {
    value("values[1,1] is nan, allowed: finite values", op, NAN);
    value("values[1,1] is inf, allowed: finite values", op, INFINITY);
    value("values[1,1] is -inf, allowed: finite values", op, -INFINITY);
  }
  auto reflect = [&](const char* text, bool vertical, int32_t offset) {
    refuses(text, [&](Batch& b) {
      b.padding = QUERN_PAD_REFLECT;
      b.crop_y = b.crop_x = {0, 0};
      (vertical ? b.crop_y : b.crop_x)[1] = offset;
    });
  };
  reflect("crop_y[1] is -8, allowed with reflection of 8 to 8 pixels: -7 … 7", true, -8);
  reflect("crop_x[1] is 8, allowed with reflection", false, 8);
  reflect("crop_x[1] is -2147483648, allowed with reflection", false, INT32_MIN);
  refuses("crop_y[0] is 0, allowed with reflection of 8 to 16 pixels: -7 … -1", [](Batch& b) {
    b.padding = QUERN_PAD_REFLECT;
    b.crop_y.clear();
    b.out_height = 16;
  });
  const quern_augment_params p = good.params();
  EXPECT(refused(quern_augment(context.get(), &p, nullptr), QUERN_INVALID_ARGUMENT, "output is NULL"));
  EXPECT(refused(quern_augment(context.get(), &p, reinterpret_cast<uint8_t*>(out.data()) + 1), QUERN_INVALID_ARGUMENT, "output is not aligned"));
  EXPECT(refused(quern_augment(nullptr, &p, out.data()), QUERN_INVALID_ARGUMENT, "context is NULL"));
  EXPECT(refused(quern_augment(context.get(), nullptr, out.data()), QUERN_INVALID_ARGUMENT, "params is NULL"));
  EXPECT(quern_augment(context.get(), &p, out.data()) == QUERN_OK);
}

TEST("an op without a parameter does not look at its value") {
  auto random = seeded(3);
  Context context = open();
  for (int32_t op : {QUERN_OP_IDENTITY, QUERN_OP_AUTO_CONTRAST, QUERN_OP_EQUALIZE, QUERN_OP_INVERT}) {
    Batch batch = noise_batch(random, 1, 9, 9);
    batch.chain = 1;
    batch.ops = {op};
    batch.values = {NAN};
    EXPECT(batch.run(context.get()) == oracle_chain(batch));
  }
}

TEST("absurd but finite values and factors end, and stay inside the image") {
  auto random = seeded(4);
  for (int isa : tiers()) {
    Context context = open(isa);
    for (double huge : {1e9, 1e18, 1e300, 1.7976931348623157e308, 5e-324}) {
      for (int sign : {1, -1}) {
        for (int32_t op = QUERN_OP_ROTATE; op <= QUERN_OP_TRANSLATE_Y; op++) {
          if (op == QUERN_OP_SOLARIZE || op == QUERN_OP_POSTERIZE) continue;
          for (int32_t resample : {QUERN_NEAREST, QUERN_BILINEAR}) {
            Batch batch{1, 33, 20, noise(random, 3 * 33 * 20)};
            batch.chain = 1;
            batch.ops = {op};
            batch.values = {sign * huge};
            batch.resample = resample;
            const std::vector<uint8_t> out = batch.run(context.get());
            const bool translates = op >= QUERN_OP_TRANSLATE_X;
            if (translates && huge > 1) EXPECT(std::all_of(out.begin(), out.end(), [](uint8_t v) { return v == 0; }));
            if (huge < 1 && op >= QUERN_OP_SHEAR_X) EXPECT(out == batch.images);
          }
        }
      }
    }
  }
}

TEST("a factor beyond float32 acts as the largest float32") {
  auto random = seeded(5);
  Context context = open();
  for (int32_t op : {QUERN_OP_COLOR, QUERN_OP_CONTRAST, QUERN_OP_BRIGHTNESS, QUERN_OP_SHARPNESS}) {
    for (double sign : {1.0, -1.0}) {
      Batch batch = noise_batch(random, 1, 12, 12);
      batch.chain = 1;
      batch.ops = {op};
      batch.values = {sign * 3.4028234663852886e38};
      const std::vector<uint8_t> largest = batch.run(context.get());
      batch.values = {sign * 1e300};
      EXPECT(batch.run(context.get()) == largest);
    }
  }
}

TEST("when memory fails the call says so and the next one is right") {
  auto random = seeded(6);
  const Batch batch = rich_batch(random, 9, 400, 400, QUERN_FLOAT32);
  const std::vector<uint8_t> expected = batch.run(open().get());
  const int64_t before = quern::live_blocks();
  std::vector<uint8_t> out(batch.out_bytes());
  const quern_augment_params p = batch.params();
  int64_t failures_seen = 0;
  for (int64_t n = 1;; n++) {
    Context context = open();
    quern::fail_allocation(n);
    const int32_t status = quern_augment(context.get(), &p, out.data());
    quern::fail_allocation(0);
    if (status == QUERN_OK) break;
    EXPECT(status == QUERN_OUT_OF_MEMORY);
    failures_seen++;
    EXPECT(batch.run(context.get()) == expected);
  }
  EXPECT(failures_seen >= 1);
  EXPECT(quern::live_blocks() == before);
}

TEST("the workspace stops growing after the first calls") {
  auto random = seeded(7);
  Context context = open();
  const Batch small = rich_batch(random, 5, 20, 20, QUERN_FLOAT32), large = rich_batch(random, 20, 150, 170, QUERN_BFLOAT16);
  for (int i = 0; i < 3; i++) large.run(context.get());
  const int64_t bytes = quern_context_workspace_bytes(context.get());
  EXPECT(bytes <= (int64_t{4} << 20));
  for (int i = 0; i < 50; i++) {
    small.run(context.get());
    large.run(context.get());
    EXPECT(quern_context_workspace_bytes(context.get()) == bytes);
  }
}

TEST("eight threads on one context get the serial bits") {
  auto random = seeded(8);
  std::vector<Batch> batches;
  std::vector<std::vector<uint8_t>> expected;
  Context context = open();
  for (int i = 0; i < 8; i++) {
    batches.push_back(rich_batch(random, 1 + i, 16 + i, 40 - i, i % 4));
    expected.push_back(batches.back().run(context.get()));
  }
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (size_t t = 0; t < 8; t++) {
    callers.emplace_back([&, t] {
      for (size_t i = 0; i < 25; i++) {
        const Batch& batch = batches[(t + i) % 8];
        std::vector<uint8_t> out(batch.out_bytes());
        const quern_augment_params p = batch.params();
        if (quern_augment(context.get(), &p, out.data()) != QUERN_OK || out != expected[(t + i) % 8]) wrong++;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT(wrong == 0);
}
