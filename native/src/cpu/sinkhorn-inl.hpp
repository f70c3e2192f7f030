// Entropic optimal transport: alternating softmin updates of the potentials f and g, log-safe, for batches of stored costs and of point clouds.
//
// Computes      f ← softmin(C, log b + g/ε), g ← softmin(Cᵀ, log a + f/ε) as matrix scaling: P = diag(y)·K·diag(x) with
//               K_ij = 2^(F_i + G_j − C_ij·log2(e)/ε), y = a/(K x), x = b/(Kᵀ y). F and G are integers, so potentials of any size move between
//               exponents and scalings without rounding (absorption), and the exponent of an entry is rounded below ½, never at C/ε.
// Shapes        [B,n,m], or ragged and packed. Points: [·,d], costs recomputed in strips of 16 rows, O((n+m)·d) memory.
// Work split    problems below 2^15 pairs, or enough larger ones to go round, are one task each; other problems are shared by the pool in slabs of
//               rows. Slab borders follow from n alone, slabs are added in float64 in their order.
// Bytes         stored: C is read once and K (4 bytes a pair) swept once an iteration: eight rows are dotted with x, divided into, and added up by
//               columns while they are still in L1. 2 fma and 2 loads a 16 pairs, so L1 bounds it while K fits L2; beyond, L2 or L3 at 4 bytes a
//               pair. Every other sweep goes backwards, so that what the last one left in a cache is used first. Up to 128 columns their sums
//               stay in registers, two groups of rows behind the dot products: reduction and division are as long as a group, and hidden.
//               Points: d fma, one exponential and three L2 passes of a strip a pair, bound by fma from d = 16 on.
// Log safety    rows are summed about their own maximum; the linear sweep is used only while its sums are trustworthy (sinkhorn_state-inl.hpp).
//               No NaN arises at any C/ε ≤ 2^21, which the ABI checks.
// Error         K is right within 1.5e-7 relative for stored costs, whatever C/ε; row and column sums add (m/16 + 5)·u and (slab/8 + 8)·u at worst.
//               Cost and marginal error stay within max(1e-6, ½·u·r) of a float64 log-domain run of as many iterations, r = max C/ε. For points
//               r is that of 2·scale·max|x|·max|y| about the common mean.
// Determinism   every sum is a fixed chain of 16 lanes; which sweeps are thrown away depends on bits that are the same everywhere.
// References    Cuturi 2013 (Sinkhorn distances), Schmitzer 2019 (absorption, ε-scaling), Feydy et al. 2019 (divergence, geomloss),
//               Alvarez-Melis & Fusi 2020 (label distances).
#pragma once

#include "cpu/sinkhorn_divergence-inl.hpp"
#include "cpu/sinkhorn_stored-inl.hpp"

namespace quern::QUERN_TIER {

using ot::sinkhorn;
using ot::sinkhorn_divergence;
using ot::sinkhorn_points;

}  // namespace quern::QUERN_TIER
