// Stackful coroutines of one operating-system thread: a stack each, switched by hand. x86-64 only.
#pragma once

#include <cstddef>

namespace quern::simt {

class Fiber {
 public:
  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber();

  // The next switch to this fiber enters entry(argument) on the fiber's own stack. entry must never return.
  void prepare(void (*entry)(void*), void* argument);
  // Leaves `from` (the fiber, or the thread's own stack, that calls) and goes on where `to` left off.
  static void change(Fiber& from, Fiber& to);
  // To be called first on a fresh stack.
  static void entered(Fiber& self);

 private:
  void* stack_pointer_ = nullptr;
  char* stack_ = nullptr;  // NULL: the thread's own stack
  const void* bottom_ = nullptr;
  size_t size_ = 0;
  void* fake_stack_ = nullptr;
};

}  // namespace quern::simt
