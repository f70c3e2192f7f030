#include "cuda_library.hpp"

#include <dlfcn.h>

#include <mutex>

#include "check.hpp"

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

// The library of this interface, on a machine with a device.
CudaLibrary usable(void* library, const char* path, int32_t& devices) {
  CudaLibrary found{};
  find(library, path, "quern_cuda_abi", found.abi);
  if (found.abi() != QUERN_CUDA_ABI) {
    fail(QUERN_UNSUPPORTED, "%s has interface %d, allowed: %d (build both libraries from one source)", path, found.abi(), QUERN_CUDA_ABI);
  }
  find(library, path, "quern_cuda_device_count", found.device_count);
  find(library, path, "quern_cuda_error_text", found.error_text);
  const int32_t error = found.device_count(&devices);
  if (error != 0) fail(QUERN_UNSUPPORTED, "no CUDA device: %s", found.error_text(error));
  if (devices < 1) fail(QUERN_UNSUPPORTED, "no CUDA device: the driver finds none");
  find(library, path, "quern_cuda_describe", found.describe);
  find(library, path, "quern_cuda_use", found.use);
  find(library, path, "quern_cuda_device_of", found.device_of);
  find(library, path, "quern_cuda_allocate", found.allocate);
  find(library, path, "quern_cuda_free", found.free);
  find(library, path, "quern_cuda_allocate_pinned", found.allocate_pinned);
  find(library, path, "quern_cuda_free_pinned", found.free_pinned);
  find(library, path, "quern_cuda_copy", found.copy);
  find(library, path, "quern_cuda_clear", found.clear);
  find(library, path, "quern_cuda_synchronize", found.synchronize);
  find(library, path, "quern_cuda_mark_create", found.mark_create);
  find(library, path, "quern_cuda_mark_destroy", found.mark_destroy);
  find(library, path, "quern_cuda_mark_set", found.mark_set);
  find(library, path, "quern_cuda_mark_wait", found.mark_wait);
  find(library, path, "quern_cuda_cosine_consistency", found.cosine_consistency);
  find(library, path, "quern_cuda_augment_workspace", found.augment_workspace);
  find(library, path, "quern_cuda_augment", found.augment);
  find(library, path, "quern_cuda_erase", found.erase);
  find(library, path, "quern_cuda_mix", found.mix);
  find(library, path, "quern_cuda_sinkhorn_workspace", found.sinkhorn_workspace);
  find(library, path, "quern_cuda_sinkhorn", found.sinkhorn);
  find(library, path, "quern_cuda_sinkhorn_points_workspace", found.sinkhorn_points_workspace);
  find(library, path, "quern_cuda_sinkhorn_points", found.sinkhorn_points);
  find(library, path, "quern_cuda_sinkhorn_divergence_workspace", found.sinkhorn_divergence_workspace);
  find(library, path, "quern_cuda_sinkhorn_divergence", found.sinkhorn_divergence);
  find(library, path, "quern_cuda_knn_workspace", found.knn_workspace);
  find(library, path, "quern_cuda_knn_density", found.knn_density);
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
    int32_t devices = 0;
    state.functions = usable(library, name, devices);
    state.devices = devices;
  } catch (...) {
    dlclose(library);
    throw;
  }
}

const CudaLibrary& cuda_library_of(int32_t device) {
  const int32_t count = quern_device_count();
  if (count == 0) fail(QUERN_UNSUPPORTED, "device is %d, allowed: none before quern_device_open has succeeded", device);
  require_range("device", device, 0, count - 1);
  return opened().functions;
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
    const quern::CudaLibrary& functions = quern::cuda_library_of(device);
    quern::require_pointer("text", text);
    quern::require_range("size", size, 1, INT32_MAX);
    const int32_t error = functions.describe(device, text, size);
    if (error != 0) quern::fail(QUERN_INTERNAL, "CUDA device %d: %s", device, functions.error_text(error));
  });
}
