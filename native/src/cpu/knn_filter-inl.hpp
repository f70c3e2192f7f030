// Panels against panels: scores from the micro-kernel, compared with the thresholds of the queries, survivors into their lists.
//
// Among the rows themselves a product serves both ways, t = <b_i,b_j>:
//     lower_ij = half_j − t for query i,   lower_ji = half_i − t for query j.
// Work: d/2 multiply-adds of pairs a product, then seven vector operations for 16 products; a hit is rare once thresholds have fallen, about
// k·ln(m/k) times a query.
#pragma once

#include "cpu/knn_candidates-inl.hpp"

namespace quern::QUERN_TIER {

enum class Serves { kRows, kRowsAndColumns };

// Scales the largest |y|² to 1 … 4 and bounds the relative loss; queries_loss: of rows that are packed later.
inline Bounds bound_panels(const Panels& panels, int64_t rows, double queries_loss) {
  double largest = 0, loss = 0;
  for (int64_t i = 0; i < rows; i++) {
    const double norm = panels.norm[i];
    if (norm - norm == 0.0 && norm > largest) largest = norm;
    if (panels.loss[i] > loss) loss = panels.loss[i];
  }
  const double other = queries_loss > loss ? queries_loss : loss;
  int exponent = 0;
  __builtin_frexp(largest, &exponent);
  const int half = (exponent - 1) >> 1;
  const double root = __builtin_ldexp(1.0, -half);
  return {(loss + other + loss * other) / 2 * 1.0001 + kScoreError, root * root, root};
}

// The most a row of d columns can lose.
inline double largest_loss(int64_t d) { return 0.501 * __builtin_sqrt(static_cast<double>(d)) / kLargestEntry; }

// Of the panels [begin, end).
inline void scale_panels(const Panels& panels, int64_t begin, int64_t end, const Bounds& bounds) {
  for (int64_t i = begin * kPanel; i < end * kPanel; i++) {
    const double step = panels.step[i] * bounds.root;
    panels.half[i] = static_cast<float>((0.5 - bounds.rho) * panels.norm[i] * bounds.unit);
    panels.scale[i] = step < kSmallestStep ? 0.0f : static_cast<float>(step);
  }
}

struct Tile {
  int64_t query;      // first row, a list of the candidates
  int64_t reference;  // first column, a place
  int64_t rows;
  int64_t vectors;    // of 16 columns
};

__attribute__((noinline)) inline void take_row(const Candidates& c, int64_t i, int64_t place, uint64_t hits, const float* lower,
                                               Scratch& scratch) {
  for (int64_t v = 0; hits != 0; v += kLanes, hits >>= kLanes) {
    const uint32_t bits = static_cast<uint32_t>(hits & 0xffffu);
    if (bits != 0) take_candidates(c, i, place + v, bits, lower + v, scratch);
  }
}

__attribute__((noinline)) inline void take_column(const Candidates& c, int64_t i, int64_t query, uint64_t hits, const float* lower,
                                                  Scratch& scratch) {
  for (; hits != 0; hits &= hits - 1) {
    const int at = __builtin_ctzll(hits);
    take_candidate(c, query + at, i, lower[at], scratch);
  }
}

template <Serves serves>
inline void compare_row(const Candidates& c, const Panels& q, const Panels& r, const Tile& tile, int64_t i, const float* dots,
                        Scratch& scratch) {
  const Lanes step = Lanes::all(q.scale[i]), bound = Lanes::all(c.threshold[i]);
  float forth[kPanel], back[kPanel];
  uint64_t row_hits = 0, column_hits = 0;
  for (int64_t v = 0; v < tile.vectors; v++) {
    const int64_t column = tile.reference + v * kLanes;
    const Lanes t = Lanes::load(dots + v * kLanes) * Lanes::load(r.scale + column) * step;
    const Lanes lower = Lanes::load(r.half + column) - t;
    lower.store(forth + v * kLanes);
    row_hits |= static_cast<uint64_t>(less(lower, bound)) << (v * kLanes);
    if constexpr (serves == Serves::kRowsAndColumns) {
      const Lanes other = Lanes::all(q.half[i]) - t;
      other.store(back + v * kLanes);
      column_hits |= static_cast<uint64_t>(less(other, Lanes::load(c.threshold + column))) << (v * kLanes);
    }
  }
  if (row_hits != 0) take_row(c, i, tile.reference, row_hits, forth, scratch);
  if constexpr (serves == Serves::kRowsAndColumns) {
    if (column_hits != 0) take_column(c, i, tile.reference, column_hits, back, scratch);
  }
}

// Panel qp of the queries (list 0 begins panel 0) against panel rp of the references.
template <Serves serves>
inline void compare_panels(const Candidates& c, Dots dots, const Panels& q, int64_t qp, const Panels& r, int64_t rp, Scratch& scratch) {
  float products[kTileRows * kPanel];
  const int64_t end = (qp + 1) * kPanel < c.queries.count ? (qp + 1) * kPanel : c.queries.count;
  const int64_t columns = c.references.count - rp * kPanel < kPanel ? c.references.count - rp * kPanel : kPanel;
  for (int64_t first = qp * kPanel; first < end; first += kTileRows) {
    dots(q.panel(qp), first % kPanel, r.panel(rp), r.pairs, products);
    const int64_t rows = end - first < kTileRows ? end - first : kTileRows;
    const Tile tile{first, rp * kPanel, rows, (columns + kLanes - 1) / kLanes};
    for (int64_t row = 0; row < rows; row++) compare_row<serves>(c, q, r, tile, first + row, products + row * kPanel, scratch);
  }
}

}  // namespace quern::QUERN_TIER
