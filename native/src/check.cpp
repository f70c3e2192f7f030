#include "check.hpp"

#include <cmath>

namespace quern {

void require_finite(const char* name, const float* data, int64_t rows, int64_t columns, int64_t ld) {
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) {
      float value = data[i * ld + j];
      if (!std::isfinite(value)) {
        fail(QUERN_NOT_FINITE, "%s[%lld,%lld] is %g, allowed: finite values", name, static_cast<long long>(i), static_cast<long long>(j),
             static_cast<double>(value));
      }
    }
  }
}

void require_index(const char* name, const int32_t* values, int64_t count, int64_t limit) {
  for (int64_t i = 0; i < count; i++) {
    if (values[i] < 0 || values[i] >= limit) {
      refuse("%s[%lld] is %d, allowed: 0 … %lld", name, static_cast<long long>(i), values[i], static_cast<long long>(limit - 1));
    }
  }
}

}  // namespace quern
