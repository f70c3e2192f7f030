#include "bench.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>

namespace quern::bench {
namespace {

constexpr double kTimings = 21, kFewest = 5, kMost = 5000;  // kMost: milliseconds

class Event {
 public:
  Event() { simt::require(cudaEventCreate(&event_)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { cudaEventDestroy(event_); }
  void record() const { simt::require(cudaEventRecord(event_)); }
  float since(const Event& start) const {
    float ms = 0;
    simt::require(cudaEventSynchronize(event_));
    simt::require(cudaEventElapsedTime(&ms, start.event_, event_));
    return ms;
  }

 private:
  cudaEvent_t event_{};
};

// Milliseconds a call, of `calls` calls; the first one is the turn-th.
double time_calls(const Run& run, int turn, int calls) {
  const Event start, end;
  start.record();
  for (int k = 0; k < calls; k++) simt::require(static_cast<cudaError_t>(run(turn + k)));
  end.record();
  return static_cast<double>(end.since(start)) / calls;
}

int attribute(cudaDeviceAttr which) {
  int id = 0, value = 0;
  simt::require(cudaGetDevice(&id));
  simt::require(cudaDeviceGetAttribute(&value, which, id));
  return value;
}

}  // namespace

cuda::Device this_device() {
  return {attribute(cudaDevAttrMultiProcessorCount),
          10 * attribute(cudaDevAttrComputeCapabilityMajor) + attribute(cudaDevAttrComputeCapabilityMinor),
          attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin)};
}

void measure(const Bench& bench, const Run& run, const std::function<double()>& error) {
  const double first = time_calls(run, 0, 1), off = error();
  const double warm = std::max(1e-3, time_calls(run, 1, first < kMost / kTimings ? 3 : 1));
  const int calls = static_cast<int>(std::clamp(1.0 / warm, 1.0, 1000.0));
  const int timings = static_cast<int>(std::clamp(kMost / (calls * warm), kFewest, kTimings));
  std::vector<double> times;
  for (int k = 0; k < timings; k++) times.push_back(time_calls(run, k * calls, calls));
  std::sort(times.begin(), times.end());
  char text[32] = "null";  // JSON has no NaN
  if (std::isfinite(off)) std::snprintf(text, sizeof text, "%.3g", off);
  std::printf("{\"name\": \"%s\", \"by\": \"quern\", \"median_ms\": %.6g, \"fastest_ms\": %.6g, \"timings\": %d, \"calls\": %d, "
              "\"target_ms\": %.6g, \"error\": %s}\n",
              bench.name, times[times.size() / 2], times[0], timings, calls, bench.target_ms, text);
  std::fflush(stdout);
}

}  // namespace quern::bench

// Argument: a part of the names to run.
int main(int count, char** arguments) {
  int failed = 0;
  for (const auto& bench : quern::bench::benches()) {
    if (count > 1 && std::strstr(bench.name, arguments[1]) == nullptr) continue;
    try {
      bench.body(bench);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", bench.name, error.what());
      failed = 1;
    }
  }
  return failed;
}
