// The two sides of a Sinkhorn problem and the slabs it is worked in.
//
// A side holds one potential per point, φ = exponent + log2(scaling): the exponent is integral (−infinity: the point takes no part), the scaling
// a float of moderate size. P_ij = scaling_i · K_ij · scaling_j with K_ij = 2^(exponent_i + exponent_j − cost·log2(e)/ε).
#pragma once

#include "backend.hpp"
#include "cpu/sinkhorn_math-inl.hpp"
#include "memory.hpp"
#include "parallel_for.hpp"

namespace quern::QUERN_TIER::ot {

// Runs tasks on the pool, or one after the other on this thread when the problem itself is a task of the pool.
struct Crew {
  ThreadPool* pool;

  template <class Body>
  void each(int64_t tasks, const Body& body) const {
    if (pool != nullptr) {
      pool->parallel_for(tasks, body);
    } else {
      for (int64_t task = 0; task < tasks; task++) body(task, 0);
    }
  }
};

constexpr int64_t kStrip = 16;      // rows whose costs are at hand at a time
constexpr int64_t kLeastSlab = 128; // rows that are worth a task and a set of column sums
constexpr int64_t kMostSlabs = 64;  // bounds the memory of the column sums

inline int64_t padded_to_lanes(int64_t count) { return (count + kLanes - 1) / kLanes * kLanes; }
// Rows of a slab: fixed by the problem's height alone, whatever the number of threads.
inline int64_t slab_rows(int64_t n) {
  const int64_t rows = padded_to_lanes((n + kMostSlabs - 1) / kMostSlabs);
  return rows < kLeastSlab ? kLeastSlab : rows;
}
inline int64_t slab_count(int64_t n) { return (n + slab_rows(n) - 1) / slab_rows(n); }

struct Side {
  int64_t count, padded;
  float* weight;    // [padded], 0 beyond count
  float* scaling;   // [padded]
  float* exponent;  // [padded]

  bool live(int64_t i) const { return exponent[i] > -kInfinity; }
  // (potential − log2 weight) / log2(e), that is potential / ε.
  double natural(int64_t i) const {
    if (!live(i) || !(scaling[i] > 0)) return 0;
    return kLn2 * (static_cast<double>(exponent[i]) + log2_of(static_cast<double>(scaling[i])) - log2_of(static_cast<double>(weight[i])));
  }
  void set(int64_t i, double potential) {
    const double floor = __builtin_floor(potential);
    exponent[i] = static_cast<float>(floor);
    scaling[i] = static_cast<float>(exp2_of(potential - floor));
  }
  void remove(int64_t i) {
    exponent[i] = -kInfinity;
    scaling[i] = 0;
  }
};

inline Side take_side(Arena& arena, int64_t most) {
  const int64_t padded = padded_to_lanes(most);
  Side side{most, padded, nullptr, nullptr, nullptr};
  side.weight = arena.take<float>(padded);
  side.scaling = arena.take<float>(padded);
  side.exponent = arena.take<float>(padded);
  return side;
}

// Weights that sum to 1 (NULL: uniform), in the given order (NULL: as they are); points of weight 0 take no part.
inline void set_weights(Side& side, int64_t count, const float* weights, const int64_t* order) {
  side.count = count;
  side.padded = padded_to_lanes(count);
  double sum = 0;
  for (int64_t i = 0; weights != nullptr && i < count; i++) sum += static_cast<double>(weights[i]);
  for (int64_t i = 0; i < side.padded; i++) {
    const double weight = i >= count ? 0
                          : weights == nullptr ? 1.0 / static_cast<double>(count)
                                               : static_cast<double>(weights[order == nullptr ? i : order[i]]) / sum;
    side.weight[i] = static_cast<float>(weight);
    side.remove(i);
  }
}

// Potential 0 for all who take part; a shift in units of cost is added at slope per unit (shift may be NULL).
inline void start_at_zero(Side& side, const double* shift, double slope) {
  for (int64_t i = 0; i < side.count; i++) {
    if (shift == nullptr && i > 0 && side.weight[i] == side.weight[i - 1]) {
      side.exponent[i] = side.exponent[i - 1];
      side.scaling[i] = side.scaling[i - 1];
    } else if (side.weight[i] > 0) {
      side.set(i, log2_of(static_cast<double>(side.weight[i])) + (shift == nullptr ? 0 : slope * shift[i]));
    }
  }
}

// The same potentials in units of another ε; ratio = old ε / new ε.
inline void rescale(Side& side, double ratio) {
  for (int64_t i = 0; i < side.count; i++) {
    if (side.live(i)) side.set(i, log2_of(static_cast<double>(side.weight[i])) + ratio * side.natural(i) * kLog2E);
  }
}

// Moves the powers of two of the scalings into the exponents: scalings end in [1, 2), nothing is rounded.
inline void absorb(Side& side) {
  for (int64_t i = 0; i < side.count; i++) {
    if (!(side.scaling[i] > 0) || !side.live(i)) continue;
    const double scaling = static_cast<double>(side.scaling[i]);
    const int power = exponent_of(scaling);
    side.exponent[i] += static_cast<float>(power);
    side.scaling[i] = static_cast<float>(scaling * power_of_two(-power));
  }
}

// What one slab of rows, or the columns, saw: the smallest sum to divide by and the largest scaling that came of it.
struct SumRange {
  float smallest, largest;
};

// The same while it is being gathered, lane by lane.
struct LaneRange {
  Lanes smallest = Lanes::all(__FLT_MAX__), largest = Lanes::zero();

  [[gnu::always_inline]] SumRange reduced() const { return {-reduce_max(Lanes::zero() - smallest), reduce_max(largest)}; }
};

// scaling = weight / sum for those of the 16 points from first that take part, 0 for the others of them; points whose bit in part is clear are
// left alone. Returns the new scalings.
[[gnu::always_inline]] inline Lanes scale(Side& side, int64_t first, uint32_t part, Lanes sum, LaneRange& range) {
  const uint32_t live = part & less(Lanes::all(-kInfinity), Lanes::load(side.exponent + first));
  const Lanes scaling = select(live, Lanes::load(side.weight + first) / sum, Lanes::zero());
  select(part, scaling, Lanes::load(side.scaling + first)).store(side.scaling + first);
  range.smallest = min(select(live, sum, range.smallest), range.smallest);
  range.largest = max(scaling, range.largest);
  return scaling;
}

// Kernel entries below 2^-126 are stored as 0. A sum Σ_count K·scaling lost at most count·2^-126·largest scaling by it, which is under 2^-66 of
// the sum where this holds. The new scalings must also keep clear of the ends of float32.
inline bool trustworthy(SumRange sums, int64_t count, float largest_scaling) {
  return static_cast<double>(sums.smallest) >= 0x1p-60 * static_cast<double>(count) * static_cast<double>(largest_scaling) &&
         sums.largest >= 0x1p-60f && sums.largest <= 0x1p60f;
}

}  // namespace quern::QUERN_TIER::ot
