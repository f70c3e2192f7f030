#include "shadow.hpp"

#include <algorithm>

namespace quern::simt {

void join(Clocks& into, const Clocks& from) {
  if (from.empty()) return;
  if (into.empty()) {
    into = from;
    return;
  }
  for (size_t t = 0; t < into.size(); t++) into[t] = std::max(into[t], from[t]);
}

bool Shadow::unordered(const Record& before, const Moment& now) {
  if (before.epoch == 0 || before.thread == now.thread) return false;
  if (before.epoch < now.settled[before.block]) return false;
  return now.known->empty() || (*now.known)[before.thread] <= before.clock;
}

Conflict Shadow::touch(size_t offset, size_t bytes, Access access, const Moment& now) {
  const Record record{now.epoch, now.clock, static_cast<uint16_t>(now.thread), static_cast<uint8_t>(now.block), access};
  for (size_t at = offset; at < offset + bytes; at++) {
    Cell& cell = cells_[at];
    const bool both_atomic = access == Access::kAtomic && cell.write.access == Access::kAtomic;
    if (!both_atomic && unordered(cell.write, now)) return {true, cell.write.thread, cell.write.access};
    if (access == Access::kRead) {
      // Keep readers of two different threads: a later write of one of them still meets the other.
      if (cell.read[0].thread != record.thread) cell.read[1] = cell.read[0];
      cell.read[0] = record;
      continue;
    }
    for (const Record& reader : cell.read) {
      if (unordered(reader, now)) return {true, reader.thread, Access::kRead};
    }
    cell.write = record;
  }
  return {false, 0, Access::kRead};
}

bool Shadow::written(size_t offset, size_t bytes) const {
  return std::all_of(cells_.begin() + static_cast<std::ptrdiff_t>(offset), cells_.begin() + static_cast<std::ptrdiff_t>(offset + bytes),
                     [](const Cell& cell) { return cell.write.epoch != 0; });
}

}  // namespace quern::simt
