// The element types of images, written once for the CPU tiers and for CUDA: what a float32 becomes as one of them, and what one is as a float32.
#pragma once

#include <stdint.h>

#include "quern/quern.h"

#if defined(__CUDACC__)
#define QUERN_SHARED static inline __host__ __device__
#else
#define QUERN_SHARED static inline
#endif

namespace quern {

QUERN_SHARED uint32_t bits_of(float value) {
  union {
    float f;
    uint32_t bits;
  } u;
  u.f = value;
  return u.bits;
}

QUERN_SHARED float float_of_bits(uint32_t bits) {
  union {
    uint32_t bits;
    float f;
  } u;
  u.bits = bits;
  return u.f;
}

// Round to nearest, ties to even; every NaN becomes one.
QUERN_SHARED uint16_t bfloat16_of(float value) {
  const uint32_t bits = bits_of(value);
  return static_cast<uint16_t>(value != value ? 0x7fc0u : (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

// The same; 65520 and beyond is infinity. Where fp16 has no leading one, adding ½ in float32 rounds, and leaves the bits at the end.
QUERN_SHARED uint16_t float16_of(float value) {
  const uint32_t sign = bits_of(value) >> 16 & 0x8000u, magnitude = bits_of(value) & 0x7fffffffu;
  const uint32_t low = bits_of(float_of_bits(magnitude) + 0.5f) - 0x3f000000u;
  const uint32_t normal = (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
  const uint32_t rounded = magnitude < 0x38800000u ? low : magnitude < 0x477ff000u ? normal : 0x7c00u;
  return static_cast<uint16_t>(value != value ? 0x7e00u : sign | rounded);
}

// Two-byte floats by their bits.
struct BFloat16 {
  uint16_t bits;
};
struct Float16 {
  uint16_t bits;
};

// As uint8 truncated and clamped.
QUERN_SHARED void element_of(float value, uint8_t* out) {
  *out = static_cast<uint8_t>(value >= 255.0f ? 255.0f : value > 0.0f ? value : 0.0f);
}
QUERN_SHARED void element_of(float value, float* out) { *out = value; }
QUERN_SHARED void element_of(float value, BFloat16* out) { out->bits = bfloat16_of(value); }
QUERN_SHARED void element_of(float value, Float16* out) { out->bits = float16_of(value); }

QUERN_SHARED float value_of(uint8_t element) { return static_cast<float>(element); }
QUERN_SHARED float value_of(float element) { return element; }
QUERN_SHARED float value_of(BFloat16 element) { return float_of_bits(static_cast<uint32_t>(element.bits) << 16); }
// Without a leading one: as if there were one, less what that adds.
QUERN_SHARED float value_of(Float16 element) {
  const uint32_t sign = (element.bits & 0x8000u) << 16, magnitude = (element.bits & 0x7fffu) << 13;
  const uint32_t low = bits_of(float_of_bits(magnitude + 0x38800000u) - 0x1p-14f);
  const uint32_t high = magnitude + (magnitude < 0x0f800000u ? 0x38000000u : 0x70000000u);
  return float_of_bits(sign | (magnitude < 0x00800000u ? low : high));
}

// body(a value of the type) for the type of a quern_dtype.
template <class Body>
static inline auto with_element(int32_t dtype, const Body& body) {
  switch (dtype) {
    case QUERN_UINT8:
      return body(uint8_t{});
    case QUERN_FLOAT32:
      return body(float{});
    case QUERN_BFLOAT16:
      return body(BFloat16{});
    default:
      return body(Float16{});
  }
}

static inline int64_t element_size(int32_t dtype) {
  return with_element(dtype, [](auto element) { return static_cast<int64_t>(sizeof element); });
}

}  // namespace quern
