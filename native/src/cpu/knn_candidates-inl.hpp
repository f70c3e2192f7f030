// Per query, the references that may still be among its k nearest.
//
// With n_i = |y_i|², b = step·q and ρ an upper bound of the relative loss, Cauchy–Schwarz gives |<y_i,y_j> − <b_i,b_j>| ≤ ρ(n_i + n_j), hence
//     lower_ij = (½ − ρ) n_j − <b_i,b_j>   ⇒   2·lower + (1 − 2ρ) n_i  ≤  |x_i − x_j|²  ≤  2·lower + 4ρ n_j + (1 + 2ρ) n_i,
// where ρ also holds the roundings of the score. A list takes every j whose lower is under the query's threshold, and the threshold only
// ever falls to where the k-th smallest of the upper bounds (prune) or of the true distances (settle) proves the rest out of reach. So
// nothing is lost: a list that stays crowded is settled by true distances and costs time, never exactness.
#pragma once

#include "cpu/knn_distance-inl.hpp"
#include "cpu/knn_panels-inl.hpp"

namespace quern::QUERN_TIER {

// What the loss bound does not cover: float32 roundings of rows, norms and scores, each relative to at most n_i + n_j.
constexpr double kScoreError = 128.0 / 16777216.0;
// What a step below kSmallestStep may lose, scaled.
constexpr double kSlack = 1e-24;
// Beyond this scaled |y|² a query is not filtered but scanned.
constexpr double kFarthest = 1e30;
// Lists up to here are sorted by counting.
constexpr int32_t kRanked = 32;

// A class of up to so many rows compares every pair (knn_pairs).
constexpr int64_t kPairedRows = 192;

constexpr int64_t kNoSelf = INT64_MIN / 2;

struct Bounds {
  double rho;
  double unit;  // a power of 4: scaled squares are unit times squares
  double root;  // √unit
};

// Room for one query's distances, per worker.
struct Scratch {
  int32_t* entries; // [kPackedRows][pairs]
  float* upper;     // [capacity]
  double* square;   // [capacity, at least kPairedRows]
  Nearest nearest;
};

enum RowState : uint8_t { kFiltered, kSettled, kScanned, kNotFinite };

struct Candidates {
  KnnRows queries, references;
  int64_t d;
  int64_t k;
  int64_t capacity;
  int64_t self_shift;    // place of query i among the references, less i; kNoSelf where they are other rows
  Bounds bounds;
  const float* half;     // of the references
  const double* norm;    // of the queries, |y|²
  float* lower;          // [rows][capacity]
  int32_t* place;        // [rows][capacity]
  int32_t* count;        // [rows]
  float* threshold;      // [rows]
  int32_t* before;       // [rows] only places below are taken; for a query with k duplicates at distance 0
  RowState* state;       // [rows]
};

inline int64_t list_capacity(int64_t k) { return (2 * k + 48 + kLanes - 1) / kLanes * kLanes; }

inline Scratch take_scratch(Arena& arena, int64_t d, int64_t k) {
  const int64_t capacity = list_capacity(k);
  const int64_t packed = d > kWidestPanel ? 0 : kPackedRows * ((d + 1) / 2);
  const int64_t measured = capacity < kPairedRows ? kPairedRows : capacity;
  const Nearest nearest{arena.take<double>(k), arena.take<int64_t>(k), k, 0};
  return {arena.take<int32_t>(packed), arena.take<float>(capacity), arena.take<double>(measured), nearest};
}

inline void take_lists(Arena& arena, int64_t rows, Candidates& c) {
  c.capacity = list_capacity(c.k);
  c.lower = arena.take<float>(checked_mul(rows, c.capacity, "workspace"));
  c.place = arena.take<int32_t>(checked_mul(rows, c.capacity, "workspace"));
  c.count = arena.take<int32_t>(rows);
  c.threshold = arena.take<float>(rows);
  c.before = arena.take<int32_t>(rows);
  c.state = arena.take<RowState>(rows);
}

inline void open_list(const Candidates& c, int64_t i, double norm) {
  const bool finite = norm - norm == 0.0;
  const bool far = norm * c.bounds.unit > kFarthest;
  c.count[i] = 0;
  c.before[i] = INT32_MAX;
  c.threshold[i] = finite && !far ? __builtin_inff() : -__builtin_inff();
  c.state[i] = !finite ? kNotFinite : far ? kScanned : kFiltered;
}

// Lowers the threshold to where a distance, squared and scaled, of at most `square` cannot be missed.
inline void lower_threshold(const Candidates& c, int64_t i, double square) {
  const double n = c.norm[i] * c.bounds.unit;
  const double exact = (square / (1 - kDistanceError) - (1 - 2 * c.bounds.rho) * n) / 2 + kSlack;
  float above = static_cast<float>(exact);
  above += __builtin_fabsf(above) * 2e-7f + 1e-37f;
  if (above < c.threshold[i]) c.threshold[i] = above;
}

// Floats in their order as integers, and back.
inline int32_t ordered(float x) {
  int32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits ^ (bits >> 31 & 0x7fffffff);
}
inline float unordered(int32_t key) {
  key ^= key >> 31 & 0x7fffffff;
  float x;
  std::memcpy(&x, &key, sizeof x);
  return x;
}

inline int64_t count_below(const float* values, int64_t padded, float bound) {
  const Lanes limit = Lanes::all(bound);
  int64_t below = 0;
  for (int64_t j = 0; j < padded; j += kLanes) below += __builtin_popcount(less(Lanes::load(values + j), limit));
  return below;
}

// A value with at least k of the count ≤ it: the k-th smallest, or little above it. values has room for whole lanes.
inline float kth_or_above(float* values, int64_t count, int64_t k) {
  const int64_t padded = (count + kLanes - 1) / kLanes * kLanes;
  for (int64_t j = count; j < padded; j++) values[j] = __builtin_inff();
  Lanes least = Lanes::load(values), most = Lanes::all(-__builtin_inff());
  for (int64_t j = 0; j < padded; j += kLanes) {
    const Lanes v = Lanes::load(values + j);
    least = min(v, least);
    most = max(select(less(v, Lanes::all(__builtin_inff())), v, most), most);
  }
  int64_t low = ordered(-reduce_max(Lanes::zero() - least)), high = static_cast<int64_t>(ordered(reduce_max(most))) + 2;
  // Fewer than k lie below low, at least k below high.
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    const int64_t below = count_below(values, padded, unordered(static_cast<int32_t>(middle)));
    const bool enough = below >= k;
    low = enough ? low : middle;
    high = enough ? middle : high;
    if (enough && below <= k + 1) break;
  }
  return unordered(static_cast<int32_t>(high));
}

