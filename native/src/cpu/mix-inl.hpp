// Erasing and mixing: rectangles of a batch set to colours; weighted sums of images with boxes taken from another image.
//
// Shapes       images [B,H,W,3] or [B,3,H,W] of any type; a rectangle is one run of elements a row (interleaved) or three (planar).
// Work split   erase: an image and its rectangles are the work of one thread. mix: an output image is; small ones are handed out in groups.
// Bytes        erase: those of the rectangles, written once. mix: every source read and the output written once, through 2 kB of float32.
//              Bound by memory.
// Determinism  mix rounds every product and every sum to float32, in the order of the sources: the same bits on every tier.
// Error        of a float32 sum of k sources: k·2^-24 of the sum of the magnitudes; bfloat16 and float16 round that once more.
// Sources      Zhong et al. 2020, DeVries & Taylor 2017; Zhang et al. 2018, Yun et al. 2019, Hendrycks et al. 2020.
#pragma once

#include <cstring>

#include "backend.hpp"
#include "element_math.h"
#include "memory.hpp"
#include "parallel_for.hpp"

namespace quern::QUERN_TIER::mixing {

// Elements summed in float32 at a time.
constexpr int64_t kRun = 512;
// Output bytes of a task, so that handing out tasks costs nothing beside them.
constexpr int64_t kMixTaskBytes = 1 << 17;

struct Grid {
  int64_t height, width, channels, planes;  // channels of a plane: 3 in one plane, or 1 in each of three
  int64_t elements() const { return 3 * height * width; }
};

inline Grid grid_of(int64_t height, int64_t width, int32_t layout) {
  return layout == QUERN_NCHW ? Grid{height, width, 1, 3} : Grid{height, width, 3, 1};
}

// Calls run(first element, elements, plane) for every row of a box [y0, x0, y1, x1) clipped to the image.
template <class Run>
inline void each_run(const Grid& g, const int32_t* box, const Run& run) {
  const int64_t top = box[0] < 0 ? 0 : box[0], bottom = box[2] < g.height ? box[2] : g.height;
  const int64_t left = box[1] < 0 ? 0 : box[1], right = box[3] < g.width ? box[3] : g.width;
  if (left >= right) return;
  for (int64_t plane = 0; plane < g.planes; plane++) {
    for (int64_t y = top; y < bottom; y++) run(((plane * g.height + y) * g.width + left) * g.channels, (right - left) * g.channels, plane);
  }
}

template <class T>
inline void erase_box(const Grid& g, const int32_t* box, const float* color, T* image) {
  T fill[3];
  for (int c = 0; c < 3; c++) element_of(color[c], &fill[c]);
  each_run(g, box, [&](int64_t at, int64_t count, int64_t plane) {
    for (int64_t i = 0; i < count; i += g.channels) {
      for (int64_t c = 0; c < g.channels; c++) image[at + i + c] = fill[plane + c];
    }
  });
}

template <class T>
inline void erase_images(Workbench& bench, const quern_erase_params& p, T* images) {
  const Grid g = grid_of(p.height, p.width, p.layout);
  int64_t* first = bench.arena.take<int64_t>(p.batch + 1);
  int64_t box = 0;
  for (int64_t b = 0; b <= p.batch; b++) {
    while (box < p.count && p.boxes[5 * box] < b) box++;
    first[b] = box;
  }
  const float black[3] = {0, 0, 0};
  bench.pool.parallel_for(p.batch, [&](int64_t b, int) {
    for (int64_t r = first[b]; r < first[b + 1]; r++) {
      erase_box(g, p.boxes + 5 * r + 1, p.colors == nullptr ? black : p.colors + 3 * r, images + b * g.elements());
    }
  });
}

template <class T>
inline void sum_images(const quern_mix_params& p, const T* images, int64_t elements, int64_t b, T* out) {
  const int32_t* rows = p.rows + b * p.sources;
  const float* weights = p.weights + b * p.sources;
  float sums[kRun];
  for (int64_t at = 0; at < elements; at += kRun) {
    const int64_t count = elements - at < kRun ? elements - at : kRun;
    const T* source = images + rows[0] * elements + at;
    for (int64_t i = 0; i < count; i++) sums[i] = weights[0] * value_of(source[i]);
    for (int64_t k = 1; k < p.sources; k++) {
      source = images + rows[k] * elements + at;
      for (int64_t i = 0; i < count; i++) sums[i] += weights[k] * value_of(source[i]);
    }
    for (int64_t i = 0; i < count; i++) element_of(sums[i], out + at + i);
  }
}

template <class T>
inline void mix_images(Workbench& bench, const quern_mix_params& p, const T* images, T* output) {
  const Grid g = grid_of(p.height, p.width, p.layout);
  const int64_t elements = g.elements();
  const int64_t group = kMixTaskBytes / (elements * static_cast<int64_t>(sizeof(T))) + 1;
  bench.pool.parallel_for((p.batch + group - 1) / group, [&](int64_t task, int) {
    const int64_t end = (task + 1) * group < p.batch ? (task + 1) * group : p.batch;
    for (int64_t b = task * group; b < end; b++) {
      T* out = output + b * elements;
      sum_images(p, images, elements, b, out);
      if (p.boxes == nullptr) continue;
      const T* other = images + p.rows[b * p.sources + 1] * elements;
      each_run(g, p.boxes + 4 * b, [&](int64_t at, int64_t count, int64_t) {
        std::memcpy(out + at, other + at, static_cast<size_t>(count) * sizeof(T));
      });
    }
  });
}

}  // namespace quern::QUERN_TIER::mixing

namespace quern::QUERN_TIER {

inline void erase(Workbench& bench, const quern_erase_params& p) {
  with_element(p.dtype, [&](auto element) { mixing::erase_images(bench, p, static_cast<decltype(element)*>(p.images)); });
}

inline void mix(Workbench& bench, const quern_mix_params& p, void* output) {
  with_element(p.dtype, [&](auto element) {
    using Element = decltype(element);
    mixing::mix_images(bench, p, static_cast<const Element*>(p.images), static_cast<Element*>(output));
  });
}

}  // namespace quern::QUERN_TIER
