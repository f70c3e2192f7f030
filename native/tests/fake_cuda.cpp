// A stand-in for libquern_cuda.so with FAKE_DEVICES devices and interface FAKE_ABI.
#include <cstdio>

#include "quern_cuda.h"

int32_t quern_cuda_abi(void) { return FAKE_ABI; }

int32_t quern_cuda_device_count(int32_t* count) {
  *count = FAKE_DEVICES;
  return FAKE_DEVICES < 0 ? 100 : 0;
}

int32_t quern_cuda_describe(int32_t device, char* text, int64_t size) {
  std::snprintf(text, static_cast<size_t>(size), "device %d", device);
  return 0;
}

const char* quern_cuda_error_text(int32_t) { return "no driver"; }
