#include <numeric>

#include "knn_call.hpp"

using namespace quern::test;

namespace {

constexpr int64_t kDimensions[] = {1, 3, 16, 50};

// Runs body(random, n, d, k) for a thousand random shapes in small numbers of rows.
template <class Body>
void for_random_shapes(uint64_t stream, int64_t cases, const Body& body) {
  auto random = seeded(stream);
  for (int64_t i = 0; i < cases; i++) {
    const int64_t n = 2 + static_cast<int64_t>(random() % (i % 10 == 0 ? 400 : 90));
    const int64_t d = kDimensions[random() % 4];
    const int64_t k = 1 + static_cast<int64_t>(random() % static_cast<uint64_t>(std::min<int64_t>(n - 1, 12)));
    body(random, n, d, k);
  }
}

KnnCall random_call(std::mt19937_64& random, int64_t n, int64_t d, int64_t k) {
  return among_themselves(gaussian(random, static_cast<size_t>(n * d)), d, k);
}

std::vector<int64_t> shuffled(std::mt19937_64& random, int64_t n) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), random);
  return order;
}

std::vector<float> reordered(const std::vector<float>& points, int64_t d, const std::vector<int64_t>& order) {
  std::vector<float> moved;
  for (int64_t row : order) moved.insert(moved.end(), points.begin() + row * d, points.begin() + (row + 1) * d);
  return moved;
}

}  // namespace

TEST("a permutation of the rows permutes the densities") {
  Context context = open();
  for_random_shapes(100, 300, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    const KnnCall call = random_call(random, n, d, k);
    const auto order = shuffled(random, n);
    KnnCall moved = call;
    moved.queries = reordered(call.queries, d, order);
    const KnnAnswer a = ask(context.get(), call), b = ask(context.get(), moved);
    for (size_t i = 0; i < order.size(); i++) EXPECT(b.density[i] == a.density[static_cast<size_t>(order[i])]);
  });
}

TEST("a permutation of the reference leaves distances unchanged") {
  Context context = open();
  for_random_shapes(101, 200, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    KnnCall call = random_call(random, 20, d, k);
    call.reference = gaussian(random, static_cast<size_t>(n * d));
    KnnCall moved = call;
    moved.reference = reordered(call.reference, d, shuffled(random, n));
    EXPECT(same_bits(ask(context.get(), call).distances, ask(context.get(), moved).distances));
  });
}

TEST("scaling by a power of two scales distances exactly") {
  Context context = open();
  for_random_shapes(102, 200, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    const KnnCall call = random_call(random, n, d, k);
    KnnCall scaled = call;
    const float factor = std::ldexp(1.0f, static_cast<int>(random() % 40) - 20);
    for (float& value : scaled.queries) value *= factor;
    const KnnAnswer a = ask(context.get(), call), b = ask(context.get(), scaled);
    EXPECT(a.indices == b.indices);
    for (size_t i = 0; i < a.density.size(); i++) EXPECT(b.density[i] == a.density[i] * factor);
  });
}

TEST("reflecting and reordering in pairs of columns keep distances") {
  Context context = open();
  for_random_shapes(103, 200, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    const KnnCall call = random_call(random, n, d, k);
    KnnCall mirrored = call;
    for (size_t j = 0; j < mirrored.queries.size(); j++) {
      if (static_cast<int64_t>(j) % d % 2 == 0) mirrored.queries[j] = -mirrored.queries[j];
    }
    EXPECT(ask(context.get(), call) == ask(context.get(), mirrored));
  });
}

TEST("a translation on a grid keeps everything") {
  Context context = open();
  for_random_shapes(104, 200, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    KnnCall call = random_call(random, n, d, k), moved;
    for (float& value : call.queries) value = static_cast<float>(random() % 64);
    moved = call;
    for (float& value : moved.queries) value += 4096.0f;
    EXPECT(ask(context.get(), call) == ask(context.get(), moved));
  });
}

