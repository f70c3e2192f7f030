// Contexts for tests: every tier this machine runs, any thread count.
#pragma once

#include <memory>
#include <vector>

#include "expect.hpp"
#include "quern/quern.h"

namespace quern::test {

struct Destroy {
  void operator()(quern_context* context) const { quern_context_destroy(context); }
};
using Context = std::unique_ptr<quern_context, Destroy>;

inline std::vector<int> tiers() {
  std::vector<int> run;
  for (int isa = QUERN_ISA_BASELINE; isa <= QUERN_ISA_AMX; isa++) {
    if (quern_isa_refusal(isa) == nullptr) run.push_back(isa);
  }
  return run;
}

inline Context open(int isa = QUERN_ISA_AUTO, int threads = 2, int check_finite = 0) {
  quern_context_options options{threads, isa, check_finite, QUERN_CPU, 0, nullptr};
  quern_context* context = nullptr;
  if (quern_context_create(&options, &context) != QUERN_OK) {
    std::fprintf(stderr, "no context: %s\n", quern_last_error());
    std::exit(1);
  }
  return Context(context);
}

// True if the last call failed with the status and its message holds the text.
inline bool refused(int32_t status, int32_t expected, const char* text) {
  const bool as_expected = status == expected && std::strstr(quern_last_error(), text) != nullptr;
  if (!as_expected) std::fprintf(stderr, "  status %d: \"%s\", wanted %d: \"%s\"\n", status, quern_last_error(), expected, text);
  return as_expected;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

inline std::vector<float> gaussian(std::mt19937_64& random, size_t count, float scale = 1.0f) {
  std::normal_distribution<float> normal(0.0f, scale);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

}  // namespace quern::test
