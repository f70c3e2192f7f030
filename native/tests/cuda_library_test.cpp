#include <string>

#include "expect.hpp"
#include "quern/quern.h"

namespace {

bool refused(const char* library, const char* why) {
  return quern_device_open(library) == QUERN_UNSUPPORTED && std::string(quern_last_error()).find(why) != std::string::npos &&
         quern_device_count() == 0;
}

}  // namespace

TEST("what is no library of ours with a device is refused with the reason") {
  EXPECT(refused("/nowhere/libquern_cuda.so", "the CUDA kernels cannot be loaded: /nowhere/libquern_cuda.so"));
  EXPECT(refused("libm.so.6", "libm.so.6 has no quern_cuda_abi"));
  EXPECT(refused(FAKE_OLD, "has interface 0, allowed: "));
  EXPECT(refused(FAKE_DRIVERLESS, "no CUDA device: no driver"));
  EXPECT(refused(FAKE_EMPTY, "no CUDA device: the driver finds none"));
  char text[9];
  EXPECT(quern_device_describe(0, text, sizeof text) == QUERN_UNSUPPORTED);
  quern_context_options options{};
  options.backend = QUERN_CUDA;
  quern_context* context = nullptr;
  EXPECT(quern_context_create(&options, &context) == QUERN_UNSUPPORTED && context == nullptr);
  EXPECT(std::string(quern_last_error()) == "device is 0, allowed: none before quern_device_open has succeeded");
}
