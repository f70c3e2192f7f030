#include "cuda_library.hpp"

#include <dlfcn.h>

#include <mutex>

#include "check.hpp"
#include "quern_cuda.h"

namespace quern {
namespace {

constexpr const char* kDefaultName = "libquern_cuda.so";

struct Opened {
  std::mutex mutex;
  CudaLibrary functions{};
  int32_t devices = 0;
};

Opened& opened() {
  static Opened state;
  return state;
}

template <class Function>
void find(void* library, const char* path, const char* name, Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  if (function == nullptr) fail(QUERN_UNSUPPORTED, "%s has no %s", path, name);
}

CudaLibrary functions_of(void* library, const char* path) {
  CudaLibrary found{};
  find(library, path, "quern_cuda_abi", found.abi);
  if (found.abi() != QUERN_CUDA_ABI) {
    fail(QUERN_UNSUPPORTED, "%s has interface %d, allowed: %d (build both libraries from one source)", path, found.abi(), QUERN_CUDA_ABI);
  }
  find(library, path, "quern_cuda_device_count", found.device_count);
  find(library, path, "quern_cuda_describe", found.describe);
  find(library, path, "quern_cuda_error_text", found.error_text);
  return found;
}

}  // namespace

void open_cuda_library(const char* path) {
  Opened& state = opened();
  std::lock_guard<std::mutex> lock(state.mutex);
  if (state.devices > 0) return;
  const char* name = path == nullptr ? kDefaultName : path;
  void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail(QUERN_UNSUPPORTED, "the CUDA kernels cannot be loaded: %s", dlerror());
  try {
    const CudaLibrary functions = functions_of(library, name);
    int32_t devices = 0;
    const int32_t error = functions.device_count(&devices);
    if (error != 0) fail(QUERN_UNSUPPORTED, "no CUDA device: %s", functions.error_text(error));
    if (devices < 1) fail(QUERN_UNSUPPORTED, "no CUDA device: the driver finds none");
    state.functions = functions;
    state.devices = devices;
  } catch (...) {
    dlclose(library);
    throw;
  }
}

}  // namespace quern

int32_t quern_device_open(const char* library) {
  return quern::guarded([&] { quern::open_cuda_library(library); });
}

int32_t quern_device_count(void) {
  quern::Opened& state = quern::opened();
  std::lock_guard<std::mutex> lock(state.mutex);
  return state.devices;
}

int32_t quern_device_describe(int32_t device, char* text, int64_t size) {
  return quern::guarded([&] {
    const int32_t count = quern_device_count();
    if (count == 0) quern::fail(QUERN_UNSUPPORTED, "device is %d, allowed: none before quern_device_open has succeeded", device);
    quern::require_range("device", device, 0, count - 1);
    quern::require_pointer("text", text);
    quern::require_range("size", size, 1, INT32_MAX);
    const quern::CudaLibrary& functions = quern::opened().functions;
    const int32_t error = functions.describe(device, text, size);
    if (error != 0) quern::fail(QUERN_INTERNAL, "CUDA device %d: %s", device, functions.error_text(error));
  });
}
