// kNN density on the SIMT harness: the same bits as the CPU kernel, whoever was filtered, certified or scanned.
#include "knn_call.hpp"
#include "quern_cuda.hpp"
#include "simt/device_array.hpp"
#include "simt/machine.hpp"

using namespace quern::test;
using quern::simt::DeviceArray;

namespace {

// By warps and by warpgroups.
constexpr quern::cuda::Device kAmpere{2, 80, 99 * 1024}, kHopper{2, 90, 227 * 1024};

// Of rows [first, first + rows), all by default: of the rows among themselves there may be fewer.
KnnAnswer on_device(const quern::cuda::Device& device, const KnnCall& call, uint64_t seed = 1, int64_t first = 0, int64_t rows = -1) {
  const DeviceArray<float> queries(call.queries), reference(call.reference);
  quern_knn_params p = call.params();
  p.queries = queries.data();
  p.queries_ld = call.ld();
  p.reference = call.reference.empty() ? nullptr : reference.data();
  p.n_reference = call.n_choices();
  p.reference_ld = call.choices_ld();
  p.n = rows < 0 ? call.n : rows;
  const auto n = static_cast<size_t>(p.n), k = static_cast<size_t>(call.k);
  const DeviceArray<float> density(n), distances(n * k);
  const DeviceArray<int64_t> indices(n * k), fallback(1);
  const DeviceArray<uint8_t> workspace(static_cast<size_t>(quern::cuda::knn_workspace(p)));
  quern::simt::Machine::current().set_seed(seed);
  EXPECT(quern::cuda::knn_density(device, p, first, {density.data(), distances.data(), indices.data(), fallback.data()}, workspace.data(), nullptr) == 0);
  return {density.host(), distances.host(), indices.host(), fallback.host()[0]};
}

// Also returns how many rows were scanned for want of a certificate.
int64_t expect_like_the_cpu(const KnnCall& call) {
  static const Context context = open();
  const KnnAnswer expected = ask(context.get(), call), by_warps = on_device(kAmpere, call), by_warpgroups = on_device(kHopper, call);
  EXPECT(by_warps == expected && by_warpgroups == expected);
  return std::max(by_warps.fallback_rows, by_warpgroups.fallback_rows);
}

}  // namespace

TEST("rows among themselves give the CPU's bits at every count around a cliff, and nearly all are certified") {
  auto random = seeded();
  int64_t scanned = 0, rows = 0;
  for (int64_t n : {2, 15, 16, 17, 31, 33, 64, 65, 127, 129, 193, 257, 514}) {
    for (int64_t k : {1, 10}) {
      scanned += expect_like_the_cpu(among_themselves(clustered(random, n, 32, 5, 2.0f), 32, std::min(k, n - 1)));
      rows += n;
    }
  }
  EXPECT(20 * scanned < rows);
}

TEST("every width gives the CPU's bits, beyond a block of float32 sums too") {
  auto random = seeded(1);
  for (int64_t d : {1, 2, 15, 16, 17, 63, 64, 65, 127, 129, 2047, 2049}) {
    expect_like_the_cpu(among_themselves(gaussian(random, static_cast<size_t>(80 * d)), d, 5));
  }
}

TEST("every number of neighbours gives the CPU's bits, by the filter and by the scan") {
  auto random = seeded(2);
  for (int64_t k : {1, 31, 33, 48, 49, 65, 120}) expect_like_the_cpu(among_themselves(clustered(random, 131, 24, 3, 1.0f), 24, k));
}

TEST("two sets, strides and few rows give the CPU's bits") {
  auto random = seeded(3);
  for (int64_t n : {1, 7, 70}) {
    for (int64_t m : {3, 64, 150}) {
      KnnCall call;
      call.n = n;
      call.d = 20;
      call.k = 3;
      call.queries_ld = 23;
      call.reference_ld = 21;
      call.queries = gaussian(random, static_cast<size_t>(n * 23));
      call.reference = gaussian(random, static_cast<size_t>(m * 21));
      expect_like_the_cpu(call);
    }
  }
}

