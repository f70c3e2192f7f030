// One step of the gates of CLIP-powered selection: gradient, momentum, move and count in one pass.
//
// Shapes       gate, velocity, merit [N] float64.
// Work split   chunks of 4,096 samples handed out to the threads.
// Bytes        40 a sample: three reads, two writes. Bound by arithmetic while N fits the caches: one exponential and two divisions.
// Precision    float64: near the threshold a step is 1e-4 of a float32's spacing, and equal gates would keep or drop their samples together.
// Error        of the exponential 2 units in the last place; a gate moves within 8 units of its gradient's share.
// Determinism  a sample's result depends on the sample alone and every operation is rounded on its own: the same bits on every tier. The count
//              is one of integers.
// Sources      Bengio et al. 2013 (straight-through gradients), Yang et al. 2025.
#pragma once

#include <cstring>

#include "backend.hpp"
#include "memory.hpp"
#include "parallel_for.hpp"

namespace quern::QUERN_TIER::selection {

constexpr int64_t kGateChunk = 4096;

// e^-x for x ≥ 0; beyond 700 that of 700.
inline double decay(double x) {
  constexpr double kRounder = 0x1.8p52;
  const double bounded = x < 700.0 ? x : 700.0;
  const double shifted = bounded * -1.4426950408889634 + kRounder;
  const double n = shifted - kRounder;
  const double r = (-bounded - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33;
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  // The low bits of shifted are n in two's complement.
  uint64_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 1023) << 52;
  double power;
  std::memcpy(&power, &bits, sizeof power);
  return p * power;
}

struct Counts {
  int64_t open, finite;
};

inline Counts step(const quern_selection_params& p, int64_t first, int64_t end) {
  double* __restrict gate = p.gate;
  double* __restrict velocity = p.velocity;
  const double* __restrict merit = p.merit;
  const double sharpness = p.sharpness, scale = p.sharpness / static_cast<double>(p.n);
  const double pressure = p.pressure, momentum = p.momentum, rate = p.learning_rate;
  Counts counts = {0, 0};
  for (int64_t i = first; i < end; i++) {
    const double e = decay(__builtin_fabs(sharpness * gate[i]));
    const double slope = e / ((1.0 + e) * (1.0 + e));
    velocity[i] = momentum * velocity[i] + scale * slope * (pressure - merit[i]);
    gate[i] = gate[i] - rate * velocity[i];
    counts.open += gate[i] > 0.0;
    counts.finite += gate[i] - gate[i] == 0.0;
  }
  return counts;
}

}  // namespace quern::QUERN_TIER::selection

namespace quern::QUERN_TIER {

// Sets open, and returns whether every gate is finite.
inline bool selection_step(Workbench& bench, const quern_selection_params& p, int64_t* open) {
  using namespace selection;
  const int64_t chunks = (p.n + kGateChunk - 1) / kGateChunk;
  Counts* counts = bench.arena.take<Counts>(chunks);
  bench.pool.parallel_for(chunks, [&](int64_t chunk, int) {
    const int64_t end = (chunk + 1) * kGateChunk;
    counts[chunk] = step(p, chunk * kGateChunk, end < p.n ? end : p.n);
  });
  int64_t finite = 0;
  *open = 0;
  for (int64_t chunk = 0; chunk < chunks; chunk++) {
    *open += counts[chunk].open;
    finite += counts[chunk].finite;
  }
  return finite == p.n;
}

}  // namespace quern::QUERN_TIER
