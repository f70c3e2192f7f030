// One query from its candidates, or from all references, to what is written.
//
// Bytes: 4·d for each candidate that is measured, some k + 2 of them, gathered from wherever they lie; the next is fetched meanwhile.
#pragma once

#include "backend.hpp"
#include "cpu/knn_filter-inl.hpp"
#include "knn_plan.hpp"

namespace quern::QUERN_TIER {

// Rows that took more true distances than a list holds, per worker, a cache line apart.
struct FallbackCount {
  int64_t rows;
  int64_t padding[7];
};

struct KnnSearch {
  const quern_knn_params& p;
  const quern_knn_result& result;
  const KnnPlan& plan;
  Dots dots;
  FallbackCount* fallback;

  bool one_set() const { return p.reference == nullptr; }
  KnnRows queries(const KnnClass& c) const { return {p.queries, p.queries_ld, plan.query_order, c.query_begin, c.queries}; }
  KnnRows references(const KnnClass& c) const {
    const float* data = one_set() ? p.queries : p.reference;
    return {data, p.reference_ld, plan.reference_order, c.reference_begin, c.references};
  }
  Candidates candidates(const KnnClass& c) const {
    Candidates lists{};
    lists.queries = queries(c);
    lists.references = references(c);
    lists.d = p.d;
    lists.k = p.k;
    lists.self_shift = one_set() ? 0 : kNoSelf;
    return lists;
  }
};

// For a class of which every pair is compared.
struct PairRoom {
  float* rows;     // [count][width]
  float* squares;  // [count][ld]
  float* near;     // [kPairedRows]
  int32_t* place;  // [kPairedRows]
};

// What a thread needs to search a class, or a block of queries, by itself.
struct KnnWorker {
  float* centre;
  Panels queries;
  Panels references;
  Candidates lists;
  PairRoom pairs;
  Scratch scratch;
};

inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

inline void write_neighbours(const KnnSearch& s, int64_t query, const KnnRows& references, const Nearest& nearest, bool finite) {
  const double nan = static_cast<double>(__builtin_nanf(""));
  double sum = 0;
  for (int64_t j = 0; j < s.p.k; j++) {
    const bool there = j < nearest.size;
    const double distance = there ? __builtin_sqrt(nearest.square[j]) : nan;
    if (there) sum += distance;
    if (s.result.distances != nullptr) s.result.distances[query * s.p.k + j] = static_cast<float>(distance);
    if (s.result.indices != nullptr) s.result.indices[query * s.p.k + j] = there ? references.index(nearest.index[j]) : -1;
  }
  const double mean = nearest.size == 0 ? 0 : sum / static_cast<double>(nearest.size);
  if (s.result.density != nullptr) s.result.density[query] = static_cast<float>(finite ? mean : nan);
}

// Offers the references [begin, end) by true distance. Ascending, so nothing is left to find behind k duplicates.
inline void scan(const float* x, const KnnRows& references, int64_t begin, int64_t end, int64_t self, int64_t d, Nearest& nearest) {
  for (int64_t j = begin; j < end; j++) {
    if (j == self) continue;
    const double square = squared_distance(x, references.row(j), d);
    if (square - square != 0.0) continue;
    nearest.offer(square, j);
    if (nearest.full() && nearest.square[0] == 0.0) return;
  }
}

inline void scan_query(const KnnSearch& s, const Candidates& c, int64_t i, Scratch& scratch) {
  scratch.nearest.size = 0;
  const float* x = c.queries.row(i);
  scan(x, c.references, 0, c.references.count, i + c.self_shift, c.d, scratch.nearest);
  scratch.nearest.sort();
  write_neighbours(s, c.queries.index(i), c.references, scratch.nearest, scratch.nearest.size > 0 || is_finite(x, c.d));
}

inline void finish_query(const KnnSearch& s, const Candidates& c, int64_t i, Scratch& scratch, int worker) {
  if (c.state[i] == kScanned) {
    scan_query(s, c, i, scratch);
  } else {
    finish_list(c, i, scratch);
    write_neighbours(s, c.queries.index(i), c.references, scratch.nearest, c.state[i] != kNotFinite);
  }
  if (c.state[i] == kScanned || c.state[i] == kSettled) s.fallback[worker].rows++;
}

}  // namespace quern::QUERN_TIER
