// What a quern_context is: a pool, an arena, a tier. Calls on one context take turns.
#pragma once

#include <mutex>

#include "backend.hpp"
#include "memory.hpp"
#include "parallel_for.hpp"

struct quern_context {
  quern_context(int threads, int isa, bool finite_check);

  quern::ThreadPool pool;
  quern::Arena arena;
  std::mutex turn;
  const int isa;
  const bool check_finite;
  const quern::Kernels& kernels;
};
