// The only place a call's memory comes from: an arena that is filled anew by every call and keeps its largest size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "check.hpp"

namespace quern {

// Lets the n-th allocation from now fail (1 = the next); 0 switches it off. For tests.
void fail_allocation(int64_t n) noexcept;
// Blocks of memory held by all arenas. For tests.
int64_t live_blocks() noexcept;

// Where the blocks of an arena come from.
class MemorySource {
 public:
  virtual ~MemorySource() = default;
  // Aligned to 256 bytes. Throws where there is not enough.
  virtual char* allocate(int64_t bytes) = 0;
  virtual void release(char* memory) noexcept = 0;
};

MemorySource& host_memory() noexcept;

class Arena {
 public:
  explicit Arena(MemorySource& source = host_memory()) : source_(source) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { trim(); }

  // Uninitialised, 256-byte aligned memory for count elements, valid until reset. Throws what the source throws; the host's std::bad_alloc.
  template <class T>
  T* take(int64_t count) {
    return static_cast<T*>(take_bytes(checked_mul(count, static_cast<int64_t>(sizeof(T)), "workspace")));
  }
  // Ends the life of everything taken. Several blocks are replaced by one of their sum at the next take.
  void reset() noexcept;
  void trim() noexcept;
  int64_t bytes() const noexcept { return held_; }

 private:
  struct Block {
    char* data;
    int64_t size;
  };
  void* take_bytes(int64_t bytes);

  MemorySource& source_;
  std::vector<Block> blocks_;
  int64_t used_ = 0;     // of the last block
  int64_t held_ = 0;     // sum of the blocks
  int64_t wanted_ = 0;   // size of the next first block
};

}  // namespace quern
