// Failures inside the library are exceptions; they end at the C ABI as a status and a thread-local message.
#pragma once

#include <cstdarg>
#include <exception>
#include <new>
#include <string>

#include "quern/quern.h"

namespace quern {

class Failure final : public std::exception {
 public:
  Failure(quern_status status, std::string message) : status_(status), message_(std::move(message)) {}
  quern_status status() const noexcept { return status_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  quern_status status_;
  std::string message_;
};

// Throws QUERN_INVALID_ARGUMENT with a printf-style message: "argument is value, allowed: …".
[[noreturn]] __attribute__((format(printf, 1, 2))) void refuse(const char* format, ...);
[[noreturn]] __attribute__((format(printf, 2, 3))) void fail(quern_status status, const char* format, ...);

// Keeps the message of a failure for quern_last_error. Never throws: the text is cut to a fixed thread-local buffer.
void remember(const char* message) noexcept;

// Runs body and turns what it throws into a status.
template <class Body>
int32_t guarded(Body&& body) noexcept {
  try {
    body();
    return QUERN_OK;
  } catch (const Failure& failure) {
    remember(failure.what());
    return failure.status();
  } catch (const std::bad_alloc&) {
    remember("native memory ran out");
    return QUERN_OUT_OF_MEMORY;
  } catch (const std::exception& unexpected) {
    remember(unexpected.what());
    return QUERN_INTERNAL;
  }
}

}  // namespace quern
