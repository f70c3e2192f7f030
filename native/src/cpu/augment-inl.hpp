// Fused augment: per sample a chain of Pillow's ops on uint8, crop with padding, mirror, normalise to a float type, cutout.
//
// Shapes       images [B,H,W,3] uint8 → [B,h,w,3] or [B,3,h,w] of any type; ops and values [B,chain].
//              With an index several rows show one image: views of a sample from one read of the batch.
// Work split   one image is the work of one thread; small images are handed out in groups.
// Cache        an op reads an image and leaves its successor in the thread's scratch (in place where it maps pixel by pixel, ping-pong
//              where it looks at neighbours); the way out reads the last one. At 224² an intermediate (150 kB) stays in L2, at 32² in L1.
// Bytes        3 read and 3·(1, 2 or 4) written a pixel. Bound by writing float32: 5 bytes a value.
// Workspace    two images (one where the chain is a single op, none without ops) and two rows for every thread that can be busy.
// Determinism  a sample's result depends on the sample alone. Ops are integer arithmetic, float32 or float64 arithmetic with every
//              rounding written out, so all tiers give the same bits, and Pillow's (12.3.0).
// Error        ops: none. (v/255 − mean)/std is one fma of a scale and a bias computed in float64:
//              |error| ≤ (1/std + |mean|/std + |result|)·2^-24, below 1e-6 for the usual normalisations; bfloat16 and float16 round that once
//              more.
// Sources      Pillow's ImageOps, ImageEnhance, ImageFilter.SMOOTH and affine transforms; the op space of RandAugment (Cubuk et al. 2020)
//              and TrivialAugment (Müller & Hutter 2021); cutout (DeVries & Taylor 2017).
#pragma once

#include "augment_colour-inl.hpp"
#include "augment_geometry-inl.hpp"
#include "augment_ops.h"
#include "augment_output-inl.hpp"
#include "backend.hpp"
#include "memory.hpp"
#include "parallel_for.hpp"

namespace quern::QUERN_TIER::imaging {

// Behind every scratch image: a pixel is stored as four bytes.
constexpr int64_t kImageMargin = 64;
// Output bytes of a task, so that handing out tasks costs nothing beside them.
constexpr int64_t kTaskBytes = 1 << 17;

struct AugmentScratch {
  uint8_t* images;   // one or two images with their margin, or NULL
  uint8_t* rows;     // two rows of the output
  int32_t* columns;  // [width]
  int64_t image_bytes;
};

inline bool moves_pixels(int32_t op) {
  return op == QUERN_OP_ROTATE || (op >= QUERN_OP_SHARPNESS && op <= QUERN_OP_TRANSLATE_Y);
}

// Returns where the result lies: the image itself or an image of the scratch.
inline const uint8_t* apply_op(const uint8_t* image, ImageSize size, int32_t op, double value, int32_t resample, const AugmentScratch& s) {
  if (leaves_as_is(op, value)) return image;
  const bool in_scratch = image == s.images || image == s.images + s.image_bytes;
  uint8_t* target = s.images;
  if (in_scratch && moves_pixels(op)) target = image == s.images ? s.images + s.image_bytes : s.images;
  if (in_scratch && !moves_pixels(op)) target = image == s.images ? s.images : s.images + s.image_bytes;
  uint8_t table[256];
  if (op == QUERN_OP_AUTO_CONTRAST) {
    auto_contrast(image, size.pixels(), target);
  } else if (op == QUERN_OP_EQUALIZE) {
    equalize(image, size.pixels(), target);
  } else if (op == QUERN_OP_COLOR) {
    color(image, size.pixels(), blend_factor(value), target);
  } else if (op == QUERN_OP_SHARPNESS) {
    sharpness(image, size, blend_factor(value), target);
  } else if (byte_table(op, value, image, size.pixels(), table)) {
    map_bytes(image, size.pixels(), table, target);
  } else {
    sample(image, size, affine_of(op, value, size.height, size.width), resample, s.columns, target);
  }
  return target;
}

inline void augment_sample(const quern_augment_params& p, const Output& o, int64_t b, const AugmentScratch& s, uint8_t* output) {
  const ImageSize size = {p.height, p.width};
  const uint8_t* image = p.images + (p.image_index == nullptr ? b : p.image_index[b]) * 3 * size.pixels();
  for (int64_t slot = 0; slot < p.chain; slot++) {
    image = apply_op(image, size, p.ops[b * p.chain + slot], p.values[b * p.chain + slot], p.resample, s);
  }
  const Placement at = {p.crop_y == nullptr ? 0 : p.crop_y[b], p.crop_x == nullptr ? 0 : p.crop_x[b], p.flip != nullptr && p.flip[b] != 0 ? 1 : 0};
  uint8_t* out = output + b * o.bytes();
  put_image(o, image, size, at, s.rows, out);
  if (p.cutout_y != nullptr && o.cutout > 0) cut_out(o, p.cutout_y[b], p.cutout_x[b], out);
}

}  // namespace quern::QUERN_TIER::imaging

namespace quern::QUERN_TIER {

inline void augment(Workbench& bench, const quern_augment_params& p, void* output) {
  using namespace imaging;
  Output o = {{p.out_height, p.out_width}, p.out_dtype, p.out_layout, p.padding, p.cutout, {}};
  fill_patterns(p.mean, p.std, bench.arena.take<float>(3 * 256), o.patterns);
  const int64_t group = kTaskBytes / o.bytes() + 1, tasks = (p.batch + group - 1) / group;
  // With fewer tasks than threads every task has its own scratch, otherwise every thread.
  const bool by_task = tasks < bench.pool.threads();
  const int64_t workers = by_task ? tasks : bench.pool.threads();
  const int64_t image_bytes = (3 * p.height * p.width + kImageMargin + 63) / 64 * 64;
  const int64_t row_bytes = (6 * p.out_width + 63) / 64 * 64;
  const int64_t images = p.chain < 2 ? p.chain : 2;
  uint8_t* image_scratch = bench.arena.take<uint8_t>(workers * images * image_bytes);
  uint8_t* row_scratch = bench.arena.take<uint8_t>(workers * row_bytes);
  int32_t* columns = bench.arena.take<int32_t>(workers * ((p.width + 15) / 16 * 16));
  bench.pool.parallel_for(tasks, [&](int64_t task, int worker) {
    const int64_t mine = by_task ? task : worker;
    const AugmentScratch s = {images == 0 ? nullptr : image_scratch + mine * images * image_bytes, row_scratch + mine * row_bytes,
                              columns + mine * ((p.width + 15) / 16 * 16), image_bytes};
    const int64_t end = least((task + 1) * group, p.batch);
    for (int64_t b = task * group; b < end; b++) augment_sample(p, o, b, s, static_cast<uint8_t*>(output));
  });
}

}  // namespace quern::QUERN_TIER
