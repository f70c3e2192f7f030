// The C ABI: looks the device up and calls the launchers.
#include <cuda_runtime.h>

#include <cstdio>

#include "quern_cuda.h"
#include "quern_cuda.hpp"

namespace quern::cuda {
namespace {

int attribute(int device, cudaDeviceAttr which, cudaError_t& error) {
  int value = 0;
  const cudaError_t asked = cudaDeviceGetAttribute(&value, which, device);
  if (error == cudaSuccess) error = asked;
  return value;
}

cudaError_t current_device(Device& device) {
  int id = 0;
  cudaError_t error = cudaGetDevice(&id);
  device.multiprocessors = attribute(id, cudaDevAttrMultiProcessorCount, error);
  device.compute = 10 * attribute(id, cudaDevAttrComputeCapabilityMajor, error) + attribute(id, cudaDevAttrComputeCapabilityMinor, error);
  device.shared_per_block = attribute(id, cudaDevAttrMaxSharedMemoryPerBlockOptin, error);
  return error;
}

template <class Launcher>
int32_t on_current_device(const Launcher& launcher) {
  Device device{};
  const cudaError_t error = current_device(device);
  return error != cudaSuccess ? error : launcher(device);
}

}  // namespace
}  // namespace quern::cuda

int32_t quern_cuda_abi(void) { return QUERN_CUDA_ABI; }

int32_t quern_cuda_device_count(int32_t* count) { return cudaGetDeviceCount(count); }

int32_t quern_cuda_describe(int32_t device, char* text, int64_t size) {
  cudaDeviceProp properties;
  const cudaError_t error = cudaGetDeviceProperties(&properties, device);
  if (error != cudaSuccess) return error;
  std::snprintf(text, static_cast<size_t>(size), "%s, compute %d.%d, %zu MiB", properties.name, properties.major, properties.minor,
                properties.totalGlobalMem >> 20);
  return cudaSuccess;
}

const char* quern_cuda_error_text(int32_t error) { return cudaGetErrorString(static_cast<cudaError_t>(error)); }

int32_t quern_cuda_use(int32_t device, int32_t* before) {
  const cudaError_t error = cudaGetDevice(before);
  return error != cudaSuccess || *before == device ? error : cudaSetDevice(device);
}

int32_t quern_cuda_device_of(const void* memory, int32_t* device) {
  cudaPointerAttributes attributes{};
  const cudaError_t error = cudaPointerGetAttributes(&attributes, memory);
  *device = attributes.type == cudaMemoryTypeDevice || attributes.type == cudaMemoryTypeManaged ? attributes.device : -1;
  return error;
}

int32_t quern_cuda_allocate(int64_t bytes, void** memory) {
  *memory = nullptr;
  const cudaError_t error = cudaMalloc(memory, static_cast<size_t>(bytes));
  if (error != cudaErrorMemoryAllocation) return error;
  cudaGetLastError();
  return cudaSuccess;
}

int32_t quern_cuda_free(void* memory) { return cudaFree(memory); }

int32_t quern_cuda_allocate_pinned(int64_t bytes, void** memory) { return cudaMallocHost(memory, static_cast<size_t>(bytes)); }

int32_t quern_cuda_free_pinned(void* memory) { return cudaFreeHost(memory); }

int32_t quern_cuda_copy(void* to, const void* from, int64_t bytes, void* stream) {
  return cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyDefault, static_cast<cudaStream_t>(stream));
}

int32_t quern_cuda_clear(void* memory, int64_t bytes, void* stream) {
  return cudaMemsetAsync(memory, 0, static_cast<size_t>(bytes), static_cast<cudaStream_t>(stream));
}

int32_t quern_cuda_synchronize(void* stream) { return cudaStreamSynchronize(static_cast<cudaStream_t>(stream)); }

int32_t quern_cuda_mark_create(void** mark) {
  return cudaEventCreateWithFlags(reinterpret_cast<cudaEvent_t*>(mark), cudaEventDisableTiming);
}

int32_t quern_cuda_mark_destroy(void* mark) { return cudaEventDestroy(static_cast<cudaEvent_t>(mark)); }

int32_t quern_cuda_mark_set(void* mark, void* stream) {
  return cudaEventRecord(static_cast<cudaEvent_t>(mark), static_cast<cudaStream_t>(stream));
}

int32_t quern_cuda_mark_wait(void* mark) { return cudaEventSynchronize(static_cast<cudaEvent_t>(mark)); }

int32_t quern_cuda_cosine_consistency(const quern_cosine_params* params, float* consistency, void* stream) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) { return cosine_consistency(device, *params, consistency, stream); });
}

int32_t quern_cuda_augment_workspace(const quern_augment_params* params, int64_t* bytes) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) {
    *bytes = augment_workspace(device, *params);
    return 0;
  });
}

int32_t quern_cuda_augment(const quern_augment_params* params, void* output, void* workspace, void* stream) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) { return augment_batch(device, *params, output, workspace, stream); });
}

int32_t quern_cuda_erase(const quern_erase_params* params, void* stream) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) { return erase(device, *params, stream); });
}

int32_t quern_cuda_mix(const quern_mix_params* params, void* output, void* stream) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) { return mix(device, *params, output, stream); });
}

int32_t quern_cuda_sinkhorn_workspace(const quern_sinkhorn_params* params, int64_t* bytes) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) {
    *bytes = sinkhorn_workspace(device, *params);
    return 0;
  });
}

int32_t quern_cuda_sinkhorn(const quern_sinkhorn_params* params, const float* cost, const quern_sinkhorn_result* result, void* workspace,
                            void* stream) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) { return sinkhorn(device, *params, cost, *result, workspace, stream); });
}

int32_t quern_cuda_sinkhorn_points_workspace(const quern_sinkhorn_params* params, const quern_point_clouds* clouds, int64_t* bytes) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) {
    *bytes = sinkhorn_points_workspace(device, *params, *clouds);
    return 0;
  });
}

int32_t quern_cuda_sinkhorn_points(const quern_sinkhorn_params* params, const quern_point_clouds* clouds, const quern_sinkhorn_result* result, void* workspace,
                                   void* stream) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) { return sinkhorn_points(device, *params, *clouds, *result, workspace, stream); });
}

int32_t quern_cuda_sinkhorn_divergence_workspace(const quern_divergence_params* params, const quern_point_clouds* clouds, int64_t* bytes) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) {
    *bytes = sinkhorn_divergence_workspace(device, *params, *clouds);
    return 0;
  });
}

int32_t quern_cuda_sinkhorn_divergence(const quern_divergence_params* params, const quern_point_clouds* clouds, const quern_divergence_result* result, void* workspace,
                                       void* stream) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) { return sinkhorn_divergence(device, *params, *clouds, *result, workspace, stream); });
}

int32_t quern_cuda_knn_workspace(const quern_knn_params* params, int64_t* bytes) {
  *bytes = quern::cuda::knn_workspace(*params);
  return cudaSuccess;
}

int32_t quern_cuda_knn_density(const quern_knn_params* params, int64_t first, const quern_knn_result* result, void* workspace, void* stream) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) { return knn_density(device, *params, first, *result, workspace, stream); });
}
