// device.cuh on the CPU: the same names with reference implementations that check what the hardware leaves to chance.
#pragma once

#include <type_traits>

#include "language.hpp"

namespace quern::cuda {

using simt::Access;
using simt::Machine;
using simt::Site;

template <class T>
class Shared {
 public:
  Shared(simt::Block* block, size_t offset, int64_t count) : block_(block), offset_(offset), count_(count) {}

  T load(int64_t i, Site site = Site::here()) const {
    T value;
    std::memcpy(&value, bytes(i, 1, Access::kRead, site), sizeof(T));
    return value;
  }
  void store(int64_t i, T value, Site site = Site::here()) const { std::memcpy(bytes(i, 1, Access::kWrite, site), &value, sizeof(T)); }
  T add(int64_t i, T value, Site site = Site::here()) const {
    static_assert(std::is_integral_v<T>, "no float atomics: their sums depend on the order of the threads");
    T before;
    unsigned char* at = bytes(i, 1, Access::kAtomic, site);
    std::memcpy(&before, at, sizeof(T));
    const T after = static_cast<T>(before + value);
    std::memcpy(at, &after, sizeof(T));
    return before;
  }
  Shared from(int64_t i) const { return Shared(block_, offset_ + static_cast<size_t>(i) * sizeof(T), count_ - i); }
  template <class U>
  Shared<U> as() const {
    return Shared<U>(block_, offset_, count_ * static_cast<int64_t>(sizeof(T)) / static_cast<int64_t>(sizeof(U)));
  }
  Shared of(unsigned rank) const { return Shared(&Machine::current().block_at(rank), offset_, count_); }

  // The bytes of `count` elements from i on, checked.
  unsigned char* bytes(int64_t i, int64_t count, Access access, Site site) const {
    Machine& machine = Machine::current();
    const int64_t size = static_cast<int64_t>(sizeof(T));
    if (i < 0 || i + count > count_) machine.fault(site, "shared element %lld of %lld", static_cast<long long>(i < 0 ? i : i + count - 1), static_cast<long long>(count_));
    const size_t at = offset_ + static_cast<size_t>(i * size);
    if (at % static_cast<size_t>(size * count > 16 ? 16 : size) != 0) machine.fault(site, "shared byte %zu is not aligned to %zu", at, sizeof(T));
    return machine.access(*block_, at, static_cast<size_t>(count * size), access, site);
  }
  simt::Block& block() const { return *block_; }
  size_t offset(int64_t i) const { return offset_ + static_cast<size_t>(i) * sizeof(T); }

 private:
  simt::Block* block_;
  size_t offset_;
  int64_t count_;
};

class SharedMemory {
 public:
  template <class T>
  Shared<T> take(int64_t count, size_t alignment = 16, Site site = Site::here()) {
    Machine& machine = Machine::current();
    used_ = (used_ + alignment - 1) / alignment * alignment;
    const size_t begin = used_;
    used_ += static_cast<size_t>(count) * sizeof(T);
    if (used_ > machine.shape().shared_bytes) {
      machine.fault(site, "takes %zu shared bytes of the launch's %zu", used_, machine.shape().shared_bytes);
    }
    return Shared<T>(machine.self().block, begin, count);
  }

