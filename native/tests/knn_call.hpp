// One call of quern_knn_density with outputs poisoned before and compared with the oracle after.
#pragma once

#include <set>

#include "knn_oracle.hpp"
#include "tiers.hpp"

namespace quern::test {

constexpr double kDistanceBound = 2e-6;

struct KnnCall {
  std::vector<float> queries;
  int64_t n = 0, d = 0, k = 1;
  std::vector<float> reference = {};  // empty: the queries themselves
  std::vector<int32_t> labels = {}, reference_labels = {};
  int64_t queries_ld = 0, reference_ld = 0;
  int32_t short_class = QUERN_SHORT_CLASS_REFUSE;

  int64_t ld() const { return queries_ld == 0 ? d : queries_ld; }
  const std::vector<float>& choices() const { return reference.empty() ? queries : reference; }
  int64_t choices_ld() const { return reference.empty() ? ld() : reference_ld == 0 ? d : reference_ld; }
  int64_t n_choices() const { return static_cast<int64_t>(choices().size()) / choices_ld(); }

  quern_knn_params params() const {
    quern_knn_params p{};
    p.queries = queries.data();
    p.n = n;
    p.d = d;
    p.queries_ld = queries_ld;
    p.k = k;
    p.short_class = short_class;
    if (!reference.empty()) {
      p.reference = reference.data();
      p.n_reference = n_choices();
      p.reference_ld = reference_ld;
    }
    if (!labels.empty()) p.labels = labels.data();
    if (!reference_labels.empty()) p.reference_labels = reference_labels.data();
    return p;
  }
};

struct KnnAnswer {
  std::vector<float> density, distances;
  std::vector<int64_t> indices;
  int64_t fallback_rows = -1;

  bool operator==(const KnnAnswer& other) const {
    return same_bits(density, other.density) && same_bits(distances, other.distances) && indices == other.indices;
  }
};

inline KnnAnswer poisoned(const KnnCall& call) {
  KnnAnswer answer;
  answer.density.assign(static_cast<size_t>(call.n), -7.0f);
  answer.distances.assign(static_cast<size_t>(call.n * call.k), -7.0f);
  answer.indices.assign(static_cast<size_t>(call.n * call.k), -7);
  return answer;
}

inline KnnAnswer ask(quern_context* context, const KnnCall& call) {
  const quern_knn_params params = call.params();
  KnnAnswer answer = poisoned(call);
  const quern_knn_result result{answer.density.data(), answer.distances.data(), answer.indices.data(), &answer.fallback_rows};
  const int32_t status = quern_knn_density(context, &params, &result);
  if (status != QUERN_OK) std::fprintf(stderr, "  %s\n", quern_last_error());
  EXPECT(status == QUERN_OK);
  return answer;
}

inline bool row_is_finite(const float* x, int64_t d) {
  return std::all_of(x, x + d, [](float v) { return std::isfinite(v); });
}

inline void expect_row(const KnnCall& call, const KnnAnswer& answer, int64_t i) {
  const float* x = call.queries.data() + i * call.ld();
  const float* distances = answer.distances.data() + i * call.k;
  const int64_t* indices = answer.indices.data() + i * call.k;
  const auto& to = call.reference.empty() ? call.labels : call.reference_labels;
  const bool finite = row_is_finite(x, call.d);
  std::vector<Neighbour> oracle;
  if (finite) {
    oracle = neighbours_in_double(x, call.choices().data(), call.n_choices(), call.choices_ld(), call.d, [&](int64_t j) {
      return (!call.reference.empty() || j != i) && (to.empty() || to[static_cast<size_t>(j)] == call.labels[static_cast<size_t>(i)]);
    });
  }
  double mean = 0;
  std::set<int64_t> seen;
  const int64_t there = std::min(call.k, static_cast<int64_t>(oracle.size()));
  for (int64_t j = 0; j < call.k; j++) {
    if (j >= there) {
      EXPECT(std::isnan(distances[j]) && indices[j] == -1);
      continue;
    }
    const Neighbour& expected = oracle[static_cast<size_t>(j)];
    mean += expected.distance / static_cast<double>(there);
    EXPECT_NEAR(distances[j], expected.distance, kDistanceBound * expected.distance + 1e-45);
    EXPECT(seen.insert(indices[j]).second);
    if (indices[j] != expected.index) {
      const double mine = distance_in_double(x, call.choices().data() + indices[j] * call.choices_ld(), call.d);
      EXPECT_NEAR(mine, expected.distance, 2 * kDistanceBound * expected.distance);
      EXPECT(mine != expected.distance || expected.distance != 0);  // duplicates go by index
    }
    if (j > 0) EXPECT(distances[j - 1] < distances[j] || (distances[j - 1] == distances[j] && (distances[j] != 0 || indices[j - 1] < indices[j])));
  }
  if (finite) {
    EXPECT_NEAR(answer.density[static_cast<size_t>(i)], mean, kDistanceBound * mean + 1e-45);
  } else {
    EXPECT(std::isnan(answer.density[static_cast<size_t>(i)]));
  }
}

// Every stride-th row against the oracle.
inline void expect_oracle(const KnnCall& call, const KnnAnswer& answer, int64_t stride = 1) {
  for (int64_t i = 0; i < call.n; i += stride) expect_row(call, answer, i);
}

inline KnnCall among_themselves(std::vector<float> points, int64_t d, int64_t k) {
  KnnCall call;
  call.n = static_cast<int64_t>(points.size()) / d;
  call.d = d;
  call.k = k;
  call.queries = std::move(points);
  return call;
}

inline std::vector<int32_t> random_labels(std::mt19937_64& random, int64_t n, int32_t classes) {
  std::vector<int32_t> labels(static_cast<size_t>(n));
  for (int32_t& label : labels) label = static_cast<int32_t>(random() % static_cast<uint64_t>(classes));
  return labels;
}

// Points about `clusters` centres at distance `spread` times their own deviation.
inline std::vector<float> clustered(std::mt19937_64& random, int64_t n, int64_t d, int64_t clusters, float spread) {
  const auto centres = gaussian(random, static_cast<size_t>(clusters * d), spread);
  auto points = gaussian(random, static_cast<size_t>(n * d));
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < d; j++) points[static_cast<size_t>(i * d + j)] += centres[static_cast<size_t>(i % clusters * d + j)];
  }
  return points;
}

}  // namespace quern::test
