#include "processor.hpp"

#include <fstream>
#include <string>

#include "tiers.hpp"

using namespace quern::test;

TEST("a cache is read from the registers as the manuals say") {
  // AMD EPYC 9004: 32 kB of L1 data, 32 kB of L1 instructions, 1 MB of L2, 32 MB of L3.
  const quern::CacheLeaf data = quern::cache_leaf(0x121, 0x01c0003f, 0x3f), code = quern::cache_leaf(0x122, 0x01c0003f, 0x3f),
                         second = quern::cache_leaf(0x143, 0x01c0003f, 0x7ff), third = quern::cache_leaf(0x4163, 0x03c0003f, 0x7fff);
  EXPECT(data.type == quern::CacheLeaf::kData && data.level == 1 && data.bytes == 32 << 10);
  EXPECT(code.type == quern::CacheLeaf::kInstructions && code.level == 1);
  EXPECT(second.type == quern::CacheLeaf::kUnified && second.level == 2 && second.bytes == 1 << 20);
  EXPECT(third.level == 3 && third.bytes == 32 << 20);
  EXPECT(quern::cache_leaf(0, 0, 0).type == quern::CacheLeaf::kNone);
}

TEST("hidden caches have no size, visible ones a plausible one") {
  for (int level : {-1, 0, 4, 100}) EXPECT(quern_cache_bytes(level) == 0);
  if (quern_hides_caches() == 1) {
    for (int level = 1; level <= 3; level++) EXPECT(quern_cache_bytes(level) == 0);
  }
  const int64_t first = quern_cache_bytes(1);
  EXPECT(first == 0 || (first >= 8 << 10 && first <= 1 << 20));
  EXPECT(first == 0 || quern_cache_bytes(2) > first);
}

TEST("the processor's name is the one that the system shows") {
  std::ifstream processors("/proc/cpuinfo");
  std::string line, name = quern_processor_name();
  if (name.empty()) return;
  name.erase(0, name.find_first_not_of(' '));
  name.erase(name.find_last_not_of(' ') + 1);
  while (std::getline(processors, line) && line.rfind("model name", 0) != 0) {
  }
  EXPECT(!processors || line.find(name) != std::string::npos);
}
