#include "device_array.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <cstdint>
#include <new>
#include <set>

#include "machine.hpp"

namespace quern::simt {
namespace {

constexpr size_t kPage = 4096;

size_t pages(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

std::set<uintptr_t>& guards() {
  static std::set<uintptr_t> all;
  return all;
}

const void* wrong_address = nullptr;

void land() { Machine::current().fault_of_memory(wrong_address); }

struct sigaction before {};

// A wrong address in a guard goes on in land(), on the stack of the thread that used it; any other is what it was before.
void on_wrong_address(int signal, siginfo_t* info, void* context) {
  const uintptr_t page = reinterpret_cast<uintptr_t>(info->si_addr) / kPage * kPage;
  if (!Machine::current().running() || guards().count(page) == 0) {
    if ((before.sa_flags & SA_SIGINFO) != 0) {
      before.sa_sigaction(signal, info, context);
    } else {
      ::signal(signal, SIG_DFL);
    }
    return;
  }
  wrong_address = info->si_addr;
  greg_t* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  registers[REG_RSP] = ((registers[REG_RSP] - 512) & ~greg_t{15}) - 8;
  registers[REG_RIP] = reinterpret_cast<greg_t>(&land);
}

void install_handler() {
  static bool installed = false;
  if (installed) return;
  installed = true;
  alignas(16) static char handler_stack[64 * 1024];
  stack_t stack{};
  stack.ss_size = sizeof handler_stack;
  stack.ss_sp = handler_stack;
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_wrong_address;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, &before);
}

}  // namespace

// A guard page on either side; the data end at the upper one.
void* guarded_alloc(size_t bytes) {
  install_handler();
  const size_t size = pages(bytes);
  void* mapped = mmap(nullptr, size + 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  char* base = static_cast<char*>(mapped);
  for (char* guard : {base, base + kPage + size}) {
    mprotect(guard, kPage, PROT_NONE);
    guards().insert(reinterpret_cast<uintptr_t>(guard));
  }
  return base + kPage + size - bytes;
}

void guarded_free(void* memory, size_t bytes) {
  const size_t size = pages(bytes);
  char* base = static_cast<char*>(memory) + bytes - size - kPage;
  guards().erase(reinterpret_cast<uintptr_t>(base));
  guards().erase(reinterpret_cast<uintptr_t>(base + kPage + size));
  munmap(base, size + 2 * kPage);
}

}  // namespace quern::simt
