#include "machine.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <random>

namespace quern::simt {
namespace {

constexpr unsigned kMostThreads = 65536, kMostBlocks = 256;  // side by side
constexpr size_t kSharedAlignment = 1024;

std::vector<Dim3> indices(const Dim3& grid) {
  std::vector<Dim3> all;
  for (unsigned z = 0; z < grid.z; z++) {
    for (unsigned y = 0; y < grid.y; y++) {
      for (unsigned x = 0; x < grid.x; x++) all.push_back({x, y, z});
    }
  }
  return all;
}

const char* name_of(Waiting how) {
  switch (how) {
    case Waiting::kMeeting: return "a warp operation";
    case Waiting::kBlock: return "a block barrier";
    case Waiting::kNamed: return "a named barrier";
    case Waiting::kCluster: return "a cluster barrier";
    case Waiting::kGrid: return "a grid barrier";
    case Waiting::kPhase: return "an mbarrier";
    case Waiting::kFinished: return "nothing: it has finished";
    default: return "nothing: it runs";
  }
}

}  // namespace

Machine& Machine::current() {
  static Machine machine;
  return machine;
}

std::string Machine::place_of(const Thread& thread) const {
  char text[160];
  const Dim3 &b = thread.block->index, &t = thread.thread_index;
  std::snprintf(text, sizeof text, "block (%u,%u,%u) thread %u", b.x, b.y, b.z, t.x);
  return text;
}

void Machine::describe(Site site, const char* format, va_list arguments) {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  const char* slash = site.file == nullptr ? nullptr : std::strrchr(site.file, '/');
  const std::string file = site.file == nullptr ? "" : slash == nullptr ? site.file : slash + 1;
  fault_ = file + ":" + std::to_string(site.line) + ": " + (self_ == nullptr ? std::string() : place_of(*self_) + ": ") + text;
}

void Machine::fault(Site site, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  describe(site, format, arguments);
  va_end(arguments);
  if (self_ == nullptr) throw Fault(fault_);
  // The stack of the faulting thread is never entered again: nothing on it may own memory.
  Thread* faulty = self_;
  self_ = nullptr;
  Fiber::change(faulty->fiber, main_);
  __builtin_unreachable();
}

void Machine::fault_of_memory(const void* address) { fault(self_->site, "wrong global address %p after this line", address); }

void Machine::deadlock() {
  for (const auto& thread : threads_) {
    if (thread->waiting == Waiting::kFinished) continue;
    self_ = thread.get();
    fault(thread->site, "waits for ever for %s", name_of(thread->waiting));
  }
  __builtin_unreachable();
}

void Machine::run(const LaunchShape& shape, const std::function<void()>& kernel) {
  const std::lock_guard<std::mutex> turn(turn_);
  try {
    run_all(shape, kernel);
  } catch (const Fault& fault) {
    if (!listener_) throw;
    listener_(fault);
  }
}

void Machine::run_all(const LaunchShape& shape, const std::function<void()>& kernel) {
  shape_ = shape;
  kernel_ = &kernel;
  std::vector<Dim3> all = indices(shape.grid);
  const size_t together = shape.residency == Residency::kCooperative ? all.size() : shape.cluster;
  if (shape.threads == 0 || shape.threads > 1024 || shape.cluster == 0 || together == 0 || all.size() % together != 0 ||
      shape.grid.x % shape.cluster != 0 || together > kMostBlocks || together * shape.threads > kMostThreads) {
    throw Fault("launch of " + std::to_string(all.size()) + " blocks of " + std::to_string(shape.threads) + " threads in clusters of " +
                std::to_string(shape.cluster) + ": no such shape");
  }
  std::vector<size_t> order(all.size() / together);
  for (size_t g = 0; g < order.size(); g++) order[g] = g;
  std::mt19937_64 random(seed_);
  std::shuffle(order.begin(), order.end(), random);
  for (size_t g : order) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(g * together);
    run_side_by_side({begin, begin + static_cast<std::ptrdiff_t>(together)});
  }
}

