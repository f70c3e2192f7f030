#pragma once

#include <iosfwd>
#include <string>

namespace quern::bench {

// Register-only operations a second of `threads` threads together, "NAME VALUE" pairs apart by tabs.
std::string ceilings(int threads);

// Bytes a second that `threads` threads read, or read and write, over one array: words "read|copy BYTES THREADS".
std::string bandwidth(std::istream& words);

}  // namespace quern::bench
