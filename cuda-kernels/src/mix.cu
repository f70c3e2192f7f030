// Erasing and mixing: rectangles of a batch set to colours; weighted sums of images with boxes taken from another image.
//
// Shapes       as quern_erase and quern_mix: images [B,H,W,3] or [B,3,H,W] of any type.
// Work split   erase: up to 8 blocks of 256 threads a rectangle, a thread a pixel at a time, which it leaves alone where a later rectangle of the
//              same image covers it: the order needs no barrier. mix: a thread four neighbouring pixels of an output, as three groups of four
//              elements, all sources of a group in turn.
// Bytes        erase: those of the rectangles, written once. mix: every source read and the output written once. Bound by memory.
// Bits         those of the CPU kernel: both round every product and every sum to float32, in the order of the sources.
// Error        as quern_mix.
// A rectangle of an image outside [0, B) is left out; an output with a source outside [0, count) is 0.
#include "four.cuh"
#include "quern_cuda.hpp"

namespace quern::cuda {
namespace mixing {

constexpr int kThreads = 256;
constexpr int kBlocksPerMultiprocessor = 8;
constexpr int64_t kMostBlocksPerBox = 8;
constexpr int64_t kPixelsPerBlock = 4096;

// Rows [top, bottom) and columns [left, right).
struct Box {
  int top, left, bottom, right;