TEST("the first j of k neighbours are the j neighbours") {
  Context context = open();
  for_random_shapes(105, 200, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    const KnnCall call = random_call(random, n, d, k);
    KnnCall fewer = call;
    fewer.k = 1 + static_cast<int64_t>(random() % static_cast<uint64_t>(k));
    const KnnAnswer a = ask(context.get(), call), b = ask(context.get(), fewer);
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j < fewer.k; j++) EXPECT(a.indices[static_cast<size_t>(i * k + j)] == b.indices[static_cast<size_t>(i * fewer.k + j)]);
    }
  });
}

TEST("density grows with k and is the mean of the distances") {
  Context context = open();
  for_random_shapes(106, 200, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    const KnnAnswer a = ask(context.get(), random_call(random, n, d, k));
    for (int64_t i = 0; i < n; i++) {
      double mean = 0;
      for (int64_t j = 0; j < k; j++) mean += static_cast<double>(a.distances[static_cast<size_t>(i * k + j)]) / static_cast<double>(k);
      EXPECT_NEAR(a.density[static_cast<size_t>(i)], mean, 2e-7 * mean);
      EXPECT(a.density[static_cast<size_t>(i)] >= a.distances[static_cast<size_t>(i * k)]);
    }
  });
}

TEST("the rows as their own reference find themselves first, then the neighbours among themselves") {
  Context context = open();
  for_random_shapes(107, 200, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    const KnnCall call = random_call(random, n, d, k);
    KnnCall with_self = call;
    with_self.reference = call.queries;
    with_self.k = k + 1;
    const KnnAnswer a = ask(context.get(), call), b = ask(context.get(), with_self);
    for (int64_t i = 0; i < n; i++) {
      EXPECT(b.indices[static_cast<size_t>(i * (k + 1))] == i && b.distances[static_cast<size_t>(i * (k + 1))] == 0.0f);
      for (int64_t j = 0; j < k; j++) EXPECT(a.indices[static_cast<size_t>(i * k + j)] == b.indices[static_cast<size_t>(i * (k + 1) + j + 1)]);
    }
  });
}

TEST("queries together are the queries one by one") {
  Context context = open();
  for_random_shapes(108, 40, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    KnnCall all = random_call(random, 60, d, k);
    all.reference = gaussian(random, static_cast<size_t>(n * d));
    const KnnAnswer together = ask(context.get(), all);
    for (int64_t i = 0; i < 60; i += 7) {
      KnnCall one = all;
      one.n = 1;
      one.queries = reordered(all.queries, d, {i});
      EXPECT(ask(context.get(), one).density[0] == together.density[static_cast<size_t>(i)]);
    }
  });
}

TEST("one call within classes is a call per class") {
  Context context = open();
  for_random_shapes(109, 60, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    KnnCall call = random_call(random, n + 100, d, k);
    call.labels = random_labels(random, n + 100, 3);
    call.short_class = QUERN_SHORT_CLASS_CLAMP;
    const KnnAnswer whole = ask(context.get(), call);
    for (int32_t label = 0; label < 3; label++) {
      std::vector<int64_t> members;
      for (int64_t i = 0; i < call.n; i++) {
        if (call.labels[static_cast<size_t>(i)] == label) members.push_back(i);
      }
      if (static_cast<int64_t>(members.size()) <= k) continue;
      const KnnAnswer part = ask(context.get(), among_themselves(reordered(call.queries, d, members), d, k));
      for (size_t i = 0; i < members.size(); i++) {
        EXPECT(part.density[i] == whole.density[static_cast<size_t>(members[i])]);
        EXPECT(members[static_cast<size_t>(part.indices[i * static_cast<size_t>(k)])] == whole.indices[static_cast<size_t>(members[i] * k)]);
      }
    }
  });
}

TEST("names of the classes do not matter") {
  Context context = open();
  for_random_shapes(110, 100, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    KnnCall call = random_call(random, n, d, k);
    call.labels = random_labels(random, n, 5);
    call.short_class = QUERN_SHORT_CLASS_CLAMP;
    KnnCall renamed = call;
    const int32_t names[] = {2147483647, 70000, 3, 0, 1 << 24};
    for (int32_t& label : renamed.labels) label = names[label];
    EXPECT(ask(context.get(), call) == ask(context.get(), renamed));
  });
}

