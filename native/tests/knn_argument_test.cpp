#include <thread>

#include "knn_call.hpp"
#include "memory.hpp"

using namespace quern::test;

namespace {

KnnCall sample(uint64_t stream, int64_t n = 300, int64_t d = 20, int64_t k = 5) {
  auto random = seeded(stream);
  return among_themselves(gaussian(random, static_cast<size_t>(n * d)), d, k);
}

}  // namespace

TEST("bad arguments are refused by name, value and what is allowed, and outputs stay as they were") {
  Context context = open();
  const KnnCall call = sample(200, 10, 4, 3);
  const std::vector<float> reference(8 * 4, 1.0f);
  const std::vector<int32_t> labels(10, 0), negative = {0, 0, -1, 0, 0, 0, 0, 0, 0, 0}, reference_labels = {0, 0, 0, -5, 0, 0, 0, 0};
  KnnAnswer answer = poisoned(call);
  const quern_knn_result result{answer.density.data(), answer.distances.data(), answer.indices.data(), &answer.fallback_rows};
  auto refuses = [&](const char* text, auto change) {
    quern_knn_params params = call.params();
    change(params);
    EXPECT(refused(quern_knn_density(context.get(), &params, &result), QUERN_INVALID_ARGUMENT, text));
    EXPECT(answer == poisoned(call) && answer.fallback_rows == -1);
  };
  auto against = [&](quern_knn_params& p) {
    p.reference = reference.data();
    p.n_reference = 8;
  };
  refuses("n is -1, allowed: ≥ 0", [](auto& p) { p.n = -1; });
  refuses("n is -9223372036854775808", [](auto& p) { p.n = INT64_MIN; });
  refuses("d is 0, allowed: ≥ 1", [](auto& p) { p.d = 0; });
  refuses("d is -4, allowed: ≥ 1", [](auto& p) { p.d = -4; });
  refuses("queries_ld is 3, allowed: 0 or ≥ 4", [](auto& p) { p.queries_ld = 3; });
  refuses("queries_ld is -1", [](auto& p) { p.queries_ld = -1; });
  refuses("queries is NULL", [](auto& p) { p.queries = nullptr; });
  refuses("queries overflows", [](auto& p) { p.n = INT64_MAX; });
  refuses("queries overflows", [](auto& p) { p.queries_ld = INT64_MAX; });
  refuses("queries overflows", [](auto& p) { p.n = int64_t{1} << 60; });
  refuses("k is 0, allowed: 1 … 1024", [](auto& p) { p.k = 0; });
  refuses("k is -3, allowed: 1 … 1024", [](auto& p) { p.k = -3; });
  refuses("k is 1025, allowed: 1 … 1024", [](auto& p) { p.k = 1025; });
  refuses("k is 9223372036854775807", [](auto& p) { p.k = INT64_MAX; });
  refuses("k is 10, allowed: 1 … 9 (rows to choose from)", [](auto& p) { p.k = 10; });
  refuses("k is 3, allowed: 1 … 2 (rows to choose from)", [](auto& p) { p.n = 3; });
  refuses("k is 3, allowed: 1 … 0 (rows to choose from)", [](auto& p) { p.n = 1; });
  refuses("k is 9, allowed: 1 … 8 (rows to choose from)", [&](auto& p) { against(p), p.k = 9; });
  refuses("k is 10, allowed: 1 … 9", [](auto& p) { p.k = 10, p.short_class = QUERN_SHORT_CLASS_CLAMP; });
  refuses("short_class is 2, allowed: 0 … 1", [](auto& p) { p.short_class = 2; });
  refuses("short_class is -1", [](auto& p) { p.short_class = -1; });
  refuses("n_reference is 4, allowed without a reference: 0 or n = 10", [](auto& p) { p.n_reference = 4; });
  refuses("n_reference is 0, allowed: ≥ 1", [&](auto& p) { against(p), p.n_reference = 0; });
  refuses("n_reference is -8, allowed: ≥ 1", [&](auto& p) { against(p), p.n_reference = -8; });
  refuses("reference overflows", [&](auto& p) { against(p), p.n_reference = INT64_MAX; });
  refuses("reference_ld is 2, allowed: 0 or ≥ 4", [&](auto& p) { against(p), p.reference_ld = 2; });
  refuses("labels[2] is -1, allowed: 0 … 2147483647", [&](auto& p) { p.labels = negative.data(); });
  refuses("reference_labels is NULL", [&](auto& p) { against(p), p.labels = labels.data(); });
  refuses("reference_labels[3] is -5", [&](auto& p) { against(p), p.labels = labels.data(), p.reference_labels = reference_labels.data(); });
  refuses("reference_labels are given, allowed: NULL where labels are NULL", [&](auto& p) { against(p), p.reference_labels = labels.data(); });
  refuses("reference_labels are given, allowed: NULL where reference is NULL", [&](auto& p) { p.labels = p.reference_labels = labels.data(); });
  refuses("class 0 has 10 rows, allowed for k = 10: ≥ 11", [&](auto& p) { p.labels = labels.data(), p.k = 10; });
  const quern_knn_params good = call.params();
  EXPECT(refused(quern_knn_density(nullptr, &good, &result), QUERN_INVALID_ARGUMENT, "context is NULL"));
  EXPECT(refused(quern_knn_density(context.get(), nullptr, &result), QUERN_INVALID_ARGUMENT, "params is NULL"));
  EXPECT(refused(quern_knn_density(context.get(), &good, nullptr), QUERN_INVALID_ARGUMENT, "result is NULL"));
  EXPECT(quern_knn_density(context.get(), &good, &result) == QUERN_OK);
}

