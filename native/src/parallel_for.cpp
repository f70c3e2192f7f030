#include "parallel_for.hpp"

#include <pthread.h>

#include <chrono>

namespace quern {
namespace {

// A worker that sleeps costs tens of microseconds to wake; one that spins longer steals the core from whoever shares the machine.
constexpr auto kSpin = std::chrono::microseconds(20);
constexpr int kGuardedWorkers = 7;

template <class Condition>
bool spin_until(const Condition& condition) {
  auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 64; i++) {
      if (condition()) return true;
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  } while (std::chrono::steady_clock::now() < end);
  return condition();
}

}  // namespace

ThreadPool::ThreadPool(int threads) : workers_(std::make_unique<Worker[]>(static_cast<size_t>(threads - 1))) {
  try {
    for (; worker_count_ < threads - 1; worker_count_++) {
      workers_[static_cast<size_t>(worker_count_)].thread = std::thread([this, worker = worker_count_ + 1] { work(worker); });
    }
  } catch (...) {
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() noexcept {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
    generation_.fetch_add(1);
  }
  wake_.notify_all();
  for (int worker = 0; worker < worker_count_; worker++) workers_[static_cast<size_t>(worker)].thread.join();
}

void ThreadPool::drain(int worker) {
  for (int64_t task = next_.fetch_add(1); task < tasks_; task = next_.fetch_add(1)) task_(context_, task, worker);
}

// A sleeper may be woken on the core of the caller, to wait behind it for milliseconds while another core idles: schedulers stop looking for idle
// cores where all have been busy. So it is woken elsewhere, and free again as soon as it runs. A pool of many loses little by one late worker.
void ThreadPool::keep_sleepers_off_my_core() noexcept {
  const int mine = sched_getcpu();
  for (int i = 0; mine >= 0 && i < worker_count_ && i < kGuardedWorkers; i++) {
    Worker& worker = workers_[static_cast<size_t>(i)];
    if (!worker.asleep || worker.displaced) continue;
    cpu_set_t others = worker.allowed;
    CPU_CLR(static_cast<size_t>(mine), &others);
    worker.displaced = CPU_COUNT(&others) > 0 && pthread_setaffinity_np(worker.thread.native_handle(), sizeof others, &others) == 0;
  }
}

void ThreadPool::run(int64_t tasks, Task task, const void* context) {
  if (tasks <= 1 || worker_count_ == 0) {
    for (int64_t i = 0; i < tasks; i++) task(context, i, 0);
    return;
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    tasks_ = tasks;
    task_ = task;
    context_ = context;
    next_.store(0);
    open_ = true;
    keep_sleepers_off_my_core();
    generation_.fetch_add(1);
  }
  wake_.notify_all();
  drain(0);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    open_ = false;
  }
  auto finished = [this] { return busy_.load(std::memory_order_acquire) == 0; };
  if (!spin_until(finished)) {
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, finished);
  }
}

void ThreadPool::sleep(Worker& worker, uint64_t seen, std::unique_lock<std::mutex>& lock) {
  worker.asleep = pthread_getaffinity_np(pthread_self(), sizeof worker.allowed, &worker.allowed) == 0;
  wake_.wait(lock, [&] { return generation_.load() != seen; });
  if (worker.displaced) pthread_setaffinity_np(pthread_self(), sizeof worker.allowed, &worker.allowed);
  worker.asleep = worker.displaced = false;
}

// Waits for the next call that is not over yet; false at the end of the pool.
bool ThreadPool::join(Worker& worker, uint64_t& seen) {
  while (true) {
    const bool called = spin_until([&] { return generation_.load(std::memory_order_acquire) != seen; });
    std::unique_lock<std::mutex> lock(mutex_);
    if (!called) sleep(worker, seen, lock);
    seen = generation_.load();
    if (stop_) return false;
    if (!open_) continue;
    busy_.fetch_add(1);
    return true;
  }
}

void ThreadPool::work(int worker) {
  uint64_t seen = 0;
  while (join(workers_[static_cast<size_t>(worker - 1)], seen)) {
    drain(worker);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      std::lock_guard<std::mutex> lock(mutex_);
      done_.notify_all();
    }
  }
}

}  // namespace quern
