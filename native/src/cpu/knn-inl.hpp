// kNN density: the mean Euclidean distance of every query to its k nearest references, exact.
//
// What is returned is defined by squared_distance (knn_distance) alone: the k smallest, equal ones by index. A 16-bit filter spares most of
// these distances and provably none that matters, so results do not depend on tier, threads, blocking or the filter itself.
//
// Read in this order
//   knn_distance    the distance that decides, and the list of the k nearest by it
//   knn_panels      the filter's view of the rows: int16 about a centre, 48 rows a panel, the loss measured
//   knn_dots        the micro-kernel on vectors; knn_tiles the same on AMX. Exact in int32, so every tier scores alike
//   knn_candidates  per query the references not yet ruled out, and the proof (Cauchy–Schwarz) that nothing else matters
//   knn_filter      panels against panels: scores, compared with the thresholds, survivors into the lists
//   knn_pairs       a small class among itself: no filter, every pair once
//   knn_query       from candidates to what is written
//   knn_schedule    which thread does what
//
// Shapes       queries [n,d], references [m,d]; n·m·d products for two sets, half of them among the rows themselves.
// Work split   A class of up to 192 rows among itself compares every pair; a class of a small share of the work is one task. Otherwise rows
//              are packed into panels of 48 in parallel; two sets: a task is four query panels against all reference panels; one set:
//              blocks of panels meet in the rounds of a tournament, every block in one pair a round, so that a task alone writes the
//              lists of its two blocks: no locks, and lists whose content depends on the rounds alone.
// Bytes        2·d a row for the panels (4·d on AMX: both operand orders), 8·(2k + 48) a list: O(N·d + N·k), never N². Two blocks of
//              384 KB stay in L2 while each of their products serves a row and a column. Few queries are scanned without any of it.
// Roofline     int16 multiply-adds: n·m·d products at 64 a cycle and core with VNNI (two 512-bit units), 256 on AMX. Then ~12 candidates a row
//              by true distance, 4·d bytes each, from L3 or memory.
// Error        distances (32 + 8)·u/2 relative at most, density the same; u = 2^-24.
// Reference    filter and certify after Vector-Approximation files (Weber, Schek, Blott 1998); GEMM expansion as in Johnson et al. 2017.
#pragma once

#include "cpu/knn_schedule-inl.hpp"

namespace quern::QUERN_TIER {

constexpr double kLoneShare = 8;

// A class for one thread: small, and of a small share of the work.
inline bool is_lone(const KnnSearch& s, const KnnClass& c, double products) {
  if (c.references <= kScannedReferences || is_paired(s, c)) return true;
  const double mine = static_cast<double>(c.queries) * static_cast<double>(c.references);
  return c.queries <= kLoneRows && c.references <= kLoneRows && mine * kLoneShare <= products;
}

// Rows of queries and of references for which a thread needs panels and lists, and of a class for which it needs the squares of all pairs.
struct KnnRoom {
  int64_t queries, references;
  int64_t paired;
};

inline KnnRoom room_for(const KnnSearch& s, double products) {
  KnnRoom room{0, 0, 0};
  for (int64_t i = 0; i < s.plan.class_count; i++) {
    const KnnClass& c = s.plan.classes[i];
    if (!is_lone(s, c, products)) {
      if (!meets_in_tournament(s) && !is_scanned(s, c)) room.queries = larger(room.queries, kBlockPanels * kPanel);
    } else if (is_paired(s, c)) {
      room.paired = larger(room.paired, c.queries);
    } else if (!is_scanned_alone(c, s.p.d)) {
      room.queries = larger(room.queries, c.queries);
      room.references = larger(room.references, c.references);
    }
  }
  return room;
}

inline KnnWorker* take_workers(Workbench& bench, const KnnSearch& s, const KnnRoom& room) {
  const int threads = bench.pool.threads();
  KnnWorker* workers = bench.arena.take<KnnWorker>(threads);
  for (int t = 0; t < threads; t++) {
    KnnWorker w{};
    w.scratch = take_scratch(bench.arena, s.p.d, s.p.k);
    if (room.queries > 0) {
      w.lists.k = s.p.k;
      take_lists(bench.arena, panels_of(room.queries) * kPanel, w.lists);
      if (!s.one_set()) w.queries = take_panels(bench.arena, room.queries, s.p.d);
    }
    if (room.references > 0) {
      w.centre = bench.arena.take<float>(s.p.d);
      w.references = take_panels(bench.arena, room.references, s.p.d);
    }
    if (room.paired > 0) {
      w.pairs.rows = bench.arena.take<float>(room.paired * padded_to(kChunk, s.p.d));
      w.pairs.squares = bench.arena.take<float>(room.paired * padded_to(kLanes, room.paired));
      w.pairs.near = bench.arena.take<float>(kPairedRows);
      w.pairs.place = bench.arena.take<int32_t>(kPairedRows);
    }
    workers[t] = w;
  }
  return workers;
}

inline void knn_density(Workbench& bench, const quern_knn_params& p, const quern_knn_result& result) {
  const KnnPlan plan = plan_knn(bench.arena, p);
  const int threads = bench.pool.threads();
  FallbackCount* fallback = bench.arena.take<FallbackCount>(threads);
  for (int t = 0; t < threads; t++) fallback[t].rows = 0;
  const KnnSearch s{p, result, plan, choose_dots(), fallback};
  double products = 0;
  for (int64_t i = 0; i < plan.class_count; i++) {
    products += static_cast<double>(plan.classes[i].queries) * static_cast<double>(plan.classes[i].references);
  }
  KnnWorker* workers = take_workers(bench, s, room_for(s, products));
  for (int64_t i = 0; i < plan.class_count; i++) {
    if (!is_lone(s, plan.classes[i], products)) search_together(bench, s, plan.classes[i], workers);
  }
  bench.pool.parallel_for(plan.class_count, [&](int64_t i, int worker) {
    if (is_lone(s, plan.classes[i], products)) search_alone(s, plan.classes[i], workers[worker], worker);
  });
  if (result.fallback_rows != nullptr) {
    *result.fallback_rows = 0;
    for (int t = 0; t < threads; t++) *result.fallback_rows += fallback[t].rows;
  }
}

}  // namespace quern::QUERN_TIER
