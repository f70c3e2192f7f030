// Which thread does what: a few queries by slices of the references, a small class alone, a large one by all threads together.
//
// Among the rows themselves blocks of panels meet as in a tournament (circle method: one block stays, the others move round), so each pair of
// blocks meets once, both lists are written by the one task that has them, and a barrier between rounds is all the synchronisation. A block is
// as many panels as half an L2 holds, or fewer, so that there are enough blocks for many threads.
#pragma once

#include "cpu/knn_pairs-inl.hpp"
#include "parallel_for.hpp"

namespace quern::QUERN_TIER {

// Up to this many references, or queries, a query is scanned: packing would cost more.
constexpr int64_t kScannedReferences = 64;
constexpr int64_t kScannedQueries = 16;
// A class searched by one thread holds at most so many rows, and its panels stay in the thread's cache.
constexpr int64_t kLoneRows = 2048;
constexpr int64_t kBlockPanels = 4;
constexpr int64_t kBlockBytes = 384 * 1024;
// Enough blocks to keep many threads busy in every round.
constexpr int64_t kTournamentBlocks = 64;
constexpr int64_t kFinishRows = 32;

inline void share_lists(Candidates& c, const Candidates& memory) {
  c.capacity = memory.capacity;
  c.lower = memory.lower;
  c.place = memory.place;
  c.count = memory.count;
  c.threshold = memory.threshold;
  c.before = memory.before;
  c.state = memory.state;
}

inline void open_lists(Candidates& c, const Panels& queries) {
  c.norm = queries.norm;
  for (int64_t i = 0; i < panels_of(c.queries.count) * kPanel; i++) open_list(c, i, queries.norm[i]);
}

// ---- few queries ----

struct Slices {
  int64_t count;
  int64_t rows;
};

inline Slices slices_of(int64_t references) {
  const int64_t rows = larger((references + 63) / 64, 1024);
  return {(references + rows - 1) / rows, rows};
}

inline void search_by_slices(Workbench& bench, const KnnSearch& s, const KnnClass& class_, KnnWorker* workers) {
  const Candidates c = s.candidates(class_);
  const Slices slices = slices_of(c.references.count);
  const int64_t lists = checked_mul(slices.count, c.queries.count, "workspace");
  double* square = bench.arena.take<double>(checked_mul(lists, c.k, "workspace"));
  int64_t* index = bench.arena.take<int64_t>(checked_mul(lists, c.k, "workspace"));
  int64_t* size = bench.arena.take<int64_t>(lists);
  bench.pool.parallel_for(lists, [&](int64_t list, int) {
    const int64_t slice = list / c.queries.count, i = list % c.queries.count;
    Nearest nearest{square + list * c.k, index + list * c.k, c.k, 0};
    const int64_t end = smaller((slice + 1) * slices.rows, c.references.count);
    scan(c.queries.row(i), c.references, slice * slices.rows, end, i + c.self_shift, c.d, nearest);
    size[list] = nearest.size;
  });
  Scratch& scratch = workers[0].scratch;
  for (int64_t i = 0; i < c.queries.count; i++) {
    scratch.nearest.size = 0;
    for (int64_t list = i; list < lists; list += c.queries.count) {
      for (int64_t j = 0; j < size[list]; j++) scratch.nearest.offer(square[list * c.k + j], index[list * c.k + j]);
    }
    scratch.nearest.sort();
    write_neighbours(s, c.queries.index(i), c.references, scratch.nearest, is_finite(c.queries.row(i), c.d));
  }
}

// ---- a class alone ----

inline void compare_all(const KnnSearch& s, const Candidates& c, const Panels& q, const Panels& r, Scratch& scratch) {
  const TileScope scope;
  const int64_t query_panels = panels_of(c.queries.count), reference_panels = panels_of(c.references.count);
  for (int64_t a = 0; a < query_panels; a++) {
    if (s.one_set()) compare_panels<Serves::kRows>(c, s.dots, q, a, r, a, scratch);
    for (int64_t b = s.one_set() ? a + 1 : 0; b < reference_panels; b++) {
      if (s.one_set()) {
        compare_panels<Serves::kRowsAndColumns>(c, s.dots, q, a, r, b, scratch);
      } else {
        compare_panels<Serves::kRows>(c, s.dots, q, a, r, b, scratch);
      }
    }
  }
}

inline bool is_scanned_alone(const KnnClass& c, int64_t d) {
  return c.references <= kScannedReferences || c.queries <= 4 || d > kWidestPanel;
}

inline void search_alone(const KnnSearch& s, const KnnClass& class_, KnnWorker& w, int worker) {
  if (is_paired(s, class_)) return search_pairs(s, class_, w);
  Candidates c = s.candidates(class_);
  share_lists(c, w.lists);
  if (is_scanned_alone(class_, c.d)) {
    for (int64_t i = 0; i < c.queries.count; i++) scan_query(s, c, i, w.scratch);
    return;
  }
  find_centre(c.references, c.d, w.centre);
  const int64_t panels = panels_of(c.references.count);
  for (int64_t p = 0; p < panels; p++) pack_panel(c.references, w.centre, c.d, w.references, p, w.scratch.entries);
  c.bounds = bound_panels(w.references, c.references.count, s.one_set() ? 0 : largest_loss(c.d));
  scale_panels(w.references, 0, panels, c.bounds);
  c.half = w.references.half;
  const Panels& q = s.one_set() ? w.references : w.queries;
  if (!s.one_set()) {
    for (int64_t p = 0; p < panels_of(c.queries.count); p++) pack_panel(c.queries, w.centre, c.d, q, p, w.scratch.entries);
    scale_panels(q, 0, panels_of(c.queries.count), c.bounds);
  }
  open_lists(c, q);
  compare_all(s, c, q, w.references, w.scratch);
  for (int64_t i = 0; i < c.queries.count; i++) finish_query(s, c, i, w.scratch, worker);
}

// ---- a class by all threads ----

// Centre, panels and bounds of the references.
inline Panels pack_references(Workbench& bench, Candidates& c, float* centre, double queries_loss, KnnWorker* workers) {
  const int64_t panels = panels_of(c.references.count);
  Panels r = take_panels(bench.arena, c.references.count, c.d);
  find_centre(c.references, c.d, centre);
  bench.pool.parallel_for(panels, [&](int64_t p, int worker) {
    pack_panel(c.references, centre, c.d, r, p, workers[worker].scratch.entries);
  });
  c.bounds = bound_panels(r, c.references.count, queries_loss);
  scale_panels(r, 0, panels, c.bounds);
  c.half = r.half;
  return r;
}

// Blocks a < b of the tournament's pair t in a round, of `even` ≥ 2 blocks (circle method).
struct Pair {
  int64_t a, b;
};
inline Pair pair_of(int64_t round, int64_t t, int64_t even) {
  const int64_t ring = even - 1;
  if (t == 0) return {round, ring};
  const int64_t a = (round + t) % ring, b = (round - t + ring) % ring;
  return a < b ? Pair{a, b} : Pair{b, a};
}

inline void meet(const KnnSearch& s, const Candidates& c, const Panels& r, Pair pair, int64_t size, Scratch& scratch) {
  const TileScope scope;
  const int64_t panels = panels_of(c.references.count);
  const int64_t a_end = smaller((pair.a + 1) * size, panels), b_end = smaller((pair.b + 1) * size, panels);
  for (int64_t a = pair.a * size; a < a_end; a++) {
    if (pair.a == pair.b) compare_panels<Serves::kRows>(c, s.dots, r, a, r, a, scratch);
    for (int64_t b = pair.a == pair.b ? a + 1 : pair.b * size; b < b_end; b++) {
      compare_panels<Serves::kRowsAndColumns>(c, s.dots, r, a, r, b, scratch);
    }
  }
}

inline void search_tournament(Workbench& bench, const KnnSearch& s, const KnnClass& class_, KnnWorker* workers) {
  Candidates c = s.candidates(class_);
  const int64_t panels = panels_of(c.references.count);
  const Panels r = pack_references(bench, c, bench.arena.take<float>(c.d), 0, workers);
  take_lists(bench.arena, panels * kPanel, c);
  open_lists(c, r);
  const int64_t panel_bytes = r.pairs * kPanel * static_cast<int64_t>(sizeof(int32_t));
  const int64_t size = larger(1, smaller(panels / kTournamentBlocks, kBlockBytes / panel_bytes));
  const int64_t blocks = (panels + size - 1) / size, even = blocks + blocks % 2;
  bench.pool.parallel_for(blocks, [&](int64_t b, int worker) { meet(s, c, r, {b, b}, size, workers[worker].scratch); });
  for (int64_t round = 0; round < even - 1; round++) {
    bench.pool.parallel_for(even / 2, [&](int64_t t, int worker) {
      const Pair pair = pair_of(round, t, even);
      if (pair.b < blocks) meet(s, c, r, pair, size, workers[worker].scratch);
    });
  }
  bench.pool.parallel_for((c.queries.count + kFinishRows - 1) / kFinishRows, [&](int64_t task, int worker) {
    const int64_t end = smaller((task + 1) * kFinishRows, c.queries.count);
    for (int64_t i = task * kFinishRows; i < end; i++) finish_query(s, c, i, workers[worker].scratch, worker);
  });
}

// The panels from `first` on, as panels of their own.
inline Panels panels_from(const Panels& p, int64_t first) {
  const int64_t rows = first * kPanel;
  return {p.panel(first), p.pairs, p.norm + rows, p.step + rows, p.loss + rows, p.half + rows, p.scale + rows};
}

// All query panels of a block against all references, panel by panel of these.
inline void compare_block(const KnnSearch& s, const Candidates& c, const Panels& q, const Panels& r, Scratch& scratch) {
  const TileScope scope;
  for (int64_t b = 0; b < panels_of(c.references.count); b++) {
    for (int64_t a = 0; a < panels_of(c.queries.count); a++) compare_panels<Serves::kRows>(c, s.dots, q, a, r, b, scratch);
  }
}

inline void search_by_blocks(Workbench& bench, const KnnSearch& s, const KnnClass& class_, KnnWorker* workers) {
  Candidates all = s.candidates(class_);
  float* centre = bench.arena.take<float>(all.d);
  const Panels r = pack_references(bench, all, centre, s.one_set() ? 0 : largest_loss(all.d), workers);
  const int64_t tasks = (panels_of(all.queries.count) + kBlockPanels - 1) / kBlockPanels;
  bench.pool.parallel_for(tasks, [&](int64_t task, int worker) {
    KnnWorker& w = workers[worker];
    Candidates c = all;
    const int64_t first = task * kBlockPanels * kPanel;
    c.queries.begin += first;
    c.queries.count = smaller(kBlockPanels * kPanel, all.queries.count - first);
    c.self_shift += first;
    share_lists(c, w.lists);
    const int64_t panels = panels_of(c.queries.count);
    const Panels q = s.one_set() ? panels_from(r, task * kBlockPanels) : w.queries;
    if (!s.one_set()) {
      for (int64_t p = 0; p < panels; p++) pack_panel(c.queries, centre, c.d, q, p, w.scratch.entries);
      scale_panels(q, 0, panels, c.bounds);
    }
    open_lists(c, q);
    compare_block(s, c, q, r, w.scratch);
    for (int64_t i = 0; i < c.queries.count; i++) finish_query(s, c, i, w.scratch, worker);
  });
}

// Whether lists for all rows at once stay in proportion to the rows.
inline bool meets_in_tournament(const KnnSearch& s) {
  return s.one_set() && list_capacity(s.p.k) * 8 <= 4 * s.p.d + 4096;
}

// Places of lists are int32, and a panel of very wide rows would lose too much.
inline bool is_scanned(const KnnSearch& s, const KnnClass& c) {
  return c.queries <= kScannedQueries || s.p.d > kWidestPanel || c.references > INT32_MAX - kPanel;
}

inline void search_together(Workbench& bench, const KnnSearch& s, const KnnClass& class_, KnnWorker* workers) {
  if (class_.queries <= kScannedQueries) {
    search_by_slices(bench, s, class_, workers);
  } else if (is_scanned(s, class_)) {
    const Candidates c = s.candidates(class_);
    bench.pool.parallel_for(c.queries.count, [&](int64_t i, int worker) { scan_query(s, c, i, workers[worker].scratch); });
  } else if (meets_in_tournament(s)) {
    search_tournament(bench, s, class_, workers);
  } else {
    search_by_blocks(bench, s, class_, workers);
  }
}

}  // namespace quern::QUERN_TIER
