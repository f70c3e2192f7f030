// The thread pool. Workers spin briefly, then sleep; tasks are handed out one by one; the caller works along and waits for nobody who came too late.
#pragma once

#include <sched.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

namespace quern {

class ThreadPool {
 public:
  explicit ThreadPool(int threads);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  int threads() const noexcept { return worker_count_ + 1; }

  // Calls body(task, worker) once for every task in [0, tasks); worker in [0, threads()) names the thread. body must not throw.
  // Which thread runs a task is not fixed: a task's result may depend on the task alone.
  template <class Body>
  void parallel_for(int64_t tasks, const Body& body) {
    run(tasks, [](const void* context, int64_t task, int worker) { (*static_cast<const Body*>(context))(task, worker); }, &body);
  }

 private:
  using Task = void (*)(const void*, int64_t, int);

  // Guarded by the mutex; allowed: the cores that a worker had to choose from when it fell asleep.
  struct Worker {
    std::thread thread;
    bool asleep = false;
    bool displaced = false;
    cpu_set_t allowed;
  };

  void run(int64_t tasks, Task task, const void* context);
  void work(int worker);
  bool join(Worker& worker, uint64_t& seen);
  void sleep(Worker& worker, uint64_t seen, std::unique_lock<std::mutex>& lock);
  void drain(int worker);
  void stop() noexcept;
  void keep_sleepers_off_my_core() noexcept;

  std::unique_ptr<Worker[]> workers_;
  int worker_count_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::atomic<uint64_t> generation_{0};
  std::atomic<int64_t> next_{0};
  std::atomic<int> busy_{0};  // workers that have joined
  bool open_ = false;         // whether workers may still join
  bool stop_ = false;
  int64_t tasks_ = 0;
  Task task_ = nullptr;
  const void* context_ = nullptr;
};

}  // namespace quern
