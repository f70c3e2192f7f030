// Device memory of a test: what lies beyond its end faults on the access itself.
#pragma once

#include <cstddef>
#include <cstring>
#include <vector>

namespace quern::simt {

// [bytes] that end at a page nobody may touch; a wrong access inside a kernel becomes a Fault of its launch.
void* guarded_alloc(size_t bytes);
void guarded_free(void* memory, size_t bytes);

template <class T>
class DeviceArray {
 public:
  // Bytes of 0xff: NaN, -1, whatever shows that nobody wrote them.
  explicit DeviceArray(size_t count) : count_(count), data_(static_cast<T*>(guarded_alloc(count * sizeof(T)))) {
    if (count > 0) std::memset(static_cast<void*>(data_), 0xff, count * sizeof(T));
  }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    if (count_ > 0) std::memcpy(static_cast<void*>(data_), values.data(), count_ * sizeof(T));
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  ~DeviceArray() { guarded_free(data_, count_ * sizeof(T)); }

  T* data() const { return data_; }
  size_t size() const { return count_; }
  std::vector<T> host() const { return std::vector<T>(data_, data_ + count_); }

 private:
  size_t count_;
  T* data_;
};

}  // namespace quern::simt
