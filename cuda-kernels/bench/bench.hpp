// Benchmarks of the CUDA kernels: one file <op>_bench.cpp each, all in one program. A BENCH body measures; run(turn) puts one call on
// the default stream, on inputs that differ from turn to turn where they would fit the cache.
#pragma once

#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "quern_cuda.hpp"
#include "simt/device_array.hpp"
#include "tiers.hpp"

namespace quern::bench {

using simt::DeviceArray;
using Run = std::function<int(int turn)>;

// name: shared with peers.py. target_ms: on an H200.
struct Bench {
  const char* name;
  double target_ms;
  void (*body)(const Bench&);
};
inline std::vector<Bench>& benches() {
  static std::vector<Bench> all;
  return all;
}
struct Listed {
  explicit Listed(const Bench& bench) { benches().push_back(bench); }
};

// Prints a JSON line: what some of the results of run(0) are off by, asked before anything is timed; then the median over 21 timings by device
// events, or as many as fit five seconds but five at least, each of as many calls as last a millisecond.
void measure(const Bench& bench, const Run& run, const std::function<double()>& error);

// The larger deviation; NaN if one is.
inline double worse(double a, double b) { return std::isnan(b) || std::fabs(b) > a ? std::fabs(b) : a; }

// What the first, the middle and the last of n rows are off by, at most.
template <class Off>
double worst_of(int64_t n, const Off& off) {
  double worst = 0;
  for (const int64_t i : {int64_t{0}, n / 2, n - 1}) worst = worse(worst, off(static_cast<size_t>(i)));
  return worst;
}

// Normal values: a million drawn, then repeated.
inline std::vector<float> noise(size_t count, uint64_t seed = 7) {
  std::mt19937_64 random(seed);
  std::vector<float> values = test::gaussian(random, count < 1000003 ? count : 1000003, 1.0f);
  const size_t drawn = values.size();
  values.resize(count);
  for (size_t i = drawn; i < count; i++) values[i] = values[i - drawn];
  return values;
}

cuda::Device this_device();

}  // namespace quern::bench

#define BENCH(name, target_ms)                                                                                          \
  static void QUERN_JOIN(bench_, __LINE__)(const quern::bench::Bench&);                                                 \
  static const quern::bench::Listed QUERN_JOIN(listed_, __LINE__)({name, target_ms, QUERN_JOIN(bench_, __LINE__)});     \
  static void QUERN_JOIN(bench_, __LINE__)(const quern::bench::Bench& bench)
