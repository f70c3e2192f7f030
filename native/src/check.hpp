// Argument checks shared by every operation. Sizes are only ever multiplied and added here.
#pragma once

#include <cstdint>

#include "status.hpp"

namespace quern {

inline int64_t checked_mul(int64_t a, int64_t b, const char* what) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product)) {
    refuse("%s overflows: %lld times %lld exceeds 2^63-1", what, static_cast<long long>(a), static_cast<long long>(b));
  }
  return product;
}

inline int64_t checked_add(int64_t a, int64_t b, const char* what) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) {
    refuse("%s overflows: %lld plus %lld exceeds 2^63-1", what, static_cast<long long>(a), static_cast<long long>(b));
  }
  return sum;
}

// value in [low, high].
inline void require_range(const char* name, int64_t value, int64_t low, int64_t high) {
  if (value < low || value > high) {
    refuse("%s is %lld, allowed: %lld … %lld", name, static_cast<long long>(value), static_cast<long long>(low), static_cast<long long>(high));
  }
}

inline void require_at_least(const char* name, int64_t value, int64_t low) {
  if (value < low) refuse("%s is %lld, allowed: ≥ %lld", name, static_cast<long long>(value), static_cast<long long>(low));
}

inline void require_pointer(const char* name, const void* pointer) {
  if (pointer == nullptr) refuse("%s is NULL", name);
}

// ld of 0 means dense; otherwise at least the row length.
inline int64_t leading_dimension(const char* name, int64_t ld, int64_t row) {
  if (ld == 0) return row;
  if (ld < row) refuse("%s is %lld, allowed: 0 or ≥ %lld", name, static_cast<long long>(ld), static_cast<long long>(row));
  return ld;
}

// Throws QUERN_NOT_FINITE naming the first NaN or infinity of rows × columns floats.
void require_finite(const char* name, const float* data, int64_t rows, int64_t columns, int64_t ld);

// Every value in [0, limit).
void require_index(const char* name, const int32_t* values, int64_t count, int64_t limit);

}  // namespace quern
