// The test frame: TEST("a sentence") { EXPECT(condition); EXPECT_NEAR(a, b, bound); … }. One executable per *_test.cpp; argument: substring of
// the sentences to run. Random tests draw from seeded(), whose seed is printed on failure and replayed with QUERN_SEED.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <random>
#include <vector>

namespace quern::test {

struct Case {
  const char* sentence;
  void (*body)();
};
inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}
inline int& failures() {
  static int count = 0;
  return count;
}
inline uint64_t seed() {
  static const uint64_t chosen = std::getenv("QUERN_SEED") != nullptr ? std::strtoull(std::getenv("QUERN_SEED"), nullptr, 10) : 20260101;
  return chosen;
}
inline std::mt19937_64 seeded(uint64_t stream = 0) { return std::mt19937_64(seed() * 1000003 + stream); }

struct Registered {
  Registered(const char* sentence, void (*body)()) { cases().push_back({sentence, body}); }
};

inline void report(const char* file, int line, const char* text) {
  if (++failures() <= 20) std::fprintf(stderr, "  %s:%d: %s (seed %llu)\n", file, line, text, static_cast<unsigned long long>(seed()));
}

inline void report_near(const char* file, int line, const char* text, double actual, double expected, double bound) {
  char message[512];
  std::snprintf(message, sizeof message, "%s: %.9g is not within %.3g of %.9g", text, actual, bound, expected);
  report(file, line, message);
}

inline int run_all(int count, char** arguments) {
  int ran = 0, failed = 0;
  for (const Case& c : cases()) {
    if (count > 1 && std::strstr(c.sentence, arguments[1]) == nullptr) continue;
    const int before = failures();
    try {
      c.body();
    } catch (const std::exception& error) {
      report(c.sentence, 0, error.what());
    }
    ran++;
    if (failures() != before) {
      failed++;
      std::fprintf(stderr, "FAILED %s\n", c.sentence);
    }
  }
  std::printf("%d passed, %d failed\n", ran - failed, failed);
  return failed == 0 && ran > 0 ? 0 : 1;
}

}  // namespace quern::test

#define QUERN_JOIN_(a, b) a##b
#define QUERN_JOIN(a, b) QUERN_JOIN_(a, b)
#define TEST(sentence)                                                                                            \
  static void QUERN_JOIN(test_, __LINE__)();                                                                      \
  static const quern::test::Registered QUERN_JOIN(registered_, __LINE__)(sentence, QUERN_JOIN(test_, __LINE__)); \
  static void QUERN_JOIN(test_, __LINE__)()
#define EXPECT(condition) \
  do {                    \
    if (!(condition)) quern::test::report(__FILE__, __LINE__, #condition); \
  } while (false)
#define EXPECT_NEAR(actual, expected, bound)                                                                             \
  do {                                                                                                                   \
    const double actual_ = static_cast<double>(actual), expected_ = static_cast<double>(expected), bound_ = (bound);     \
    if (!(std::fabs(actual_ - expected_) <= bound_)) quern::test::report_near(__FILE__, __LINE__, #actual, actual_, expected_, bound_); \
  } while (false)
