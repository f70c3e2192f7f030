#include "memory.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace quern {
namespace {

constexpr int64_t kAlignment = 64;
constexpr int64_t kSmallestBlock = int64_t{1} << 20;

std::atomic<int64_t> countdown{0};
std::atomic<int64_t> live{0};

char* allocate(int64_t bytes) {
  if (countdown.load(std::memory_order_relaxed) > 0 && countdown.fetch_sub(1) == 1) throw std::bad_alloc();
  void* data = std::aligned_alloc(kAlignment, static_cast<size_t>(bytes));
  if (data == nullptr) throw std::bad_alloc();
  live.fetch_add(1);
  return static_cast<char*>(data);
}

}  // namespace

void fail_allocation(int64_t n) noexcept { countdown.store(n); }
int64_t live_blocks() noexcept { return live.load(); }

void* Arena::take_bytes(int64_t bytes) {
  bytes = checked_add(bytes, kAlignment - 1, "workspace") / kAlignment * kAlignment;
  if (blocks_.empty() || used_ + bytes > blocks_.back().size) {
    int64_t size = std::max({bytes, kSmallestBlock, blocks_.empty() ? wanted_ : int64_t{0}});
    blocks_.reserve(blocks_.size() + 1);
    blocks_.push_back({allocate(size), size});
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
  for (const Block& block : blocks_) {
    std::free(block.data);
    live.fetch_sub(1);
  }
  blocks_.clear();
  used_ = held_ = wanted_ = 0;
}

}  // namespace quern
