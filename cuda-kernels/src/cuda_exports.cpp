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

int32_t quern_cuda_knn_workspace(const quern_knn_params* params, int64_t* bytes) {
  *bytes = quern::cuda::knn_workspace(*params);
  return cudaSuccess;
}

int32_t quern_cuda_knn_density(const quern_knn_params* params, const quern_knn_result* result, void* workspace, void* stream) {
  using namespace quern::cuda;
  return on_current_device([&](const Device& device) { return knn_density(device, *params, *result, workspace, stream); });
}