inline void drop_above_threshold(const Candidates& c, int64_t i) {
  float* lower = c.lower + i * c.capacity;
  int32_t* place = c.place + i * c.capacity;
  const float threshold = c.threshold[i];
  int32_t kept = 0;
  for (int32_t j = 0; j < c.count[i]; j++) {
    lower[kept] = lower[j];
    place[kept] = place[j];
    kept += lower[j] < threshold;
  }
  c.count[i] = kept;
}

// Drops what the k-th upper bound rules out.
inline void prune(const Candidates& c, int64_t i, Scratch& scratch) {
  if (c.count[i] <= c.k) return;
  const float* lower = c.lower + i * c.capacity;
  const int32_t* place = c.place + i * c.capacity;
  const float gap = static_cast<float>(2 * c.bounds.rho / (0.5 - c.bounds.rho));
  for (int32_t j = 0; j < c.count[i]; j++) scratch.upper[j] = lower[j] + c.half[place[j]] * gap;
  const double upper = static_cast<double>(kth_or_above(scratch.upper, c.count[i], c.k)) + 2 * kSlack;
  const double n = c.norm[i] * c.bounds.unit;
  lower_threshold(c, i, (1 + kDistanceError) * (2 * upper + (1 + 2 * c.bounds.rho) * n));
  drop_above_threshold(c, i);
}

// The first 2 KB; the rest of a longer row follows by itself.
inline void prefetch_row(const float* x, int64_t d) {
  for (int64_t j = 0; j < d && j < 512; j += 16) __builtin_prefetch(x + j);
}

// True distances of the list, squared, into scratch.square.
inline void measure(const Candidates& c, int64_t i, Scratch& scratch) {
  const float* x = c.queries.row(i);
  const int32_t* place = c.place + i * c.capacity;
  for (int32_t j = 0; j < c.count[i]; j++) {
    if (j + 1 < c.count[i]) prefetch_row(c.references.row(place[j + 1]), c.d);
    scratch.square[j] = squared_distance(x, c.references.row(place[j]), c.d);
  }
}

// The k nearest of what was measured, as a heap.
inline void select_nearest(const int32_t* place, int32_t count, Scratch& scratch) {
  scratch.nearest.size = 0;
  for (int32_t j = 0; j < count; j++) scratch.nearest.offer(scratch.square[j], place[j]);
}