TEST("doubling every row makes the copy the nearest") {
  Context context = open();
  for_random_shapes(111, 100, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    KnnCall call = random_call(random, n, d, k);
    const auto once = call.queries;
    call.queries.insert(call.queries.end(), once.begin(), once.end());
    call.n = 2 * n;
    const KnnAnswer a = ask(context.get(), call);
    for (int64_t i = 0; i < n; i++) EXPECT(a.indices[static_cast<size_t>(i * k)] == i + n && a.indices[static_cast<size_t>((i + n) * k)] == i);
  });
}

TEST("a reference row that moves away never shortens a distance") {
  Context context = open();
  for_random_shapes(112, 100, [&](auto& random, int64_t n, int64_t d, int64_t k) {
    KnnCall call = random_call(random, 30, d, k);
    call.reference = gaussian(random, static_cast<size_t>(n * d));
    KnnCall away = call;
    for (int64_t j = 0; j < d; j++) away.reference[static_cast<size_t>(j)] = 1000.0f;
    const KnnAnswer a = ask(context.get(), call), b = ask(context.get(), away);
    for (size_t i = 0; i < a.distances.size(); i++) EXPECT(b.distances[i] >= a.distances[i]);
  });
}

TEST("outputs that are not wanted change nothing in those that are") {
  auto random = seeded(113);
  Context context = open();
  const KnnCall call = random_call(random, 200, 9, 4);
  const KnnAnswer whole = ask(context.get(), call);
  const quern_knn_params params = call.params();
  for (int wanted = 0; wanted < 8; wanted++) {
    KnnAnswer part = poisoned(call);
    const quern_knn_result result{wanted & 1 ? part.density.data() : nullptr, wanted & 2 ? part.distances.data() : nullptr,
                                  wanted & 4 ? part.indices.data() : nullptr, nullptr};
    EXPECT(quern_knn_density(context.get(), &params, &result) == QUERN_OK);
    EXPECT(!(wanted & 1) || same_bits(part.density, whole.density));
    EXPECT(!(wanted & 2) || same_bits(part.distances, whole.distances));
    EXPECT(!(wanted & 4) || part.indices == whole.indices);
  }
}

TEST("the count of fallback rows is the same for every tier and thread count, and none on scattered points") {
  auto random = seeded(114);
  const KnnCall scattered = random_call(random, 1500, 40, 10), one_spot = among_themselves(clustered(random, 1500, 40, 3, 1e5f), 40, 10);
  EXPECT(ask(open().get(), scattered).fallback_rows == 0);
  KnnCall with_outlier = scattered;
  std::fill_n(with_outlier.queries.begin(), 40, 1e6f);
  EXPECT(ask(open().get(), with_outlier).fallback_rows <= 1);
  const int64_t expected = ask(open(QUERN_ISA_BASELINE, 1).get(), one_spot).fallback_rows;
  EXPECT(expected > 1000);
  for (int isa : tiers()) {
    for (int threads : {1, 2, 5}) EXPECT(ask(open(isa, threads).get(), one_spot).fallback_rows == expected);
  }
}

TEST("where 30 % of the rows are near duplicates, more than any list holds, these fall back, few others do, and all are right") {
  auto random = seeded(115);
  KnnCall call = random_call(random, 3000, 64, 10);
  std::vector<float> centre(call.queries.begin(), call.queries.begin() + 64);
  for (size_t i = 0; i < 3000; i++) {
    if (i % 10 >= 3) continue;
    for (size_t j = 0; j < 64; j++) call.queries[i * 64 + j] = centre[j] * (1.0f + 1e-6f * static_cast<float>(random() % 16));
  }
  const KnnAnswer first = ask(open(QUERN_ISA_BASELINE, 1).get(), call);
  expect_oracle(call, first, 7);
  EXPECT(first.fallback_rows >= 900 && first.fallback_rows < 1500);  // others have the whole spot at their k-th distance
  for (int isa : tiers()) {
    const KnnAnswer answer = ask(open(isa).get(), call);
    EXPECT(answer == first && answer.fallback_rows == first.fallback_rows);
  }
  call.reference = call.queries;
  expect_oracle(call, ask(open().get(), call), 7);
}