 private:
  size_t used_ = 0;
};

// Global memory is read when the copy is issued, shared memory written when its group is waited for: until then the bytes are 0xff.
template <class T>
void copy_async16(Shared<T> to, int64_t i, const T* from, int bytes, Site site = Site::here()) {
  constexpr int64_t count = 16 / static_cast<int64_t>(sizeof(T));
  if (reinterpret_cast<uintptr_t>(from) % 16 != 0) Machine::current().fault(site, "global address %p is not aligned to 16", static_cast<const void*>(from));
  uint4 value{0, 0, 0, 0};
  std::memcpy(&value, from, static_cast<size_t>(bytes));
  std::memset(to.bytes(i, count, Access::kWrite, site), 0xff, 16);
  Machine::current().self().copies.push_back([=] { std::memcpy(to.bytes(i, count, Access::kWrite, site), &value, 16); });
}
inline void copy_async_commit() {
  simt::Thread& self = Machine::current().self();
  self.groups.push_back(std::move(self.copies));
  self.copies.clear();
}
template <int N>
void copy_async_wait() {
  simt::Thread& self = Machine::current().self();
  while (self.groups.size() > N) {
    for (const auto& copy : self.groups.front()) copy();
    self.groups.pop_front();
  }
}

inline float float_of(uint16_t bits, Pair pair) {
  if (pair == Pair::kBf16) return __uint_as_float(static_cast<unsigned>(bits) << 16);
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const float magnitude = exponent == 0    ? std::ldexp(static_cast<float>(fraction), -24)
                          : exponent == 31 ? (fraction == 0 ? HUGE_VALF : NAN)
                                           : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  return (bits & 0x8000u) != 0 ? -magnitude : magnitude;
}

// To nearest even; magnitudes below 65520. Where fp16 has no leading one, adding ½ in float32 leaves its bits at the end.
inline uint16_t to_half(float value) {
  const unsigned bits = __float_as_uint(value), sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
  const unsigned low = __float_as_uint(__uint_as_float(magnitude) + 0.5f) - 0x3f000000u;
  const unsigned normal = (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
  return static_cast<uint16_t>(sign | (magnitude < 0x38800000u ? low : normal));
}
inline float from_half(uint16_t bits) { return float_of(bits, Pair::kFp16); }

inline float exp2_approximate(float x) { return x < -126.0f ? 0.0f : std::exp2(x); }

inline void load_matrix(uint32_t (&r)[4], Shared<uint16_t> rows, int64_t i, Site site = Site::here()) {
  struct Rows {
    const unsigned char* row;
    uint32_t* registers;
  } mine{rows.bytes(i, 8, Access::kRead, site), r};
  Machine::current().meet(0xffffffffu, "ldmatrix", &mine,
                          [](uint32_t, void* const* payloads) {
                            for (unsigned lane = 0; lane < 32; lane++) {
                              for (unsigned q = 0; q < 4; q++) {
                                const Rows& from = *static_cast<Rows*>(payloads[8 * q + lane / 4]);
                                std::memcpy(static_cast<Rows*>(payloads[lane])->registers + q, from.row + 4 * (lane % 4), 4);
                              }
                            }
                          },
                          site);
}

struct Fragments {
  float* d;
  const uint32_t* a;
  const uint32_t* b;
};

// Element (row, k) of a and (k, column) of b, as the PTX manual lays them out over the lanes of mma.m16n8k16.
template <Pair P>
float element_of_a(void* const* lanes, unsigned row, unsigned k) {
  const uint32_t pair = static_cast<Fragments*>(lanes[row % 8 * 4 + k % 8 / 2])->a[row / 8 + 2 * (k / 8)];
  return float_of(static_cast<uint16_t>(pair >> (k % 2 * 16)), P);
}
template <Pair P>
float element_of_b(void* const* lanes, unsigned k, unsigned column) {
  const uint32_t pair = static_cast<Fragments*>(lanes[column * 4 + k % 8 / 2])->b[k / 8];
  return float_of(static_cast<uint16_t>(pair >> (k % 2 * 16)), P);
}

// The sum as tensor cores take it: exact products and the start are aligned to the largest of them, and what lies below its 24 bits is cut off, as
// is what the sum has below its own.
inline float aligned_sum(float start, const float* left, const float (*right)[8], unsigned column) {
  double terms[17] = {static_cast<double>(start)}, largest = std::fabs(terms[0]), plain = terms[0];
  for (unsigned k = 0; k < 16; k++) {
    terms[k + 1] = static_cast<double>(left[k]) * static_cast<double>(right[k][column]);
    largest = std::fmax(largest, std::fabs(terms[k + 1]));
    plain += terms[k + 1];
  }
  if (largest == 0 || !std::isfinite(plain)) return static_cast<float>(plain);
  const int unit = std::ilogb(largest) - 23;
  const double up = std::ldexp(1.0, -unit);
  int64_t sum = 0, bit = 1;
  for (const double term : terms) sum += static_cast<int64_t>(term * up);
  while (sum / bit >> 24 != 0 && -sum / bit >> 24 != 0) bit *= 2;
  return static_cast<float>(std::ldexp(static_cast<double>(sum / bit * bit), unit));
}

template <Pair P>
void mma_16x8x16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], Site site = Site::here()) {
  Fragments mine{d, a, b};
  Machine::current().meet(0xffffffffu, "mma.sync", &mine,
                          [](uint32_t, void* const* lanes) {
                            float left[16][16], right[16][8];
                            for (unsigned i = 0; i < 256; i++) left[i / 16][i % 16] = element_of_a<P>(lanes, i / 16, i % 16);
                            for (unsigned i = 0; i < 128; i++) right[i / 8][i % 8] = element_of_b<P>(lanes, i / 8, i % 8);
                            for (unsigned i = 0; i < 128; i++) {
                              const unsigned row = i / 8, column = i % 8;
                              float& sum = static_cast<Fragments*>(lanes[row % 8 * 4 + column / 2])->d[row / 8 * 2 + column % 2];
                              sum = aligned_sum(sum, left[row], right, column);
                            }
                          },
                          site);
}

inline void named_barrier(int id, int threads, Site site = Site::here()) {
  Machine::current().named_barrier(id, static_cast<unsigned>(threads), site);
}
inline void cluster_barrier(Site site = Site::here()) { Machine::current().cluster_barrier(site); }
inline unsigned cluster_rank() { return Machine::current().self().block->rank; }
inline void grid_barrier(Site site = Site::here()) { Machine::current().grid_barrier(site); }

inline void group_barrier(unsigned long long* arrived, unsigned blocks, Site site = Site::here()) {
  Machine::current().group_barrier(arrived, blocks, site);
}

inline int copy_to_device(void* to, const void* from, size_t bytes, void*) {
  if (bytes > 0) std::memcpy(to, from, bytes);
  return 0;
}
inline int clear_device(void* at, size_t bytes, void*) {
  if (bytes > 0) std::memset(at, 0, bytes);
  return 0;
}

template <class... Parameters>
bool built_for(void (*)(Parameters...), int) {
  return true;
}

// Runs the kernel to its end; throws simt::Fault where it does what it may not.
template <class... Parameters, class... Arguments>
int launch(const LaunchShape& shape, void*, void (*kernel)(Parameters...), Arguments... arguments) {
  simt::LaunchShape as{{shape.grid_x, shape.grid_y, 1}, shape.threads, shape.shared_bytes, shape.cluster,
                       shape.residency == Residency::kCooperative ? simt::Residency::kCooperative : simt::Residency::kIndependent};
  Machine::current().run(as, [=] { kernel(static_cast<Parameters>(arguments)...); });
  return 0;
}

}  // namespace quern::cuda
