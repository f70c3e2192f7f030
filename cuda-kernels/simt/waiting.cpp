// Where the threads of a launch wait for each other: meetings of warps, barriers of blocks, clusters and grids, mbarriers.
#include <algorithm>
#include <set>

#include "machine.hpp"

namespace quern::simt {

// What the thread has done so far becomes known through clocks.
void Machine::publish(Thread& thread, Clocks& clocks) {
  const size_t t = thread.block->first + thread.index;
  if (thread.known.empty()) thread.known.assign(size_t{running_blocks_} * shape_.threads, 0);
  thread.known[t] = ++thread.clock;
  join(clocks, thread.known);
}

// True when this thread is the last of the mask; whoever cannot come any more is a fault.
bool Machine::all_met(uint32_t mask, const char* purpose, Site site) {
  const Thread& self = *self_;
  if ((mask >> self.lane() & 1u) == 0) fault(site, "%s: mask %08x lacks the caller's lane %u", purpose, mask, self.lane());
  bool complete = true;
  for (unsigned lane = 0; lane < kWarp; lane++) {
    if ((mask >> lane & 1u) == 0 || lane == self.lane()) continue;
    const unsigned index = self.warp() * kWarp + lane;
    if (index >= shape_.threads) fault(site, "%s: mask %08x names lane %u, which the block does not have", purpose, mask, lane);
    const Thread& other = *threads_[self.block->first + index];
    const bool elsewhere = other.waiting == Waiting::kMeeting && (other.mask >> self.lane() & 1u) == 0;
    if (other.waiting == Waiting::kNot || other.waiting == Waiting::kPhase || elsewhere) {
      complete = false;
    } else if (other.waiting != Waiting::kMeeting || other.mask != mask || other.purpose != purpose || other.site != site) {
      fault(site, "%s under divergence: lane %u of mask %08x is at line %d", purpose, lane, mask, other.site.line);
    }
  }
  return complete;
}

void Machine::meet(uint32_t mask, const char* purpose, void* payload, Complete complete, Site site) {
  Thread& self = *self_;
  const bool last = all_met(mask, purpose, site);
  self.mask = mask;
  self.purpose = purpose;
  self.payload = payload;
  if (!last) return wait(Waiting::kMeeting, site);
  self.site = site;
  void* payloads[kWarp] = {};
  Thread** lanes = warp_lanes_;
  for (unsigned lane = 0; lane < kWarp; lane++) {
    lanes[lane] = (mask >> lane & 1u) == 0 ? nullptr : threads_[self.block->first + self.warp() * kWarp + lane].get();
    if (lanes[lane] != nullptr) payloads[lane] = lanes[lane]->payload;
  }
  complete(mask, payloads);
  for (unsigned lane = 0; lane < kWarp; lane++) {
    if (lanes[lane] != nullptr && lanes[lane] != &self) wake(*lanes[lane]);
  }
}

void Machine::synchronise_warp(uint32_t mask, Site site) {
  meet(mask, "__syncwarp", nullptr,
       [](uint32_t, void* const*) {
         Machine& machine = current();
         Clocks all;
         for (Thread* lane : machine.warp_lanes_) {
           if (lane != nullptr) machine.publish(*lane, all);
         }
         for (Thread* lane : machine.warp_lanes_) {
           if (lane != nullptr) lane->known = all;
         }
       },
       site);
}

template <class Last>
void Machine::gather(Gathering& gathering, unsigned count, Waiting how, const char* name, Site site, const Last& last) {
  if (gathering.arrived == 0) gathering.site = site;
  if (gathering.site != site) fault(site, "%s under divergence: others wait at line %d", name, gathering.site.line);
  gathering.arrived++;
  if (gathering.arrived < count) {
    gathering.waiting.push_back(self_);
    return wait(how, site);
  }
  last();
  for (Thread* thread : gathering.waiting) wake(*thread);
  gathering.waiting.clear();
  gathering.arrived = 0;
}

void Machine::pass_epoch(Block& block) {
  block.epoch++;
  block.settled[block.rank] = block.epoch;
  if (running_blocks_ > 1) {
    // What one thread knows of other blocks, all of its block know now.
    Clocks all;
    for (unsigned t = 0; t < shape_.threads; t++) join(all, threads_[block.first + t]->known);
    for (unsigned t = 0; t < shape_.threads; t++) threads_[block.first + t]->known = all;
  } else {
    for (unsigned t = 0; t < shape_.threads; t++) threads_[block.first + t]->known.clear();
  }
}

void Machine::block_barrier(Site site) {
  Block& block = *self_->block;
  gather(block.barrier, shape_.threads, Waiting::kBlock, "block barrier", site, [&] { pass_epoch(block); });
}

void Machine::named_barrier(int id, unsigned threads, Site site) {
  if (id < 1 || id > 15 || threads % kWarp != 0) fault(site, "named barrier %d of %u threads, allowed: 1 … 15, whole warps", id, threads);
  Gathering& gathering = self_->block->named[id];
  Thread& self = *self_;
  // A named barrier may be reached from different places.
  if (gathering.arrived > 0) gathering.site = site;
  gather(gathering, threads, Waiting::kNamed, "named barrier", site, [&] {
    Clocks all;
    publish(self, all);
    for (Thread* thread : gathering.waiting) publish(*thread, all);
    self.known = all;
    for (Thread* thread : gathering.waiting) thread->known = all;
  });
}

void Machine::meet_warpgroup(const char* purpose, void* payload, void (*complete)(void* const*), Site site) {
  Thread& self = *self_;
  const unsigned first = self.index / kWarpgroup * kWarpgroup;
  if (first + kWarpgroup > shape_.threads) fault(site, "%s: thread %u belongs to no whole warpgroup", purpose, self.index);
  self.payload = payload;
  gather(self.block->warpgroups[first], kWarpgroup, Waiting::kNamed, purpose, site, [&] {
    void* payloads[kWarpgroup];
    for (unsigned t = 0; t < kWarpgroup; t++) payloads[t] = threads_[self.block->first + first + t]->payload;
    self.site = site;
    complete(payloads);
  });
}

void Machine::settle_all() {
  for (unsigned b = 0; b < running_blocks_; b++) pass_epoch(*blocks_[b]);
  for (unsigned b = 0; b < running_blocks_; b++) {
    for (unsigned other = 0; other < running_blocks_; other++) blocks_[b]->settled[other] = blocks_[other]->epoch;
  }
}

void Machine::cluster_barrier(Site site) {
  if (shape_.residency == Residency::kCooperative && shape_.cluster != running_blocks_) fault(site, "no clusters in a cooperative launch");
  gather(cluster_, running_blocks_ * shape_.threads, Waiting::kCluster, "cluster barrier", site, [&] { settle_all(); });
}

void Machine::grid_barrier(Site site) {
  if (shape_.residency != Residency::kCooperative) fault(site, "a grid barrier needs a cooperative launch");
  gather(grid_, running_blocks_ * shape_.threads, Waiting::kGrid, "grid barrier", site, [&] { settle_all(); });
}

void Machine::group_barrier(const void* counter, unsigned blocks, Site site) {
  if (shape_.residency != Residency::kCooperative) fault(site, "a barrier of %u blocks needs a cooperative launch", blocks);
  Gathering& gathering = groups_[counter];
  gather(gathering, blocks * shape_.threads, Waiting::kGrid, "group barrier", site, [&] {
    std::set<Block*> together{self_->block};
    for (const Thread* thread : gathering.waiting) together.insert(thread->block);
    for (Block* block : together) pass_epoch(*block);
  });
}

Phase& Machine::phase_at(Block& block, size_t offset, Site site) {
  const auto found = block.phases.find(offset);
  if (found == block.phases.end()) fault(site, "no mbarrier was initialised at shared byte %zu", offset);
  return found->second;
}

void Machine::end_phase_if_complete(Phase& phase) {
  if (phase.pending > 0 || phase.bytes != 0) return;
  phase.pending = phase.expected;
  phase.parity ^= 1;
  for (Thread* thread : phase.waiting) {
    join(thread->known, phase.clocks);
    wake(*thread);
  }
  phase.waiting.clear();
}

void Machine::phase_init(Block& block, size_t offset, unsigned count, Site site) {
  access(block, offset, 8, Access::kWrite, site);
  Phase& phase = block.phases[offset] = Phase{};
  phase.expected = phase.pending = count;
}

void Machine::phase_arrive(Block& block, size_t offset, int64_t expected_bytes, Site site) {
  access(block, offset, 8, Access::kAtomic, site);
  Phase& phase = phase_at(block, offset, site);
  if (phase.pending == 0) fault(site, "more arrivals at the mbarrier than the %u it was initialised for", phase.expected);
  publish(*self_, phase.clocks);
  phase.pending--;
  phase.bytes += expected_bytes;
  end_phase_if_complete(phase);
}

void Machine::phase_deliver(Block& block, size_t offset, int64_t bytes, Site site) {
  Phase& phase = phase_at(block, offset, site);
  publish(*self_, phase.clocks);
  phase.bytes -= bytes;
  end_phase_if_complete(phase);
}

void Machine::phase_wait(Block& block, size_t offset, unsigned parity, Site site) {
  access(block, offset, 8, Access::kAtomic, site);
  Phase& phase = phase_at(block, offset, site);
  if (phase.parity != (parity & 1u)) {
    join(self_->known, phase.clocks);
    return;
  }
  phase.waiting.push_back(self_);
  wait(Waiting::kPhase, site);
}

float* Products::open(float* accumulators, size_t count) {
  std::vector<float>& sums = sums_[accumulators];
  if (sums.empty()) sums.assign(accumulators, accumulators + count);
  for (size_t i = 0; i < count; i++) accumulators[i] = __builtin_nanf("");
  issued_.push_back(accumulators);
  return sums.data();
}

void Products::commit() {
  groups_.push_back(std::move(issued_));
  issued_.clear();
}

void Products::wait(size_t kept) {
  while (groups_.size() > kept) groups_.pop_front();
  std::set<float*> in_flight(issued_.begin(), issued_.end());
  for (const auto& group : groups_) in_flight.insert(group.begin(), group.end());
  for (auto at = sums_.begin(); at != sums_.end();) {
    if (in_flight.count(at->first) == 0) {
      std::copy(at->second.begin(), at->second.end(), at->first);
      at = sums_.erase(at);
    } else {
      ++at;
    }
  }
}

}  // namespace quern::simt
