#include "knn_call.hpp"

using namespace quern::test;

namespace {

constexpr int64_t kCliffs[] = {1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 127, 128, 129, 511, 512, 513, 1023, 1024, 1025};

// The rows of the oracle that a large case can afford.
int64_t stride_of(int64_t n, int64_t m, int64_t d) { return std::max<int64_t>(1, n * m * (d + 30) / 500000); }

void expect_everywhere(const KnnCall& call, int64_t stride = 1) {
  const KnnAnswer first = ask(open(tiers().back()).get(), call);
  expect_oracle(call, first, stride);
  for (int isa : tiers()) EXPECT(ask(open(isa).get(), call) == first);
}

}  // namespace

TEST("points among themselves agree with the float64 oracle at every count around a cliff") {
  auto random = seeded();
  std::vector<Context> contexts;
  for (int isa : tiers()) contexts.push_back(open(isa));
  for (int64_t n : kCliffs) {
    for (int64_t d : {int64_t{1}, int64_t{2}, int64_t{17}, int64_t{64}}) {
      for (int64_t k : {int64_t{1}, int64_t{10}, n - 1}) {
        if (k < 1 || k > n - 1 || (k > 130 && d != 17)) continue;
        const KnnCall call = among_themselves(gaussian(random, static_cast<size_t>(n * d)), d, std::min<int64_t>(k, 1024));
        const KnnAnswer first = ask(contexts[0].get(), call);
        expect_oracle(call, first, stride_of(n, n, d));
        for (auto& context : contexts) EXPECT(ask(context.get(), call) == first);
      }
    }
  }
}

TEST("points among themselves agree with the float64 oracle at every width around a cliff") {
  auto random = seeded(1);
  std::vector<Context> contexts;
  for (int isa : tiers()) contexts.push_back(open(isa));
  for (int64_t d : kCliffs) {
    for (int64_t n : {int64_t{66}, int64_t{150}, int64_t{401}}) {
      const KnnCall call = among_themselves(gaussian(random, static_cast<size_t>(n * d)), d, 7);
      const KnnAnswer first = ask(contexts[0].get(), call);
      expect_oracle(call, first, stride_of(n, n, d));
      for (auto& context : contexts) EXPECT(ask(context.get(), call) == first);
    }
  }
}

TEST("queries against a reference agree with the float64 oracle around every cliff of either count") {
  auto random = seeded(2);
  Context context = open();
  for (int64_t m : kCliffs) {
    for (int64_t n : {int64_t{1}, int64_t{16}, int64_t{17}, int64_t{49}, int64_t{193}}) {
      KnnCall call = among_themselves(gaussian(random, static_cast<size_t>(n * 24)), 24, std::min<int64_t>(m, 12));
      call.reference = gaussian(random, static_cast<size_t>(m * 24));
      expect_oracle(call, ask(context.get(), call), stride_of(n, m, 24));
    }
  }
}

TEST("every k up to all rows is right") {
  auto random = seeded(3);
  Context context = open();
  const auto points = gaussian(random, 1100 * 5);
  for (int64_t k : {int64_t{1}, int64_t{2}, int64_t{3}, int64_t{16}, int64_t{100}, int64_t{255}, int64_t{256}, int64_t{512}, int64_t{1023}, int64_t{1024}}) {
    const KnnCall call = among_themselves(points, 5, k);
    expect_oracle(call, ask(context.get(), call), 50);
    KnnCall to_reference = call;
    to_reference.reference = gaussian(random, 1500 * 5);
    expect_oracle(to_reference, ask(context.get(), to_reference), 50);
  }
}

TEST("every tier and every thread count returns the same bits") {
  auto random = seeded(4);
  for (int64_t d : {int64_t{3}, int64_t{40}, int64_t{100}}) {
    KnnCall call = among_themselves(clustered(random, 700, d, 9, 2.0f), d, 6);
    KnnCall by_class = call, to_reference = call;
    by_class.labels = random_labels(random, 700, 11);
    to_reference.reference = gaussian(random, static_cast<size_t>(900 * d));
    const Context serial = open(QUERN_ISA_BASELINE, 1);
    const KnnAnswer expected[] = {ask(serial.get(), call), ask(serial.get(), by_class), ask(serial.get(), to_reference)};
    for (int isa : tiers()) {
      for (int threads : {1, 2, 3, 4, 7, 8, 16, 32}) {
        Context context = open(isa, threads);
        EXPECT(ask(context.get(), call) == expected[0]);
        EXPECT(ask(context.get(), by_class) == expected[1]);
        EXPECT(ask(context.get(), to_reference) == expected[2]);
      }
    }
  }
}

