// What CPUID tells of the processor and its caches.
#pragma once

#include <cstdint>

namespace quern {

// A subleaf of CPUID leaf 4 (Intel) or 0x8000001D (AMD).
struct CacheLeaf {
  enum Type { kNone = 0, kData = 1, kInstructions = 2, kUnified = 3 };
  int type;
  int level;
  int64_t bytes;
};
CacheLeaf cache_leaf(unsigned eax, unsigned ebx, unsigned ecx);

}  // namespace quern