  __device__ explicit Box(const int32_t* sides) : top(sides[0]), left(sides[1]), bottom(sides[2]), right(sides[3]) {}
  __device__ void clip(int height, int width) {
    top = max(top, 0);
    left = max(left, 0);
    bottom = max(min(bottom, height), top);
    right = max(min(right, width), left);
  }
  __device__ bool holds(int y, int x) const { return y >= top && x >= left && y < bottom && x < right; }
};

__device__ inline bool covered_later(const quern_erase_params& p, int64_t box, int y, int x) {
  for (int64_t later = box + 1; later < p.count && p.boxes[5 * later] == p.boxes[5 * box]; later++) {
    if (Box(p.boxes + 5 * later + 1).holds(y, x)) return true;
  }
  return false;
}

template <class Element>
__device__ void erase_box(const quern_erase_params& p, int64_t r, int first, int step) {
  const int height = static_cast<int>(p.height), width = static_cast<int>(p.width), pixels = height * width;
  const int64_t image = p.boxes[5 * r];
  if (image < 0 || image >= p.batch) return;
  Box box(p.boxes + 5 * r + 1);
  box.clip(height, width);
  Element color[3];
  for (int c = 0; c < 3; c++) element_of(p.colors == nullptr ? 0.0f : p.colors[3 * r + c], color + c);
  Element* out = static_cast<Element*>(p.images) + image * 3 * pixels;
  const int columns = box.right - box.left, area = (box.bottom - box.top) * columns;
  for (int i = first; i < area; i += step) {
    const int y = box.top + i / columns, x = box.left + i % columns;
    if (covered_later(p, r, y, x)) continue;
    const int64_t pixel = int64_t{y} * width + x;
    for (int c = 0; c < 3; c++) out[p.layout == QUERN_NCHW ? int64_t{c} * pixels + pixel : 3 * pixel + c] = color[c];
  }
}

// parts: blocks that share a rectangle.
template <class Element>
__global__ void __launch_bounds__(kThreads) erase_boxes(quern_erase_params p, int64_t parts) {
  for (int64_t item = blockIdx.x; item < p.count * parts; item += gridDim.x) {
    const int part = static_cast<int>(item % parts);
    erase_box<Element>(p, item / parts, part * kThreads + static_cast<int>(threadIdx.x), static_cast<int>(parts) * kThreads);
  }
}

__device__ inline bool has_sources(const quern_mix_params& p, int64_t b) {
  for (int64_t k = 0; k < p.sources; k++) {
    if (p.rows[b * p.sources + k] < 0 || p.rows[b * p.sources + k] >= p.count) return false;
  }
  return true;
}

// Bit i: pixel first + i lies in output b's box.
__device__ inline unsigned boxed_pixels(const quern_mix_params& p, int64_t b, int first) {
  if (p.boxes == nullptr) return 0;
  const Box box(p.boxes + 4 * b);
  const int width = static_cast<int>(p.width);
  int y = first / width, x = first % width;
  unsigned boxed = 0;
  for (int i = 0; i < 4; i++) {
    boxed |= box.holds(y, x) ? 1u << i : 0u;
    x++;
    if (x == width) {
      x = 0;
      y++;
    }
  }
  return boxed;
}

template <class Element>
__device__ __forceinline__ Four<Element> mixed(const quern_mix_params& p, int64_t b, const Group& at, bool at_once) {
  const int64_t elements = 3 * p.height * p.width;
  float sums[4] = {-0.0f, -0.0f, -0.0f, -0.0f};  // which leaves the first product as it is
  for (int64_t k = 0; k < p.sources; k++) {
    const Element* source = static_cast<const Element*>(p.images) + p.rows[b * p.sources + k] * elements;
    const Four<Element> four = load_four(source + at.begin, at.left, at_once);
    const float weight = p.weights[b * p.sources + k];
#pragma unroll
    for (int i = 0; i < 4; i++) sums[i] += weight * value_of(four.element[i]);
  }
  Four<Element> result;
#pragma unroll
  for (int i = 0; i < 4; i++) element_of(sums[i], result.element + i);
  return result;
}

template <class Element>
__device__ void mix_quad(const quern_mix_params& p, int64_t b, int first, bool at_once, Element* output) {
  const int pixels = static_cast<int>(p.height * p.width);
  const bool known = has_sources(p, b), planar = p.layout == QUERN_NCHW;
  const unsigned boxed = boxed_pixels(p, b, first);
#pragma unroll
  for (int g = 0; g < 3; g++) {
    const Group at(planar, pixels, first, g);
    Four<Element> four{};
    if (known) four = mixed<Element>(p, b, at, at_once);
    if (known && boxed != 0) {
      const Element* other = static_cast<const Element*>(p.images) + p.rows[b * p.sources + 1] * 3 * pixels;
      const Four<Element> taken = load_four(other + at.begin, at.left, at_once);
#pragma unroll
      for (int i = 0; i < 4; i++) {
        if ((boxed >> (planar ? i : (4 * g + i) / 3) & 1u) != 0) four.element[i] = taken.element[i];
      }
    }
    store_four(output + b * 3 * pixels + at.begin, four, at.left, at_once);
  }
}

// parts: blocks that an output needs.
template <class Element>
__global__ void __launch_bounds__(kThreads) mix_images(quern_mix_params p, Element* output, int64_t parts, bool at_once) {
  for (int64_t item = blockIdx.x; item < p.batch * parts; item += gridDim.x) {
    const int64_t first = 4 * (item % parts * kThreads + threadIdx.x);
    if (first < p.height * p.width) mix_quad(p, item / parts, static_cast<int>(first), at_once, output);
  }
}

inline LaunchShape shape_of(const Device& device, int64_t items) {
  const int64_t fill = int64_t{device.multiprocessors} * kBlocksPerMultiprocessor;
  return blocks_of(items < fill ? items : fill, kThreads);
}

}  // namespace mixing

int erase(const Device& device, const quern_erase_params& params, StreamHandle stream) {
  using namespace mixing;
  if (params.count == 0) return 0;
  const int64_t needed = (params.height * params.width - 1) / kPixelsPerBlock + 1, parts = needed < kMostBlocksPerBox ? needed : kMostBlocksPerBox;
  return with_element(params.dtype, [&](auto element) {
    return launch(shape_of(device, params.count * parts), stream, &erase_boxes<decltype(element)>, params, parts);
  });
}

int mix(const Device& device, const quern_mix_params& params, void* output, StreamHandle stream) {
  using namespace mixing;
  if (params.batch == 0) return 0;
  const int64_t pixels = params.height * params.width, parts = (pixels - 1) / (4 * kThreads) + 1;
  const bool at_once = moves_in_fours(params.images, pixels, params.dtype) && moves_in_fours(output, pixels, params.dtype);
  return with_element(params.dtype, [&](auto element) {
    using Element = decltype(element);
    return launch(shape_of(device, params.batch * parts), stream, &mix_images<Element>, params, static_cast<Element*>(output), parts, at_once);
  });
}

}  // namespace quern::cuda
