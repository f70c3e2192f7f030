#include "status.hpp"

#include <cstdio>
#include <cstring>

namespace quern {
namespace {

thread_local char last_error[1024] = "";

std::string formatted(const char* format, va_list arguments) {
  char text[1024];
  std::vsnprintf(text, sizeof text, format, arguments);
  return text;
}

}  // namespace

void refuse(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::string text = formatted(format, arguments);
  va_end(arguments);
  throw Failure(QUERN_INVALID_ARGUMENT, std::move(text));
}

void fail(quern_status status, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::string text = formatted(format, arguments);
  va_end(arguments);
  throw Failure(status, std::move(text));
}

void remember(const char* message) noexcept {
  std::strncpy(last_error, message, sizeof last_error - 1);
}

}  // namespace quern

const char* quern_last_error(void) { return quern::last_error; }
