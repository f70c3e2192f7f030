// One launch: its arrays, on the device where they were not, its workspace, and what lay on the host brought back.
#pragma once

#include <type_traits>
#include <vector>

#include "cuda_queue.hpp"

namespace quern {

class CudaCall {
 public:
  CudaCall(CudaQueue& queue, const char* operation) : queue_(queue), operation_(operation) { queue.arena().reset(); }

  // The array on the device; NULL stays NULL.
  template <class T>
  const T* in(const char* name, const T* data, int64_t count) {
    if (data == nullptr || queue_.holds(name, data)) return data;
    T* staged = queue_.arena().take<T>(count);
    queue_.upload(staged, data, count * static_cast<int64_t>(sizeof(T)));
    return staged;
  }
  template <class T>
  T* out(const char* name, T* data, int64_t count) {
    if (data == nullptr || queue_.holds(name, data)) return data;
    T* staged = queue_.arena().take<T>(count);
    returns_.push_back({data, staged, count * static_cast<int64_t>(sizeof(T))});
    return staged;
  }
  // An array that is changed in place.
  template <class T>
  T* in_out(const char* name, T* data, int64_t count) {
    T* staged = out(name, data, count);
    if (staged != data) queue_.upload(staged, data, count * static_cast<int64_t>(sizeof(T)));
    return staged;
  }
  // As many bytes as workspace_bytes(&params…, &bytes) says.
  template <class Function, class... Params>
  void* workspace(const Function& workspace_bytes, const Params&... params) {
    int64_t bytes = 0;
    queue_.started(operation_, workspace_bytes(&params..., &bytes));
    if (bytes < 0) fail(QUERN_OUT_OF_MEMORY, "memory of CUDA device %d ran out: %s needs more than 2^62 bytes", queue_.device(), operation_);
    return queue_.arena().take<char>(bytes);
  }
  // Takes what the launcher returned; waits if an output lies on the host.
  void finish(int32_t launched) {
    queue_.started(operation_, launched);
    for (const Return& r : returns_) queue_.download(r.host, r.device, r.bytes);
  }

 private:
  struct Return {
    void* host;
    const void* device;
    int64_t bytes;
  };
  CudaQueue& queue_;
  const char* const operation_;
  std::vector<Return> returns_;
};

constexpr int kHalvings = 5;

// Calls body(first, count) for all of [0, n): at once or, where the device's memory runs out, in parts that are halved a few times. Memory that
// was short goes back.
template <class Body>
void in_parts(CudaQueue& queue, int64_t n, int most_halvings, const Body& body) {
  int64_t first = 0, part = n;
  int halvings = 0;
  while (first < n) {
    const int64_t count = part < n - first ? part : n - first;
    try {
      body(first, count);
      first += count;
    } catch (const Failure& failure) {
      queue.trim();
      if (failure.status() != QUERN_OUT_OF_MEMORY || halvings == most_halvings || part == 1) throw;
      halvings++;
      part = (part + 1) / 2;
    }
  }
  if (halvings > 0) queue.trim();
}

}  // namespace quern
