#include "parallel_for.hpp"

#include <chrono>
#include <vector>

#include "expect.hpp"

using quern::ThreadPool;

namespace {

// Long enough for a worker to stop spinning and fall asleep.
void idle() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(200);
  while (std::chrono::steady_clock::now() < end) {
  }
}

}  // namespace

TEST("every task runs once on a thread of the pool, whether workers spin, sleep or come too late") {
  for (int threads : {1, 2, 3, 12}) {
    ThreadPool pool(threads);
    for (int64_t call = 0; call < 300; call++) {
      const int64_t tasks = call % 41;
      std::vector<std::atomic<int>> runs(static_cast<size_t>(tasks));
      std::atomic<int> strangers{0};
      pool.parallel_for(tasks, [&](int64_t task, int worker) {
        runs[static_cast<size_t>(task)]++;
        strangers += worker < 0 || worker >= threads;
      });
      for (const std::atomic<int>& count : runs) EXPECT(count == 1);
      EXPECT(strangers == 0);
      if (call % 3 == 0) idle();
    }
  }
}

TEST("a worker that was woken away from the caller's core may run on every core again") {
  cpu_set_t mine;
  EXPECT(sched_getaffinity(0, sizeof mine, &mine) == 0);
  ThreadPool pool(2);
  std::atomic<int> confined{0};
  for (int call = 0; call < 100; call++) {
    idle();
    pool.parallel_for(16, [&](int64_t, int) {
      cpu_set_t allowed;
      confined += sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_EQUAL(&allowed, &mine) == 0;
      idle();
    });
  }
  EXPECT(confined == 0);
}