void Machine::prepare(Block& block, Dim3 index, unsigned rank, size_t count) {
  block.index = index;
  block.rank = rank;
  block.first = rank * shape_.threads;
  block.epoch = 1;
  block.settled.assign(count, 0);
  block.settled[rank] = 1;
  block.storage.assign(shape_.shared_bytes + kSharedAlignment, 0xff);
  const size_t past = reinterpret_cast<uintptr_t>(block.storage.data()) % kSharedAlignment;
  block.shared = block.storage.data() + (kSharedAlignment - past) % kSharedAlignment;
  block.shadow.reset(shape_.shared_bytes);
  block.barrier = Gathering{};
  block.named.clear();
  block.warpgroups.clear();
  block.phases.clear();
}

void Machine::prepare(const std::vector<Dim3>& blocks) {
  while (blocks_.size() < blocks.size()) blocks_.push_back(std::make_unique<Block>());
  const size_t count = blocks.size() * shape_.threads;
  if (threads_.size() > count) threads_.resize(count);
  while (threads_.size() < count) threads_.push_back(std::make_unique<Thread>());
  for (unsigned rank = 0; rank < blocks.size(); rank++) prepare(*blocks_[rank], blocks[rank], rank, blocks.size());
  ready_.clear();
  for (unsigned t = 0; t < count; t++) {
    Thread& thread = *threads_[t];
    thread.block = blocks_[t / shape_.threads].get();
    thread.index = t % shape_.threads;
    thread.thread_index = {thread.index, 0, 0};
    thread.waiting = Waiting::kNot;
    thread.site = {"kernel entry", 0};
    thread.clock = 1;
    thread.known.clear();
    thread.copies.clear();
    thread.groups.clear();
    thread.products.clear();
    thread.fiber.prepare(&Machine::enter, &thread);
    ready_.push_back(&thread);
  }
  cluster_ = grid_ = Gathering{};
  groups_.clear();
  running_blocks_ = static_cast<unsigned>(blocks.size());
  live_ = static_cast<unsigned>(count);
  std::mt19937_64 random(seed_ + 1);
  std::shuffle(ready_.begin(), ready_.end(), random);
}

void Machine::run_side_by_side(const std::vector<Dim3>& blocks) {
  prepare(blocks);
  fault_.clear();
  self_ = ready_.front();
  ready_.pop_front();
  Fiber::change(main_, self_->fiber);
  if (!fault_.empty()) throw Fault(fault_);
}

void Machine::enter(void* argument) {
  Thread& self = *static_cast<Thread*>(argument);
  Machine& machine = current();
  Fiber::entered(self.fiber);
  (*machine.kernel_)();
  if (!self.copies.empty() || !self.groups.empty() || !self.products.idle()) machine.fault(self.site, "ends with asynchronous work that nobody waited for");
  machine.live_--;
  machine.wait(Waiting::kFinished, self.site);
  __builtin_unreachable();
}

void Machine::wake(Thread& thread) {
  thread.waiting = Waiting::kNot;
  ready_.push_back(&thread);
}

// Gives the turn away. Returns when the thread has been woken.
void Machine::wait(Waiting how, Site site) {
  Thread& self = *self_;
  self.waiting = how;
  self.site = site;
  if (!ready_.empty()) {
    self_ = ready_.front();
    ready_.pop_front();
    Fiber::change(self.fiber, self_->fiber);
    return;
  }
  if (live_ > 0) deadlock();
  self_ = nullptr;
  Fiber::change(self.fiber, main_);
}

Moment Machine::moment() const {
  const Thread& self = *self_;
  return {self.block->first + self.index, self.block->rank, self.block->epoch, self.clock, &self.known, self.block->settled.data()};
}

unsigned char* Machine::access(Block& block, size_t offset, size_t bytes, Access access, Site site) {
  if (offset + bytes > shape_.shared_bytes) {
    fault(site, "shared byte %zu is beyond the %zu of the launch", offset + bytes - 1, shape_.shared_bytes);
  }
  if (access != Access::kWrite && !block.shadow.written(offset, bytes)) fault(site, "reads shared byte %zu, which nobody has written", offset);
  const Conflict conflict = block.shadow.touch(offset, bytes, access, moment());
  if (conflict.found) {
    fault(site, "race on shared byte %zu: %s after thread %u's %s without a barrier between", offset,
          access == Access::kRead ? "read" : access == Access::kWrite ? "write" : "atomic", conflict.thread % shape_.threads,
          conflict.access == Access::kRead ? "read" : conflict.access == Access::kWrite ? "write" : "atomic");
  }
  return block.shared + offset;
}

}  // namespace quern::simt
