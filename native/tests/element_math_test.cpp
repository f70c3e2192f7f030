// The 16-bit floats of element_math.h against their definition in float64.
#include "element_math.h"

#include "expect.hpp"

using namespace quern;
using namespace quern::test;

namespace {

// What the bits say: sign, `exponent_bits`, and the rest of 16.
double meaning(uint16_t bits, int exponent_bits) {
  const int fraction_bits = 15 - exponent_bits, bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = (bits & 0x7fff) >> fraction_bits, fraction = bits & ((1 << fraction_bits) - 1);
  const double sign = bits >> 15 != 0 ? -1 : 1;
  if (exponent == 2 * bias + 1) return fraction != 0 ? NAN : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias - fraction_bits);
  return sign * std::ldexp((1 << fraction_bits) + fraction, exponent - bias - fraction_bits);
}

bool same(float a, double b) { return std::isnan(b) ? std::isnan(a) : static_cast<double>(a) == b && std::signbit(a) == std::signbit(b); }

// Every value, the middle to the next larger one, which belongs to the even one of both, and the float32 on either side of the middle.
void expect_nearest(int exponent_bits, uint16_t (*of)(float)) {
  const int infinity = ((1 << exponent_bits) - 1) << (15 - exponent_bits);
  for (int magnitude = 0; magnitude < infinity; magnitude++) {
    for (int sign : {0, 0x8000}) {
      const auto here = static_cast<uint16_t>(sign | magnitude), next = static_cast<uint16_t>(here + 1);
      const double low = meaning(here, exponent_bits);
      // Where infinity is the next one, half a step beyond the largest is.
      const double step = magnitude + 1 < infinity ? meaning(next, exponent_bits) - low : low - meaning(static_cast<uint16_t>(here - 1), exponent_bits);
      const float value = static_cast<float>(low), middle = static_cast<float>(low + step / 2);
      EXPECT(of(value) == here);
      EXPECT(of(middle) == (magnitude % 2 == 0 ? here : next));
      EXPECT(of(std::nextafterf(middle, value)) == here);
      EXPECT(of(std::nextafterf(middle, sign == 0 ? INFINITY : -INFINITY)) == next);
    }
  }
  EXPECT(of(INFINITY) == infinity && of(-INFINITY) == (infinity | 0x8000));
  EXPECT(std::isnan(meaning(of(NAN), exponent_bits)) && of(NAN) == of(-NAN) && of(float_of_bits(0x7fffffff)) == of(NAN));
}

}  // namespace

TEST("float16 and bfloat16 are the nearest to a float32, ties to even, at every value and around every middle") {
  expect_nearest(5, &float16_of);
  expect_nearest(8, &bfloat16_of);
}

TEST("all bits of float16 and bfloat16 are read as what they mean") {
  for (int bits = 0; bits < 65536; bits++) {
    EXPECT(same(value_of(Float16{static_cast<uint16_t>(bits)}), meaning(static_cast<uint16_t>(bits), 5)));
    EXPECT(same(value_of(BFloat16{static_cast<uint16_t>(bits)}), meaning(static_cast<uint16_t>(bits), 8)));
  }
}

TEST("uint8 truncates and clamps, and what is no number is 0") {
  const auto byte = [](float value) {
    uint8_t out;
    element_of(value, &out);
    return out;
  };
  EXPECT(byte(254.99f) == 254 && byte(255.5f) == 255 && byte(1e30f) == 255 && byte(0.99f) == 0 && byte(-3.0f) == 0 && byte(NAN) == 0);
}

TEST("elements are as large as their types") {
  EXPECT(element_size(QUERN_UINT8) == 1 && element_size(QUERN_FLOAT32) == 4 && element_size(QUERN_BFLOAT16) == 2 && element_size(QUERN_FLOAT16) == 2);
}
