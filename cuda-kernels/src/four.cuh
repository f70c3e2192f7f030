// Four neighbouring pixels of an image as three groups of four elements, each moved at once where it is aligned.
#pragma once

#include "device.cuh"
#include "element_math.h"

namespace quern::cuda {

template <class Element>
struct alignas(4 * sizeof(Element)) Four {
  Element element[4];
};

// Whether images of so many pixels have their groups aligned.
inline bool moves_in_fours(const void* images, int64_t pixels, int32_t dtype) {
  return pixels % 4 == 0 && reinterpret_cast<uintptr_t>(images) % static_cast<uintptr_t>(4 * element_size(dtype)) == 0;
}

// Where group g of the pixels from `first` on lies in its image, and how many elements are left there.
struct Group {
  int64_t begin;
  int left;

  __device__ Group(bool planar, int pixels, int first, int g)
      : begin(planar ? int64_t{g} * pixels + first : int64_t{3} * first + 4 * g), left(planar ? pixels - first : 3 * (pixels - first) - 4 * g) {}
};

template <class Element>
__device__ __forceinline__ Four<Element> load_four(const Element* from, int left, bool at_once) {
  if (at_once) return *reinterpret_cast<const Four<Element>*>(from);
  Four<Element> four{};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    if (i < left) four.element[i] = from[i];
  }
  return four;
}

template <class Element>
__device__ __forceinline__ void store_four(Element* to, const Four<Element>& four, int left, bool at_once) {
  if (at_once) {
    *reinterpret_cast<Four<Element>*>(to) = four;
    return;
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
    if (i < left) to[i] = four.element[i];
  }
}

}  // namespace quern::cuda
