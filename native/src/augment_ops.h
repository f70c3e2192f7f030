// What the ops of quern.h mean, for the CPU tiers and for CUDA.
#pragma once

#include "augment_math.h"
#include "quern/quern.h"

namespace quern {

QUERN_SHARED bool leaves_as_is(int32_t op, double value) {
  switch (op) {
    case QUERN_OP_IDENTITY:
      return true;
    case QUERN_OP_COLOR:
    case QUERN_OP_CONTRAST:
    case QUERN_OP_BRIGHTNESS:
    case QUERN_OP_SHARPNESS:
      return blend_factor(value) == 1.0f;
    case QUERN_OP_POSTERIZE:
      return value == 8;
    case QUERN_OP_SOLARIZE:
      return value == 256;
    default:
      return false;
  }
}

// Of a geometric op.
QUERN_SHARED Affine affine_of(int32_t op, double value, int64_t height, int64_t width) {
  switch (op) {
    case QUERN_OP_ROTATE:
      return rotation(value, height, width);
    case QUERN_OP_SHEAR_X:
      return {1, value, 0, 0, 1, 0};
    case QUERN_OP_SHEAR_Y:
      return {1, 0, 0, value, 1, 0};
    case QUERN_OP_TRANSLATE_X:
      return {1, 0, value, 0, 1, 0};
    default:
      return {1, 0, 0, 0, 1, value};
  }
}

}  // namespace quern
