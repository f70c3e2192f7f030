// A stream of a CUDA device as a context uses it: memory for what its calls stage, copies through page-locked memory, and failures told with the
// names of the operations they may come from. Every use is within a CudaTurn.
#pragma once

#include <string>

#include "cuda_library.hpp"
#include "memory.hpp"

namespace quern {

class CudaQueue final : private MemorySource {
 public:
  CudaQueue(int32_t device, void* stream);
  ~CudaQueue() override;
  CudaQueue(const CudaQueue&) = delete;
  CudaQueue& operator=(const CudaQueue&) = delete;

  const CudaLibrary& functions() const { return functions_; }
  int32_t device() const { return device_; }
  void* stream() const { return stream_; }
  // What the present operation stages; anew in every part of a call.
  Arena& arena() { return arena_; }
  int64_t workspace_bytes() const { return arena_.bytes(); }
  void trim() { arena_.trim(); }

  // Whether memory is the device's. Refuses that of another device.
  bool holds(const char* name, const void* memory);
  void upload(void* to, const void* from, int64_t bytes);
  // Waits for everything before.
  void download(void* to, const void* from, int64_t bytes);
  void copy(void* to, const void* from, int64_t bytes);

  // Notes that the operation's work was put on the stream, or throws its launcher's error.
  void started(const char* operation, int32_t error);
  // Waits, and throws what became of the work.
  void synchronize();
  // Throws unless error is 0: QUERN_DEVICE_LOST where the device does not recover.
  void require(int32_t error);
  void require_device() const;

 private:
  char* allocate(int64_t bytes) override;
  void release(char* memory) noexcept override;
  void next_chunk();

  const CudaLibrary& functions_;
  const int32_t device_;
  void* const stream_;
  Arena arena_;
  std::string operations_;  // since the last synchronisation
  std::string lost_;        // why, once it is
  // Two chunks of page-locked memory in turn; a chunk is filled again when its mark has been passed.
  struct Chunk {
    void* memory = nullptr;
    void* mark = nullptr;
  };
  Chunk chunks_[2];
  int chunk_ = 0;
  int64_t used_ = 0;  // of the present chunk
};

// Makes a queue's device the thread's for a while; NULL: nothing.
class CudaTurn {
 public:
  explicit CudaTurn(CudaQueue* queue);
  ~CudaTurn();
  CudaTurn(const CudaTurn&) = delete;
  CudaTurn& operator=(const CudaTurn&) = delete;

 private:
  CudaQueue* const queue_;
  int32_t before_ = 0;
};

}  // namespace quern