TEST("neighbours within classes agree with the oracle for many small, few large and uneven classes") {
  auto random = seeded(5);
  for (int32_t classes : {1, 2, 7, 60}) {
    KnnCall call = among_themselves(clustered(random, 900, 20, 12, 1.0f), 20, 4);
    call.labels = random_labels(random, 900, classes);
    expect_everywhere(call, 3);
  }
  KnnCall uneven = among_themselves(gaussian(random, 2000 * 8), 8, 5);
  uneven.labels.assign(2000, 2147483647);
  for (size_t i = 0; i < 300; i++) uneven.labels[i * 5] = static_cast<int32_t>(i % 30) * 1000000;
  expect_everywhere(uneven, 7);
}

TEST("a class is right around the sizes at which the way of searching changes") {
  auto random = seeded(15);
  KnnCall call = among_themselves(clustered(random, 4000, 24, 30, 2.0f), 24, 5);
  int32_t label = 0;
  for (size_t size : {size_t{191}, size_t{192}, size_t{193}, size_t{200}, size_t{63}, size_t{64}, size_t{65}, size_t{300}, size_t{400}}) {
    call.labels.insert(call.labels.end(), size, label++);
  }
  while (call.labels.size() < 4000) call.labels.push_back(label + static_cast<int32_t>(call.labels.size() / 250));
  std::shuffle(call.labels.begin(), call.labels.end(), random);
  call.short_class = QUERN_SHORT_CLASS_CLAMP;
  expect_everywhere(call, 5);
  for (size_t i = 0; i < 4000 * 24; i += 24 * 9) call.queries[i] = i % 7 == 0 ? NAN : i % 7 == 1 ? 3e38f : 1e-30f;
  expect_everywhere(call, 5);
  for (size_t i = 0; i < 4000; i++) {
    const float size = i % 5 == 0 ? 1e-30f : i % 5 == 1 ? 1e-20f : 3e22f;  // squares below, about and above what float32 holds
    for (size_t j = 0; j < 24; j++) call.queries[i * 24 + j] = size * static_cast<float>(1 + (i * 31 + j * 17) % 97);
  }
  expect_everywhere(call, 5);
}

TEST("neighbours of a labelled reference are of the query's class") {
  auto random = seeded(6);
  for (int32_t classes : {1, 3, 25}) {
    KnnCall call = among_themselves(gaussian(random, 500 * 12), 12, 3);
    call.labels = random_labels(random, 500, classes);
    call.reference = gaussian(random, 1500 * 12);
    call.reference_labels = random_labels(random, 1500, classes + 2);
    expect_everywhere(call, 3);
  }
}

TEST("short classes are refused by name and size, or clamped to the neighbours there are") {
  auto random = seeded(7);
  KnnCall call = among_themselves(gaussian(random, 100 * 3), 3, 4);
  call.labels.assign(100, 5);
  call.labels[10] = call.labels[20] = call.labels[90] = 8;
  call.labels[50] = 9;
  Context context = open();
  KnnAnswer untouched = poisoned(call);
  const quern_knn_params params = call.params();
  const quern_knn_result result{untouched.density.data(), untouched.distances.data(), untouched.indices.data(), nullptr};
  EXPECT(refused(quern_knn_density(context.get(), &params, &result), QUERN_INVALID_ARGUMENT, "class 8 has 3 rows, allowed for k = 4: ≥ 5"));
  EXPECT(untouched == poisoned(call));
  call.short_class = QUERN_SHORT_CLASS_CLAMP;
  const KnnAnswer answer = ask(context.get(), call);
  expect_oracle(call, answer);
  EXPECT(answer.density[50] == 0.0f);
  EXPECT(answer.indices[40] + answer.indices[41] == 20 + 90);
  EXPECT(answer.indices[42] == -1 && std::isnan(answer.distances[42]));

  KnnCall absent = among_themselves(gaussian(random, 4 * 3), 3, 1);
  absent.labels = {0, 1, 1, 3};
  absent.reference = gaussian(random, 3 * 3);
  absent.reference_labels = {0, 1, 2};
  const quern_knn_params absent_params = absent.params();
  EXPECT(refused(quern_knn_density(context.get(), &absent_params, &result), QUERN_INVALID_ARGUMENT, "class 3 has 0 reference rows"));
  absent.short_class = QUERN_SHORT_CLASS_CLAMP;
  expect_oracle(absent, ask(context.get(), absent));
}

