// What a quern_context is: a pool, an arena, a tier or a queue of a CUDA device. Calls on one context take turns.
#pragma once

#include <memory>
#include <mutex>

#include "backend.hpp"
#include "cuda_queue.hpp"
#include "memory.hpp"
#include "parallel_for.hpp"

struct quern_context {
  quern_context(int threads, int isa, bool finite_check, std::unique_ptr<quern::CudaQueue> queue);

  quern::ThreadPool pool;
  quern::Arena arena;
  std::mutex turn;
  const int isa;
  const bool check_finite;
  const std::unique_ptr<quern::CudaQueue> cuda;  // NULL on the CPU
  const quern::Kernels& kernels;
};
