#include "processor.hpp"

#if defined(QUERN_X86)
#include <cpuid.h>
#endif

#include <array>
#include <cstring>

#include "quern/quern.h"

namespace quern {

CacheLeaf cache_leaf(unsigned eax, unsigned ebx, unsigned ecx) {
  const int64_t ways = (ebx >> 22) + 1, partitions = ((ebx >> 12) & 0x3ff) + 1, line = (ebx & 0xfff) + 1, sets = int64_t{ecx} + 1;
  return {static_cast<int>(eax & 31), static_cast<int>((eax >> 5) & 7), ways * partitions * line * sets};
}

namespace {

#if defined(QUERN_X86)

struct Registers {
  unsigned a, b, c, d;
};

// Without a look at the highest leaf: what an absent one returns is what readers that do not look, such as oneDNN's, take for caches.
Registers cpuid(unsigned leaf, unsigned subleaf) {
  Registers found;
  __cpuid_count(leaf, subleaf, found.a, found.b, found.c, found.d);
  return found;
}

constexpr unsigned kIntelCaches = 4, kAmdCaches = 0x8000001D, kName = 0x80000002;
constexpr size_t kNameParts = 3;
using Name = std::array<char, kNameParts * sizeof(Registers) + 1>;

bool is_amd() {
  const Registers vendor = cpuid(0, 0);
  return vendor.b == signature_AMD_ebx && vendor.c == signature_AMD_ecx && vendor.d == signature_AMD_edx;
}

Name read_name() {
  Name name{};
  if (__get_cpuid_max(0x80000000, nullptr) < kName + kNameParts - 1) return name;
  for (unsigned part = 0; part < kNameParts; part++) {
    const Registers letters = cpuid(kName + part, 0);
    std::memcpy(name.data() + part * sizeof letters, &letters, sizeof letters);
  }
  return name;
}

const char* processor_name() {
  static const Name name = read_name();
  return name.data();
}

int64_t cache_bytes(int level) {
  const unsigned leaf = is_amd() ? kAmdCaches : kIntelCaches;
  if (__get_cpuid_max(leaf & 0x80000000, nullptr) < leaf) return 0;
  constexpr unsigned kMostCaches = 8;
  for (unsigned subleaf = 0; subleaf < kMostCaches; subleaf++) {
    const Registers found = cpuid(leaf, subleaf);
    const CacheLeaf cache = cache_leaf(found.a, found.b, found.c);
    if (cache.type == CacheLeaf::kNone) return 0;
    if (cache.type != CacheLeaf::kInstructions && cache.level == level) return cache.bytes;
  }
  return 0;
}

bool hides_caches() {
  const Registers first = cpuid(kAmdCaches, 0);
  return is_amd() && cache_leaf(first.a, first.b, first.c).type == CacheLeaf::kNone;
}

#else

const char* processor_name() { return ""; }
int64_t cache_bytes(int) { return 0; }
bool hides_caches() { return false; }

#endif

}  // namespace
}  // namespace quern

const char* quern_processor_name(void) { return quern::processor_name(); }

int64_t quern_cache_bytes(int32_t level) { return quern::cache_bytes(level); }

int32_t quern_hides_caches(void) { return quern::hides_caches() ? 1 : 0; }
