// The machine that runs a kernel on the CPU, thread by thread: every thread is a fiber that runs until it has to wait for others.
//
// Blocks run one after the other in a seeded order, those of one cluster (or of a cooperative grid) side by side. Whatever a kernel may not do
// ends the launch with a Fault that names the source line, the block and the thread.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "fiber.hpp"
#include "shadow.hpp"

namespace quern::simt {

struct Dim3 {
  unsigned x = 1, y = 1, z = 1;
};

// Where in a kernel something happened; a default argument takes the caller's place.
struct Site {
  const char* file;
  int line;

  static Site here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, line}; }
  bool operator==(const Site& o) const { return line == o.line && file == o.file; }
  bool operator!=(const Site& o) const { return !(*this == o); }
};

class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Residency { kIndependent, kCooperative };

struct LaunchShape {
  Dim3 grid;
  unsigned threads = 1;  // of a block, along x
  size_t shared_bytes = 0;
  unsigned cluster = 1;
  Residency residency = Residency::kIndependent;
};

constexpr unsigned kWarp = 32, kWarpgroup = 128;

struct Block;

// Where a thread stands while others go on.
enum class Waiting { kNot, kMeeting, kBlock, kNamed, kCluster, kGrid, kPhase, kFinished };

// A thread's accumulators of asynchronous products: poisoned while in flight, the true sums beside them.
class Products {
 public:
  float* open(float* accumulators, size_t count);
  void commit();
  // Writes back what belongs to none of the youngest `kept` groups.
  void wait(size_t kept);
  bool idle() const { return sums_.empty(); }
  void clear() { *this = Products(); }

 private:
  std::map<float*, std::vector<float>> sums_;
  std::vector<float*> issued_;
  std::deque<std::vector<float*>> groups_;
};

struct Thread {
  Fiber fiber;
  Block* block;
  unsigned index;  // within the block
  Dim3 thread_index;
  Waiting waiting;
  Site site;
  // The meeting it waits in: who takes part, for what, and what it brought.
  uint32_t mask;
  const char* purpose;
  void* payload;
  uint32_t clock;
  Clocks known;
  std::vector<std::function<void()>> copies;  // cp.async issued and not yet committed
  std::deque<std::vector<std::function<void()>>> groups;
  Products products;

  unsigned lane() const { return index % kWarp; }
  unsigned warp() const { return index / kWarp; }
};

// Threads counted in at one place until all have come.
struct Gathering {
  unsigned arrived = 0;
  Site site{nullptr, 0};
  std::vector<Thread*> waiting;
};

// An mbarrier: pending arrivals and bytes of the running phase.
struct Phase {
  unsigned expected = 0, pending = 0;
  int64_t bytes = 0;
  unsigned parity = 0;
  Clocks clocks;
  std::vector<Thread*> waiting;
};

struct Block {
  Dim3 index;
  unsigned rank;   // among the blocks that run side by side
  unsigned first;  // its first thread among theirs
  uint32_t epoch;
  std::vector<uint32_t> settled;
  std::vector<unsigned char> storage;
  unsigned char* shared;  // within storage, aligned
  Shadow shadow;
  Gathering barrier;
  std::map<int, Gathering> named;
  std::map<unsigned, Gathering> warpgroups;
  std::map<size_t, Phase> phases;  // by byte offset in shared memory
};

// Completes a meeting: all payloads of the lanes in mask are at hand.
using Complete = void (*)(uint32_t mask, void* const* payloads);

class Machine {
 public:
  static Machine& current();

  // To its end, one launch after the other. Throws a Fault, or hands it to the listener.
  void run(const LaunchShape& shape, const std::function<void()>& kernel);
  // The order in which blocks and threads get their turn; results must not depend on it.
  void set_seed(uint64_t seed) { seed_ = seed; }
  void set_fault_listener(std::function<void(const Fault&)> listener) { listener_ = std::move(listener); }

  Thread& self() const { return *self_; }
  const LaunchShape& shape() const { return shape_; }
  bool running() const { return self_ != nullptr; }
  Block& block_at(unsigned rank) { return *blocks_[rank]; }
  Moment moment() const;

  // Waits until all lanes of the mask meet here for the same purpose; the last one completes for all.
  void meet(uint32_t mask, const char* purpose, void* payload, Complete complete, Site site);
  // The same for the four warps of a warpgroup: 128 payloads.
  void meet_warpgroup(const char* purpose, void* payload, void (*complete)(void* const*), Site site);
  void block_barrier(Site site);
  void named_barrier(int id, unsigned threads, Site site);
  void cluster_barrier(Site site);
  void grid_barrier(Site site);
  // Some blocks of a cooperative launch, told apart by the counter they share.
  void group_barrier(const void* counter, unsigned blocks, Site site);
  void synchronise_warp(uint32_t mask, Site site);

  void phase_init(Block& block, size_t offset, unsigned count, Site site);
  void phase_arrive(Block& block, size_t offset, int64_t expected_bytes, Site site);
  void phase_wait(Block& block, size_t offset, unsigned parity, Site site);
  // Bytes that an asynchronous copy has delivered.
  void phase_deliver(Block& block, size_t offset, int64_t bytes, Site site);

  // Checks bounds, order and, for reads, that something was written; returns the bytes.
  unsigned char* access(Block& block, size_t offset, size_t bytes, Access access, Site site);

  [[noreturn]] void fault(Site site, const char* format, ...) __attribute__((format(printf, 3, 4)));
  // The fault of a wrong address, raised by the hardware.
  [[noreturn]] void fault_of_memory(const void* address);

 private:
  void describe(Site site, const char* format, va_list arguments);
  void run_all(const LaunchShape& shape, const std::function<void()>& kernel);
  void run_side_by_side(const std::vector<Dim3>& blocks);
  void prepare(const std::vector<Dim3>& blocks);
  void prepare(Block& block, Dim3 index, unsigned rank, size_t count);
  void settle_all();
  void pass_epoch(Block& block);
  void publish(Thread& thread, Clocks& clocks);
  [[noreturn]] static void enter(void* thread);
  void wait(Waiting how, Site site);
  void wake(Thread& thread);
  Phase& phase_at(Block& block, size_t offset, Site site);
  void end_phase_if_complete(Phase& phase);
  bool all_met(uint32_t mask, const char* purpose, Site site);
  // Waits until count threads have come; the last one calls last().
  template <class Last>
  void gather(Gathering& gathering, unsigned count, Waiting how, const char* name, Site site, const Last& last);
  [[noreturn]] void deadlock();
  std::string place_of(const Thread& thread) const;

  LaunchShape shape_;
  const std::function<void()>* kernel_ = nullptr;
  Fiber main_;
  Thread* self_ = nullptr;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::deque<Thread*> ready_;
  Gathering cluster_, grid_;
  std::map<const void*, Gathering> groups_;
  unsigned live_ = 0, running_blocks_ = 0;
  Thread* warp_lanes_[kWarp] = {};  // of the meeting that is being completed
  uint64_t seed_ = 1;
  std::string fault_;
  std::function<void(const Fault&)> listener_;
  std::mutex turn_;
};

}  // namespace quern::simt
