// Who touched each byte of a block's shared memory last, and what every thread knows about the others.
//
// Two accesses of one byte by different threads, at least one of them a write, must be ordered by a barrier. Time is counted in epochs (one per
// block barrier) and, within an epoch, in clocks per thread that travel along warp synchronisations, named barriers and mbarriers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quern::simt {

// clocks[t]: how much of thread t's epoch is known here. Empty: nothing.
using Clocks = std::vector<uint32_t>;

void join(Clocks& into, const Clocks& from);

enum class Access : uint8_t { kRead, kWrite, kAtomic };

// What a thread is at the time of an access.
struct Moment {
  uint32_t thread;  // in the gang
  uint32_t block;   // rank in the gang
  uint32_t epoch;   // of its block
  uint32_t clock;   // its own
  const Clocks* known;
  const uint32_t* settled;  // [blocks] epochs before which all is ordered: by the last cluster or grid barrier; own block: the epoch itself
};

struct Conflict {
  bool found;
  uint32_t thread;  // the other one
  Access access;
};

class Shadow {
 public:
  void reset(size_t bytes) { cells_.assign(bytes, Cell{}); }
  Conflict touch(size_t offset, size_t bytes, Access access, const Moment& now);
  // False if a byte of the range was never written.
  bool written(size_t offset, size_t bytes) const;

 private:
  struct Record {
    uint32_t epoch = 0;  // 0: none
    uint32_t clock = 0;
    uint16_t thread = 0;
    uint8_t block = 0;
    Access access = Access::kRead;
  };
  struct Cell {
    Record write, read[2];
  };
  static bool unordered(const Record& before, const Moment& now);

  std::vector<Cell> cells_;
};

}  // namespace quern::simt
