// A small class among itself: every pair's distance once, each row's k nearest out of its row of squares.
//
// Work split   one task a class; its rows are copied side by side, then met eight by eight within L1, two by two within registers.
// Memory       m·d·4 + m²·4 bytes for a class of m rows, within the thread's L2.
// Roofline     arithmetic: at d = 512 a pair takes 96 vector operations, 36 cycles of a core that adds and multiplies two vectors each.
//              Packing a row for the filter and ranking its candidates costs as much as some 100 pairs: beyond kPairedRows the filter wins.
// Error        squares are squared_distance's own bits; where float32 under- or overflowed they are computed again in float64.
#pragma once

#include "cpu/knn_query-inl.hpp"

namespace quern::QUERN_TIER {

// So many rows and as many others stay in the L1 cache at 512 columns.
constexpr int64_t kTogether = 8;
constexpr int64_t kChunk = kDistanceChains * kLanes;
// Squares in float32 decide between these; whoever is nearer, or farther, is compared in float64.
constexpr float kSureLeast = 2e-25f;
constexpr float kSureMost = 3e38f;

inline bool is_paired(const KnnSearch& s, const KnnClass& c) {
  return s.one_set() && c.references <= kPairedRows && s.p.d <= kDistanceBlock;
}

inline int64_t padded_to(int64_t whole, int64_t count) { return (count + whole - 1) / whole * whole; }

// A class by itself: its rows side by side, zeros behind their end, and a symmetric matrix of squares, +infinity on the diagonal and behind
// the last row. A NaN there is below no bound.
struct Pairs {
  float* rows;     // [count][width]
  float* squares;  // [count][ld]
  int64_t count, width, ld;