TEST("duplicates are found by ascending index, however many there are") {
  auto random = seeded(8);
  for (int64_t n : {int64_t{40}, int64_t{300}, int64_t{2500}}) {
    auto points = gaussian(random, static_cast<size_t>(n * 6));
    for (int64_t i = 0; i < n; i++) {
      if (i % 10 < 3) std::copy_n(points.begin(), 6, points.begin() + i * 6);  // 30 % are row 0
      if (i % 10 == 5) std::copy_n(points.begin() + (i - 1) * 6, 6, points.begin() + i * 6);
    }
    const KnnCall call = among_themselves(points, 6, 10);
    expect_everywhere(call, std::max<int64_t>(1, n / 100));
  }
  const KnnCall one_point = among_themselves(std::vector<float>(1000 * 9, 0.3f), 9, 12);
  const KnnAnswer answer = ask(open().get(), one_point);
  for (int64_t j = 0; j < 12; j++) {
    EXPECT(answer.indices[static_cast<size_t>(500 * 12 + j)] == j);
    EXPECT(answer.indices[static_cast<size_t>(5 * 12 + j)] == (j < 5 ? j : j + 1));
  }
  for (float density : answer.density) EXPECT(density == 0.0f);
}

TEST("ties at one distance go to the lower index") {
  const int64_t n = 700;  // the corners of a simplex: every distance is √2
  std::vector<float> points(static_cast<size_t>(n * n), 0.0f);
  for (int64_t i = 0; i < n; i++) points[static_cast<size_t>(i * n + i)] = 1.0f;
  const KnnCall call = among_themselves(points, n, 5);
  for (int isa : tiers()) {
    const KnnAnswer answer = ask(open(isa).get(), call);
    for (int64_t i = 0; i < n; i++) {
      for (int64_t j = 0; j < 5; j++) {
        EXPECT(answer.indices[static_cast<size_t>(i * 5 + j)] == (j < i ? j : j + 1));
        EXPECT(answer.distances[static_cast<size_t>(i * 5 + j)] == 1.41421356f);
      }
    }
  }
}

TEST("integer grids, where ties abound, match the oracle exactly") {
  auto random = seeded(9);
  std::vector<float> points(1500 * 4);
  for (float& value : points) value = static_cast<float>(random() % 5);
  const KnnCall call = among_themselves(points, 4, 20);
  const KnnAnswer answer = ask(open().get(), call);
  for (int64_t i = 0; i < call.n; i += 11) {
    const auto oracle = neighbours_in_double(&points[static_cast<size_t>(i * 4)], points.data(), call.n, 4, 4, [&](int64_t j) { return j != i; });
    for (int64_t j = 0; j < 20; j++) EXPECT(answer.indices[static_cast<size_t>(i * 20 + j)] == oracle[static_cast<size_t>(j)].index);
  }
}

TEST("tight clusters, a far offset and rows of very different length are exact") {
  auto random = seeded(10);
  for (float spread : {10.0f, 1e3f, 1e6f}) expect_everywhere(among_themselves(clustered(random, 800, 33, 8, spread), 33, 5), 5);
  auto offset = gaussian(random, 600 * 16);
  for (float& value : offset) value = value * 0.001f + 5000.0f;
  expect_everywhere(among_themselves(offset, 16, 5), 3);
  auto lengths = gaussian(random, 600 * 16);
  for (size_t i = 0; i < 600; i++) {
    const float length = std::pow(10.0f, static_cast<float>(i % 13) - 6.0f);
    for (size_t j = 0; j < 16; j++) lengths[i * 16 + j] *= length;
  }
  expect_everywhere(among_themselves(lengths, 16, 5), 3);
  auto spiky = gaussian(random, 500 * 300, 1e-4f);
  for (size_t i = 0; i < 500; i++) spiky[i * 300 + i % 300] = static_cast<float>(i);
  expect_everywhere(among_themselves(spiky, 300, 5), 3);
}

