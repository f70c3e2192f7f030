// The thread pool. Workers spin briefly, then sleep; tasks are handed out one by one; the caller works along.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace quern {

class ThreadPool {
 public:
  explicit ThreadPool(int threads);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  int threads() const noexcept { return static_cast<int>(workers_.size()) + 1; }

  // Calls body(task, worker) once for every task in [0, tasks); worker in [0, threads()) names the thread. body must not throw.
  // Which thread runs a task is not fixed: a task's result may depend on the task alone.
  template <class Body>
  void parallel_for(int64_t tasks, const Body& body) {
    run(tasks, [](const void* context, int64_t task, int worker) { (*static_cast<const Body*>(context))(task, worker); }, &body);
  }

 private:
  using Task = void (*)(const void*, int64_t, int);
  void run(int64_t tasks, Task task, const void* context);
  void work(int worker);
  void drain(int worker);

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::atomic<uint64_t> generation_{0};
  std::atomic<int64_t> next_{0};
  std::atomic<int> busy_{0};
  bool stop_ = false;
  int64_t tasks_ = 0;
  Task task_ = nullptr;
  const void* context_ = nullptr;
};

}  // namespace quern
