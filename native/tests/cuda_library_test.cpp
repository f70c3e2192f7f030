#include <string>

#include "expect.hpp"
#include "quern/quern.h"

namespace {

bool refused(const char* library, const char* why) {
  return quern_device_open(library) == QUERN_UNSUPPORTED && std::string(quern_last_error()).find(why) != std::string::npos &&
         quern_device_count() == 0;
}

}  // namespace

// In this order: a library that has been opened stays.
TEST("what is no library of ours with a device is refused with the reason, then two devices are found and described") {
  EXPECT(refused("/nowhere/libquern_cuda.so", "the CUDA kernels cannot be loaded: /nowhere/libquern_cuda.so"));
  EXPECT(refused("libm.so.6", "libm.so.6 has no quern_cuda_abi"));
  EXPECT(refused(FAKE_OLD, "has interface 0, allowed: "));
  EXPECT(refused(FAKE_DRIVERLESS, "no CUDA device: no driver"));
  EXPECT(refused(FAKE_EMPTY, "no CUDA device: the driver finds none"));

  char text[9];
  EXPECT(quern_device_describe(0, text, sizeof text) == QUERN_UNSUPPORTED);
  EXPECT(quern_device_open(FAKE_GOOD) == QUERN_OK);
  EXPECT(quern_device_open("/nowhere/libquern_cuda.so") == QUERN_OK);
  EXPECT(quern_device_count() == 2);
  EXPECT(quern_device_describe(1, text, sizeof text) == QUERN_OK && std::string(text) == "device 1");
  EXPECT(quern_device_describe(1, text, 4) == QUERN_OK && std::string(text) == "dev");
  EXPECT(quern_device_describe(2, text, sizeof text) == QUERN_INVALID_ARGUMENT);
  EXPECT(std::string(quern_last_error()) == "device is 2, allowed: 0 … 1");
  EXPECT(quern_device_describe(0, nullptr, 4) == QUERN_INVALID_ARGUMENT);
  EXPECT(quern_device_describe(0, text, 0) == QUERN_INVALID_ARGUMENT);
}
