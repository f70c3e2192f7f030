// The harness's device_array.hpp on the GPU, under the same names: the same tests then run on the device.
#pragma once

#include <cuda_runtime.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace quern::simt {

inline void require(cudaError_t error) {
  if (error != cudaSuccess) throw std::runtime_error(std::string("the device: ") + cudaGetErrorString(error));
}

template <class T>
class DeviceArray {
 public:
  // Bytes of 0xff; QUERN_POISON=0 leaves them as they are, for tools that look for reads of what nobody wrote.
  explicit DeviceArray(size_t count) : count_(count) {
    if (count == 0) return;
    require(cudaMalloc(&data_, count * sizeof(T)));
    const char* poison = std::getenv("QUERN_POISON");
    if (poison == nullptr || poison[0] != '0') require(cudaMemset(data_, 0xff, count * sizeof(T)));
  }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    if (count_ > 0) require(cudaMemcpy(data_, values.data(), count_ * sizeof(T), cudaMemcpyHostToDevice));
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  ~DeviceArray() { cudaFree(data_); }

  T* data() const { return data_; }
  size_t size() const { return count_; }
  // Waits for the work on the device and throws what became of it.
  std::vector<T> host() const {
    std::vector<T> values(count_);
    require(cudaDeviceSynchronize());
    if (count_ > 0) require(cudaMemcpy(values.data(), data_, count_ * sizeof(T), cudaMemcpyDeviceToHost));
    return values;
  }

 private:
  size_t count_;
  T* data_ = nullptr;
};

}  // namespace quern::simt
