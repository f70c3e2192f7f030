// A stand-in for libquern_cuda.so with FAKE_DEVICES devices and interface FAKE_ABI.
#include "quern_cuda.h"

int32_t quern_cuda_abi(void) { return FAKE_ABI; }

int32_t quern_cuda_device_count(int32_t* count) {
  *count = FAKE_DEVICES;
  return FAKE_DEVICES < 0 ? 100 : 0;
}

const char* quern_cuda_error_text(int32_t) { return "no driver"; }