// The k nearest of a short list, ascending: each goes where the number of nearer ones says. No branch to mispredict.
inline void rank_nearest(const int32_t* place, int32_t count, Scratch& scratch) {
  const double* square = scratch.square;
  Nearest& nearest = scratch.nearest;
  nearest.size = count < nearest.limit ? count : nearest.limit;
  for (int32_t j = 0; j < count; j++) {
    int64_t nearer = 0;
    for (int32_t other = 0; other < count; other++) {
      nearer += static_cast<int64_t>(square[other] < square[j]) |
                (static_cast<int64_t>(square[other] == square[j]) & static_cast<int64_t>(place[other] < place[j]));
    }
    if (nearer < nearest.size) nearest.put(nearer, square[j], place[j]);
  }
}

inline void sort_nearest(const int32_t* place, int32_t count, Scratch& scratch) {
  if (count <= kRanked) {
    rank_nearest(place, count, scratch);
  } else {
    select_nearest(place, count, scratch);
    scratch.nearest.sort();
  }
}

// Keeps only the k nearest by true distance.
inline void settle(const Candidates& c, int64_t i, Scratch& scratch) {
  measure(c, i, scratch);
  select_nearest(c.place + i * c.capacity, c.count[i], scratch);
  c.state[i] = kSettled;
  float* lower = c.lower + i * c.capacity;
  int32_t* place = c.place + i * c.capacity;
  const double farthest = scratch.nearest.square[0];
  const int64_t last = scratch.nearest.index[0];
  int32_t kept = 0;
  for (int32_t j = 0; j < c.count[i]; j++) {
    if (Nearest::farther(scratch.square[j], place[j], farthest, last)) continue;
    lower[kept] = lower[j];
    place[kept] = place[j];
    kept++;
  }
  c.count[i] = kept;
  lower_threshold(c, i, farthest * c.bounds.unit);
  if (farthest == 0.0) c.before[i] = static_cast<int32_t>(last);
}

inline void make_room(const Candidates& c, int64_t i, Scratch& scratch) {
  prune(c, i, scratch);
  if (c.count[i] > (c.capacity + c.k) / 2) settle(c, i, scratch);
}

// A list always has room for sixteen more.
inline void make_room_if_full(const Candidates& c, int64_t i, Scratch& scratch) {
  if (c.count[i] > c.capacity - kLanes) make_room(c, i, scratch);
}

inline void append(const Candidates& c, int64_t i, int64_t place, float lower) {
  if (place >= c.before[i] || place == i + c.self_shift || !(lower < c.threshold[i])) return;
  const int64_t at = i * c.capacity + c.count[i]++;
  c.lower[at] = lower;
  c.place[at] = static_cast<int32_t>(place);
}

inline void take_candidate(const Candidates& c, int64_t i, int64_t place, float lower, Scratch& scratch) {
  append(c, i, place, lower);
  make_room_if_full(c, i, scratch);
}

// Of the sixteen references from `place` on, those of the bits: all before room is made, so that every tier makes it at the same moment.
inline void take_candidates(const Candidates& c, int64_t i, int64_t place, uint32_t bits, const float* lower, Scratch& scratch) {
#if defined(__AVX512F__)
  if (c.before[i] == INT32_MAX) {
    const __m512 scores = _mm512_loadu_ps(lower);
    const int64_t self = i + c.self_shift - place;
    if (self >= 0 && self < kLanes) bits &= ~(1u << self);
    bits &= _mm512_cmp_ps_mask(scores, _mm512_set1_ps(c.threshold[i]), _CMP_LT_OQ);
    const __mmask16 mask = static_cast<__mmask16>(bits);
    const __m512i places = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int32_t>(place)),
                                            _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    const int64_t at = i * c.capacity + c.count[i];
    _mm512_storeu_ps(c.lower + at, _mm512_maskz_compress_ps(mask, scores));
    _mm512_storeu_si512(c.place + at, _mm512_maskz_compress_epi32(mask, places));
    c.count[i] += __builtin_popcount(bits);
    bits = 0;
  }
#endif
  for (; bits != 0; bits &= bits - 1) {
    const int at = __builtin_ctz(bits);
    append(c, i, place + at, lower[at]);
  }
  make_room_if_full(c, i, scratch);
}

// The neighbours of a query whose references have all been offered, ascending, into scratch.
inline void finish_list(const Candidates& c, int64_t i, Scratch& scratch) {
  prune(c, i, scratch);
  measure(c, i, scratch);
  sort_nearest(c.place + i * c.capacity, c.count[i], scratch);
}

}  // namespace quern::QUERN_TIER
