// libquern_cuda.so, opened at run time: the one place where the CPU library meets it.
#pragma once

#include <cstdint>

namespace quern {

// The functions that the library exports, as quern_cuda.h declares them.
struct CudaLibrary {
  int32_t (*abi)(void);
  int32_t (*device_count)(int32_t* count);
  int32_t (*describe)(int32_t device, char* text, int64_t size);
  const char* (*error_text)(int32_t error);
};

// Loads the library and finds its devices, or throws QUERN_UNSUPPORTED. Stays loaded for good.
void open_cuda_library(const char* path);

}  // namespace quern
