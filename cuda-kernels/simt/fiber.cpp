#include "fiber.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

extern "C" void quern_simt_switch(void** save, void* load);
extern "C" void quern_simt_start();

// Callee-saved registers go onto the stack that is left and come off the stack that is entered.
asm(R"(
.text
.type quern_simt_switch, @function
quern_simt_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size quern_simt_switch, .-quern_simt_switch
.type quern_simt_start, @function
quern_simt_start:
  movq %r12, %rdi
  callq *%r13
  ud2
.size quern_simt_start, .-quern_simt_start
)");

namespace quern::simt {
namespace {

constexpr size_t kPage = 4096;
#if defined(__SANITIZE_ADDRESS__)
constexpr size_t kStack = 512 * 1024;
Fiber* left = nullptr;
#else
constexpr size_t kStack = 128 * 1024;
#endif

// A guard page below the stack turns its overflow into a fault.
char* map_stack() {
  void* memory = mmap(nullptr, kStack + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  mprotect(memory, kPage, PROT_NONE);
  return static_cast<char*>(memory);
}

// A stack left in the middle of a call keeps the poison of its frames, and so does what is mapped in its place later.
void forget_frames([[maybe_unused]] char* stack) {
#if defined(__SANITIZE_ADDRESS__)
  ASAN_UNPOISON_MEMORY_REGION(stack + kPage, kStack);
#endif
}

}  // namespace

Fiber::~Fiber() {
  if (stack_ == nullptr) return;
  forget_frames(stack_);
  munmap(stack_, kStack + kPage);
}

void Fiber::prepare(void (*entry)(void*), void* argument) {
  if (stack_ == nullptr) stack_ = map_stack();
  bottom_ = stack_ + kPage;
  size_ = kStack;
  fake_stack_ = nullptr;
  forget_frames(stack_);
  uint64_t* top = reinterpret_cast<uint64_t*>(stack_ + kPage + kStack) - 2;
  *--top = reinterpret_cast<uint64_t>(&quern_simt_start);
  *--top = 0;                                     // rbp
  *--top = 0;                                     // rbx
  *--top = reinterpret_cast<uint64_t>(argument);  // r12
  *--top = reinterpret_cast<uint64_t>(entry);     // r13
  *--top = 0;                                     // r14
  *--top = 0;                                     // r15
  stack_pointer_ = top;
}

void Fiber::change(Fiber& from, Fiber& to) {
#if defined(__SANITIZE_ADDRESS__)
  left = &from;
  __sanitizer_start_switch_fiber(&from.fake_stack_, to.bottom_, to.size_);
#endif
  quern_simt_switch(&from.stack_pointer_, to.stack_pointer_);
  entered(from);
}

void Fiber::entered([[maybe_unused]] Fiber& self) {
#if defined(__SANITIZE_ADDRESS__)
  const void* bottom = nullptr;
  size_t size = 0;
  __sanitizer_finish_switch_fiber(self.fake_stack_, &bottom, &size);
  // The borders of the thread's own stack are known only once it has been left.
  if (left->bottom_ == nullptr) {
    left->bottom_ = bottom;
    left->size_ = size;
  }
#endif
}

}  // namespace quern::simt