  const float* row(int64_t i) const { return rows + i * width; }
  float* squares_of(int64_t i) const { return squares + i * ld; }
  void put(int64_t i, int64_t j, float square) const { squares_of(i)[j] = squares_of(j)[i] = square; }
};

inline Pairs gather_pairs(const KnnRows& from, int64_t d, const PairRoom& room) {
  const Pairs p{room.rows, room.squares, from.count, padded_to(kChunk, d), padded_to(kLanes, from.count)};
  for (int64_t i = 0; i < p.count; i++) {
    if (i + 1 < p.count) prefetch_row(from.row(i + 1), d);
    std::memcpy(p.rows + i * p.width, from.row(i), static_cast<size_t>(d) * sizeof(float));
    std::memset(p.rows + i * p.width + d, 0, static_cast<size_t>(p.width - d) * sizeof(float));
    p.squares_of(i)[i] = __builtin_inff();
    for (int64_t j = p.count; j < p.ld; j++) p.squares_of(i)[j] = __builtin_inff();
  }
  return p;
}

#if defined(__AVX512F__)

constexpr int64_t kAbreast = 2;

// float_square of rows i, i+1 with rows j, j+1.
inline void square_abreast(const Pairs& p, int64_t i, int64_t j) {
  const float *x = p.row(i), *y = p.row(j);
  Lanes sum[4][kDistanceChains];
  for (auto& pair : sum) {
    for (Lanes& chain : pair) chain = Lanes::zero();
  }
  for (int64_t column = 0; column < p.width; column += kChunk) {
#pragma GCC unroll 4
    for (int c = 0; c < kDistanceChains; c++) {
      const int64_t at = column + c * kLanes;
      const Lanes x0 = Lanes::load(x + at), x1 = Lanes::load(x + p.width + at);
      const Lanes y0 = Lanes::load(y + at), y1 = Lanes::load(y + p.width + at);
      sum[0][c] = sum[0][c] + (x0 - y0) * (x0 - y0);
      sum[1][c] = sum[1][c] + (x0 - y1) * (x0 - y1);
      sum[2][c] = sum[2][c] + (x1 - y0) * (x1 - y0);
      sum[3][c] = sum[3][c] + (x1 - y1) * (x1 - y1);
    }
  }
#pragma GCC unroll 4
  for (int pair = 0; pair < 4; pair++) {
    p.put(i + pair / 2, j + pair % 2, reduce_add((sum[pair][0] + sum[pair][1]) + (sum[pair][2] + sum[pair][3])));
  }
}

#else

// Two accumulators of 256 bits a chain: four pairs at once would spill them.
constexpr int64_t kAbreast = 1;

inline void square_abreast(const Pairs& p, int64_t i, int64_t j) { p.put(i, j, squared_distance_block(p.row(i), p.row(j), p.width)); }

#endif

// Rows [i, i_end) with rows [j, j_end), each pair i < j.
inline void square_tile(const Pairs& p, int64_t i, int64_t i_end, int64_t j, int64_t j_end) {
  for (int64_t a = i; a < i_end; a += kAbreast) {
    for (int64_t b = larger(j, a / kAbreast * kAbreast); b < j_end; b += kAbreast) {
      if (a + kAbreast <= b && b + kAbreast <= j_end && a + kAbreast <= i_end) {
        square_abreast(p, a, b);
        continue;
      }
      for (int64_t row = a; row < smaller(a + kAbreast, i_end); row++) {
        for (int64_t other = larger(b, row + 1); other < smaller(b + kAbreast, j_end); other++) {
          p.put(row, other, squared_distance_block(p.row(row), p.row(other), p.width));
        }
      }
    }
  }
}

inline void square_all(const Pairs& p) {
  for (int64_t i = 0; i < p.count; i += kTogether) {
    for (int64_t j = i; j < p.count; j += kTogether) {
      square_tile(p, i, smaller(i + kTogether, p.count), j, smaller(j + kTogether, p.count));
    }
  }
}

// All that may be among the k nearest lie below; +infinity: anything may.
inline float bound_of_nearest(float* squares, int64_t count, int64_t k) {
  if (count_below(squares, padded_to(kLanes, count), __builtin_inff()) < k) return __builtin_inff();
  const float bound = kth_or_above(squares, count, k);
  if (bound > kSureMost) return __builtin_inff();
  return bound > kSureLeast ? bound : kSureLeast;
}

inline float least_of(const float* values, int32_t count) {
  float least = values[0];
  for (int32_t j = 1; j < count; j++) least = values[j] < least ? values[j] : least;
  return least;
}

// At most sixteen squares by rank: the number of lanes that are less, or equal at a lower place.
inline void rank_lanes(const float* squares, const int32_t* place, int32_t count, Nearest& nearest) {
  const Lanes all = Lanes::load_first(squares, count, __builtin_inff());
  nearest.size = count < nearest.limit ? count : nearest.limit;
  for (int32_t j = 0; j < count; j++) {
    const Lanes one = Lanes::all(squares[j]);
    const uint32_t lower = less(all, one), equal = ~(lower | less(one, all)), before = (1u << j) - 1u;
    const int64_t rank = __builtin_popcount(lower | (equal & before));
    if (rank < nearest.size) nearest.put(rank, static_cast<double>(squares[j]), place[j]);
  }
}

// The others that may be among the k nearest of row i, ascending by index; returns how many.
inline int32_t take_near(const Pairs& p, int64_t i, float bound, const PairRoom& room) {
  const float* squares = p.squares_of(i);
  int32_t count = 0;
  for (int64_t from = 0; from < p.count; from += kLanes) {
    const int64_t left = p.count - from;
    uint32_t bits = bound == __builtin_inff() ? 0xffffu : less(Lanes::load(squares + from), Lanes::all(bound));
    if (left < kLanes) bits &= (1u << left) - 1u;
    for (; bits != 0; bits &= bits - 1) {
      const int64_t j = from + __builtin_ctz(bits);
      room.near[count] = squares[j];
      room.place[count] = static_cast<int32_t>(j);
      count += j != i;
    }
  }
  return count;
}

// Into scratch.nearest, ascending.
inline void find_nearest(const Pairs& p, int64_t i, int64_t d, const PairRoom& room, Scratch& scratch) {
  const float bound = bound_of_nearest(p.squares_of(i), p.count, scratch.nearest.limit);
  const int32_t near = take_near(p, i, bound, room);
  if (near <= kLanes && bound < __builtin_inff() && least_of(room.near, near) > kSureLeast) {
    return rank_lanes(room.near, room.place, near, scratch.nearest);
  }
  int32_t count = 0;
  for (int32_t j = 0; j < near; j++) {
    const int32_t place = room.place[j];
    const double square = exact_square(room.near[j], p.row(i), p.row(place), d);
    scratch.square[count] = square;
    room.place[count] = place;
    count += square - square == 0.0;
  }
  sort_nearest(room.place, count, scratch);
}

inline void search_pairs(const KnnSearch& s, const KnnClass& class_, KnnWorker& w) {
  const KnnRows rows = s.queries(class_);
  const Pairs p = gather_pairs(rows, s.p.d, w.pairs);
  square_all(p);
  for (int64_t i = 0; i < p.count; i++) {
    find_nearest(p, i, s.p.d, w.pairs, w.scratch);
    write_neighbours(s, rows.index(i), rows, w.scratch.nearest, w.scratch.nearest.size > 0 || is_finite(p.row(i), s.p.d));
  }
}

}  // namespace quern::QUERN_TIER
