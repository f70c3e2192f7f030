#include "cuda_runtime.h"

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <string>

#include "simt/device_array.hpp"
#include "simt/machine.hpp"

using quern::simt::Fault;
using quern::simt::Machine;

namespace {

constexpr int kDevices = 2;
constexpr int kMultiprocessors = 4, kMajor = 9, kMinor = 0, kSharedPerBlock = 227 * 1024;
constexpr size_t kMemory = size_t{16} << 20;  // of a device: little, so that tests can run out of it
// Device memory lies on addresses of this alignment, its end at a guard page if its size is a multiple of it.
constexpr size_t kAlignment = 256;

struct Block {
  size_t bytes, reserved;
  int device;
};

struct Devices {
  std::mutex mutex;
  std::map<const char*, Block> blocks;  // by their first byte
  size_t used[kDevices] = {};
  std::string fault;

  Devices() {
    Machine::current().set_fault_listener([this](const Fault& what) { fault = what.what(); });
  }
};

Devices& devices() {
  static Devices all;
  return all;
}

thread_local int current = 0;

cudaError_t state() { return devices().fault.empty() ? cudaSuccess : cudaErrorIllegalAddress; }

}  // namespace

cudaError_t cudaGetDeviceCount(int* count) {
  *count = kDevices;
  return state();
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {"simulated on the CPU", kMajor, kMinor, kMemory};
  return state();
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr which, int) {
  switch (which) {
    case cudaDevAttrMultiProcessorCount: *value = kMultiprocessors; break;
    case cudaDevAttrComputeCapabilityMajor: *value = kMajor; break;
    case cudaDevAttrComputeCapabilityMinor: *value = kMinor; break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = kSharedPerBlock; break;
  }
  return state();
}

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaErrorIllegalAddress: return devices().fault.c_str();
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorInvalidDevice: return "invalid device";
    case cudaErrorInvalidValue: return "invalid value";
    default: return "no error";
  }
}

cudaError_t cudaGetLastError() { return state(); }

cudaError_t cudaGetDevice(int* device) {
  *device = current;
  return state();
}

cudaError_t cudaSetDevice(int device) {
  if (device < 0 || device >= kDevices) return cudaErrorInvalidDevice;
  current = device;
  return state();
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* memory) {
  Devices& all = devices();
  const std::lock_guard<std::mutex> lock(all.mutex);
  *attributes = {cudaMemoryTypeUnregistered, -1};
  const char* byte = static_cast<const char*>(memory);
  auto after = all.blocks.upper_bound(byte);
  if (after != all.blocks.begin()) {
    const auto& [first, block] = *std::prev(after);
    if (byte < first + block.bytes) *attributes = {cudaMemoryTypeDevice, block.device};
  }
  return state();
}

cudaError_t cudaMalloc(void** memory, size_t bytes) {
  Devices& all = devices();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const size_t reserved = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (reserved > kMemory - all.used[current]) return cudaErrorMemoryAllocation;
  *memory = quern::simt::guarded_alloc(reserved);
  // What nobody wrote shows.
  std::memset(*memory, 0xff, reserved);
  all.used[current] += reserved;
  all.blocks[static_cast<const char*>(*memory)] = {bytes, reserved, current};
  return state();
}

cudaError_t cudaFree(void* memory) {
  if (memory == nullptr) return state();
  Devices& all = devices();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const auto found = all.blocks.find(static_cast<const char*>(memory));
  if (found == all.blocks.end()) return cudaErrorInvalidValue;
  all.used[found->second.device] -= found->second.reserved;
  quern::simt::guarded_free(memory, found->second.reserved);
  all.blocks.erase(found);
  return state();
}

cudaError_t cudaMallocHost(void** memory, size_t bytes) {
  *memory = std::malloc(bytes);
  return *memory == nullptr ? cudaErrorMemoryAllocation : state();
}

cudaError_t cudaFreeHost(void* memory) {
  std::free(memory);
  return state();
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind, cudaStream_t) {
  if (bytes > 0 && state() == cudaSuccess) std::memcpy(to, from, bytes);
  return state();
}

cudaError_t cudaMemsetAsync(void* memory, int value, size_t bytes, cudaStream_t) {
  if (bytes > 0 && state() == cudaSuccess) std::memset(memory, value, bytes);
  return state();
}

cudaError_t cudaStreamSynchronize(cudaStream_t) { return state(); }

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = nullptr;
  return state();
}

cudaError_t cudaEventDestroy(cudaEvent_t) { return state(); }

cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) { return state(); }

cudaError_t cudaEventSynchronize(cudaEvent_t) { return state(); }