TEST("neighbours within classes give the CPU's bits, short and missing classes too") {
  auto random = seeded(4);
  for (int32_t classes : {1, 3, 40}) {
    KnnCall call = among_themselves(gaussian(random, 150 * 16), 16, 4);
    call.labels = random_labels(random, 150, classes);
    call.short_class = QUERN_SHORT_CLASS_CLAMP;
    expect_like_the_cpu(call);
    call.reference = gaussian(random, 90 * 16);
    call.reference_labels = random_labels(random, 90, classes);
    expect_like_the_cpu(call);
  }
}

TEST("some of the rows among themselves get what they get among all, within classes too") {
  auto random = seeded(8);
  KnnCall call = among_themselves(clustered(random, 300, 20, 4, 1.0f), 20, 5);
  call.short_class = QUERN_SHORT_CLASS_CLAMP;
  for (bool labelled : {false, true}) {
    if (labelled) call.labels = random_labels(random, 300, 7);
    for (const auto& device : {kAmpere, kHopper}) {
      const KnnAnswer all = on_device(device, call);
      KnnAnswer parts;
      for (const auto& [first, rows] : {std::pair<int64_t, int64_t>{0, 130}, {130, 1}, {131, 169}}) {
        const KnnAnswer part = on_device(device, call, 1, first, rows);
        parts.density.insert(parts.density.end(), part.density.begin(), part.density.end());
        parts.distances.insert(parts.distances.end(), part.distances.begin(), part.distances.end());
        parts.indices.insert(parts.indices.end(), part.indices.begin(), part.indices.end());
      }
      EXPECT(parts == all);
    }
  }
}

TEST("rows that are not finite, far away, tiny or at the centre give the CPU's bits") {
  auto random = seeded(5);
  for (int64_t special = 0; special < 5; special++) {
    KnnCall call = among_themselves(gaussian(random, 100 * 12), 12, 6);
    const float values[] = {NAN, INFINITY, 3e38f, 1e20f, -1e-30f};
    for (size_t row : {3u, 50u, 64u, 99u}) call.queries[12 * row + row % 12] = values[special];
    expect_like_the_cpu(call);
  }
  for (float scale : {1e-45f, 1e-22f, 1e-12f, 1e12f, 1e19f, 2e37f}) expect_like_the_cpu(among_themselves(gaussian(random, 70 * 12, scale), 12, 6));
}

TEST("duplicates go by index, and rows that crowd out the lists are scanned") {
  auto random = seeded(6);
  for (int64_t distinct : {1, 2, 7}) {
    const auto some = gaussian(random, static_cast<size_t>(distinct * 10));
    std::vector<float> points;
    for (int64_t i = 0; i < 150 * 10; i++) points.push_back(some[static_cast<size_t>(i % (distinct * 10))]);
    expect_like_the_cpu(among_themselves(points, 10, 8));
  }
  std::vector<float> crowd = gaussian(random, 110 * 64, 1e-6f);  // all nearly the same distance apart, far from the rest
  for (size_t i = 0; i < 100; i++) crowd[64 * i] += 100.0f;
  EXPECT(expect_like_the_cpu(among_themselves(crowd, 64, 5)) > 80);
}

TEST("the order of blocks and threads does not change a bit, and no rows are nothing") {
  auto random = seeded(7);
  const KnnCall call = among_themselves(clustered(random, 140, 40, 4, 1.0f), 40, 7);
  const KnnAnswer first = on_device(kHopper, call, 1), second = on_device(kHopper, call, 2);
  EXPECT(first == second && first.fallback_rows == second.fallback_rows);
  KnnCall none;
  none.d = 4;
  EXPECT(on_device(kHopper, none).fallback_rows == 0);
}
