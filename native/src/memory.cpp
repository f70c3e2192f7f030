#include "memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace quern {
namespace {

constexpr int64_t kAlignment = 256;
constexpr int64_t kSmallestBlock = int64_t{1} << 20;
// Larger blocks ask for pages of this size: what a cache then holds does not depend on where the system put 4 KB pages.
constexpr int64_t kHugePage = int64_t{1} << 21;

std::atomic<int64_t> countdown{0};
std::atomic<int64_t> live{0};

class HostMemory final : public MemorySource {
 public:
  char* allocate(int64_t bytes) override {
    if (countdown.load(std::memory_order_relaxed) > 0 && countdown.fetch_sub(1) == 1) throw std::bad_alloc();
    void* data = std::aligned_alloc(static_cast<size_t>(bytes < kHugePage ? kAlignment : kHugePage), static_cast<size_t>(bytes));
    if (data == nullptr) throw std::bad_alloc();
    if (bytes >= kHugePage) madvise(data, static_cast<size_t>(bytes), MADV_HUGEPAGE);
    live.fetch_add(1);
    return static_cast<char*>(data);
  }
  void release(char* memory) noexcept override {
    std::free(memory);
    live.fetch_sub(1);
  }
};

}  // namespace

void fail_allocation(int64_t n) noexcept { countdown.store(n); }
int64_t live_blocks() noexcept { return live.load(); }

MemorySource& host_memory() noexcept {
  static HostMemory memory;
  return memory;
}

void* Arena::take_bytes(int64_t bytes) {
  bytes = checked_add(bytes, kAlignment - 1, "workspace") / kAlignment * kAlignment;
  if (blocks_.empty() || used_ + bytes > blocks_.back().size) {
    int64_t size = std::max({bytes, kSmallestBlock, blocks_.empty() ? wanted_ : int64_t{0}});
    if (size >= kHugePage) size = checked_add(size, kHugePage - 1, "workspace") / kHugePage * kHugePage;
    blocks_.reserve(blocks_.size() + 1);
    blocks_.push_back({source_.allocate(size), size});
    held_ += size;
    used_ = 0;
  }
  void* start = blocks_.back().data + used_;
  used_ += bytes;
  return start;
}

void Arena::reset() noexcept {
  if (blocks_.size() > 1) {
    int64_t sum = held_;
    trim();
    wanted_ = sum;
  }
  used_ = 0;
}

void Arena::trim() noexcept {
  for (const Block& block : blocks_) source_.release(block.data);
  blocks_.clear();
  used_ = held_ = wanted_ = 0;
}

}  // namespace quern
