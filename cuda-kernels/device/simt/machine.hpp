// The harness's machine.hpp on the GPU: blocks and threads take turns as the hardware likes, a fault is an error of the next synchronisation.
#pragma once

#include <cstdint>

namespace quern::simt {

class Machine {
 public:
  static Machine& current() {
    static Machine machine;
    return machine;
  }
  void set_seed(uint64_t) {}
};

}  // namespace quern::simt