TEST("no queries are no work") {
  Context context = open();
  quern_knn_params params{};
  params.d = 3;
  params.k = 5;
  int64_t fallback = -1;
  const quern_knn_result result{nullptr, nullptr, nullptr, &fallback};
  EXPECT(quern_knn_density(context.get(), &params, &result) == QUERN_OK);
  EXPECT(fallback == 0);
}

TEST("the finite check names the first bad value of queries and of the reference") {
  Context context = open(QUERN_ISA_AUTO, 2, 1);
  KnnCall call = sample(201);
  call.reference = call.queries;
  call.reference[20 * 7 + 3] = -INFINITY;
  quern_knn_params params = call.params();
  const quern_knn_result result{};
  EXPECT(refused(quern_knn_density(context.get(), &params, &result), QUERN_NOT_FINITE, "reference[7,3] is -inf"));
  call.queries[5] = NAN;
  EXPECT(refused(quern_knn_density(context.get(), &params, &result), QUERN_NOT_FINITE, "queries[0,5] is"));
}

TEST("a failed allocation is reported, and the next call is right") {
  KnnCall calls[] = {sample(202), sample(203, 300, 20, 200), sample(204), sample(205, 10), sample(206, 200)};
  auto random = seeded(207);
  calls[0].labels = random_labels(random, 300, 4);
  calls[2].reference = gaussian(random, 700 * 20);
  calls[3].reference = calls[2].reference;
  const int64_t before = quern::live_blocks();
  for (const KnnCall& call : calls) {
    const KnnAnswer expected = ask(open().get(), call);
    Context context = open();
    const quern_knn_params params = call.params();
    for (int64_t failing = 1;; failing++) {
      quern_context_trim(context.get());
      KnnAnswer answer = poisoned(call);
      const quern_knn_result result{answer.density.data(), answer.distances.data(), answer.indices.data(), nullptr};
      quern::fail_allocation(failing);
      const int32_t status = quern_knn_density(context.get(), &params, &result);
      quern::fail_allocation(0);
      EXPECT(ask(context.get(), call) == expected);
      if (status == QUERN_OK) {
        EXPECT(failing > 1);
        EXPECT(same_bits(answer.density, expected.density));
        break;
      }
      EXPECT(status == QUERN_OUT_OF_MEMORY);
    }
  }
  EXPECT(quern::live_blocks() == before);
}

TEST("after the first two calls of a shape the workspace stays as it is") {
  for (int64_t k : {int64_t{5}, int64_t{250}}) {
    Context context = open();
    const KnnCall call = sample(208, 900, 30, k);
    ask(context.get(), call);
    const KnnAnswer expected = ask(context.get(), call);
    const int64_t bytes = quern_context_workspace_bytes(context.get());
    for (int i = 0; i < 20; i++) EXPECT(ask(context.get(), call) == expected);
    EXPECT(quern_context_workspace_bytes(context.get()) == bytes);
    EXPECT(bytes > 0);
  }
}

TEST("eight threads on one context get the bits of serial calls") {
  KnnCall calls[] = {sample(210), sample(211, 70, 3, 2), sample(212, 150, 65, 100), sample(213)};
  auto random = seeded(214);
  calls[1].labels = random_labels(random, 70, 2);
  calls[3].reference = gaussian(random, 200 * 20);
  Context context = open(QUERN_ISA_AUTO, 3);
  std::vector<KnnAnswer> expected;
  for (const KnnCall& call : calls) expected.push_back(ask(context.get(), call));
  std::vector<std::thread> callers;
  std::vector<int> wrong(8, 0);
  for (size_t t = 0; t < 8; t++) {
    callers.emplace_back([&, t] {
      for (size_t i = 0; i < 40; i++) {
        const size_t which = (t + i) % 4;
        const quern_knn_params params = calls[which].params();
        KnnAnswer answer = poisoned(calls[which]);
        const quern_knn_result result{answer.density.data(), answer.distances.data(), answer.indices.data(), nullptr};
        wrong[t] += quern_knn_density(context.get(), &params, &result) != QUERN_OK || !(answer == expected[which]);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (int count : wrong) EXPECT(count == 0);
}