TEST("near duplicates, where the expansion cancels, keep their distances") {
  auto random = seeded(11);
  auto points = gaussian(random, 1000 * 64);
  for (size_t i = 1; i < 1000; i += 2) {
    for (size_t j = 0; j < 64; j++) points[i * 64 + j] = points[(i - 1) * 64 + j] * (1.0f + 1e-6f * static_cast<float>(j % 3));
  }
  expect_everywhere(among_themselves(points, 64, 3), 5);
}

TEST("huge, tiny and subnormal values neither overflow nor vanish") {
  auto random = seeded(12);
  for (float scale : {3e37f, 1e25f, 1e-18f, 1e-25f, 1e-38f, 1e-42f}) {
    auto points = gaussian(random, 400 * 11);
    for (float& value : points) value = std::clamp(value, -8.0f, 8.0f) * scale;
    expect_everywhere(among_themselves(points, 11, 4), 4);
  }
  std::vector<float> largest(400 * 11, 3.4028235e38f);
  for (size_t i = 0; i < largest.size(); i++) largest[i] -= static_cast<float>(random() % 4) * 2.0282410e31f;
  expect_everywhere(among_themselves(largest, 11, 4), 4);
  auto mixed = gaussian(random, 400 * 11);
  for (size_t j = 0; j < 11; j++) {
    mixed[j] = 3e38f;
    mixed[11 + j] = -3e38f;
    mixed[22 + j] = 1e-44f;
  }
  KnnCall call = among_themselves(mixed, 11, 4);
  const KnnAnswer answer = ask(open().get(), call);
  for (int64_t i = 2; i < 400; i++) expect_row(call, answer, i);
  EXPECT(answer.indices[0] != 1);
  for (int isa : tiers()) EXPECT(ask(open(isa).get(), call) == answer);
  KnnCall far = among_themselves(gaussian(random, 300 * 11, 1e20f), 11, 4);
  far.reference = gaussian(random, 500 * 11, 1e-3f);
  expect_everywhere(far, 3);
}

TEST("rows with NaN or infinity get NaN and are nobody's neighbours") {
  auto random = seeded(13);
  for (int64_t n : {int64_t{12}, int64_t{70}, int64_t{500}}) {
    KnnCall call = among_themselves(gaussian(random, static_cast<size_t>(n * 7)), 7, 5);
    call.queries[3 * 7 + 2] = NAN;
    call.queries[5 * 7 + 6] = INFINITY;
    call.queries[static_cast<size_t>((n - 1) * 7)] = -INFINITY;
    expect_everywhere(call);
    KnnCall by_class = call, to_reference = call;
    by_class.labels = random_labels(random, n, 3);
    by_class.short_class = QUERN_SHORT_CLASS_CLAMP;
    expect_everywhere(by_class);
    to_reference.reference = gaussian(random, 300 * 7);
    to_reference.reference[100] = NAN;
    expect_everywhere(to_reference);
  }
  KnnCall few_left = among_themselves(gaussian(random, 200 * 3), 3, 5);
  for (size_t i = 3; i < 200; i++) few_left.queries[i * 3] = NAN;
  expect_everywhere(few_left);
}

TEST("leading dimensions skip what lies between rows") {
  auto random = seeded(14);
  KnnCall wide = among_themselves(gaussian(random, 300 * 40), 40, 3), dense = wide;
  wide.d = dense.d = 19;
  wide.queries_ld = 40;
  dense.queries.clear();
  for (int64_t i = 0; i < 300; i++) dense.queries.insert(dense.queries.end(), &wide.queries[static_cast<size_t>(i * 40)], &wide.queries[static_cast<size_t>(i * 40 + 19)]);
  Context context = open();
  EXPECT(ask(context.get(), wide) == ask(context.get(), dense));
  wide.reference = wide.queries;
  wide.reference_ld = 40;
  dense.reference = dense.queries;
  EXPECT(ask(context.get(), wide) == ask(context.get(), dense));
}
