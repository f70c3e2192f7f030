// The only place native memory comes from: an arena that is filled anew by every call and keeps its largest size.
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

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { trim(); }

  // Uninitialised, 64-byte aligned memory for count elements, valid until reset. Throws std::bad_alloc.
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

  std::vector<Block> blocks_;
  int64_t used_ = 0;     // of the last block
  int64_t held_ = 0;     // sum of the blocks
  int64_t wanted_ = 0;   // size of the next first block
};

}  // namespace quern
