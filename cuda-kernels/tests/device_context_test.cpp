// Contexts on a simulated device through the C ABI: where arrays may lie, what is refused, parts, memory that runs out, faults that stay.
#include <string>

#include "knn_call.hpp"
#include "labelled_clouds.hpp"
#include "mix_call.hpp"
#include "quern/quern.h"

using namespace quern::test;

namespace {

quern_context* open_context(int32_t backend, int32_t device = 0) {
  quern_context_options options{};
  options.threads = 1;
  options.backend = backend;
  options.device = device;
  quern_context* context = nullptr;
  EXPECT(quern_context_create(&options, &context) == QUERN_OK);
  return context;
}

template <class T>
T* on_device(int64_t count, int32_t device = 0) {
  void* memory = nullptr;
  EXPECT(quern_device_allocate(device, count * static_cast<int64_t>(sizeof(T)), &memory) == QUERN_OK);
  return static_cast<T*>(memory);
}

bool last_error_is(const char* text) { return std::string(quern_last_error()) == text; }

std::vector<float> consistency(quern_context* context, const quern_cosine_params& p) {
  std::vector<float> out(static_cast<size_t>(p.n), -9.0f);
  EXPECT(quern_cosine_consistency(context, &p, out.data()) == QUERN_OK);
  return out;
}

// Three problems of different sizes.
struct RaggedClouds {
  std::vector<int64_t> ns = {5, 40, 1}, ms = {7, 30, 9};
  std::vector<float> a, b, epsilons = {0.8f, 1.5f, 1.0f};
  Clouds clouds;

  explicit RaggedClouds(std::mt19937_64& random) : clouds(draw(random, 46, 46, 5, 3)) {
    for (int64_t n : ns) append(a, weights(random, static_cast<size_t>(n)));
    for (int64_t m : ms) append(b, weights(random, static_cast<size_t>(m)));
  }
  static void append(std::vector<float>& all, const std::vector<float>& more) { all.insert(all.end(), more.begin(), more.end()); }

  quern_sinkhorn_params transport() const {
    quern_sinkhorn_params p = sized(3, 0, 0, 0, 20);
    p.ns = ns.data();
    p.ms = ms.data();
    p.a = a.data();
    p.b = b.data();
    p.epsilons = epsilons.data();
    return p;
  }
  quern_divergence_params divergence() const {
    quern_divergence_params p{};
    p.batch = 3;
    p.ns = ns.data();
    p.ms = ms.data();
    p.epsilon = 0.5;
    return p;
  }
};

// Both are within the contract's bound of the exact result.
void expect_near(const Solved& actual, const Solved& expected) {
  EXPECT(actual.status == QUERN_OK && expected.status == QUERN_OK);
  EXPECT(actual.iterations == expected.iterations && actual.converged == expected.converged);
  for (size_t k = 0; k < expected.cost.size(); k++) {
    EXPECT_NEAR(actual.cost[k], expected.cost[k], 2e-6 * expected.cost[k]);
    EXPECT_NEAR(actual.error[k], expected.error[k], 2e-6);
  }
  for (size_t i = 0; i < expected.f.size(); i++) EXPECT_NEAR(actual.f[i], expected.f[i], 1e-4);
  for (size_t j = 0; j < expected.g.size(); j++) EXPECT_NEAR(actual.g[j], expected.g[j], 1e-4);
}

void expect_near(const Diverged& actual, const Diverged& expected) {
  EXPECT(actual.status == QUERN_OK && expected.status == QUERN_OK && actual.iterations == expected.iterations);
  for (size_t k = 0; k < expected.value.size(); k++) EXPECT_NEAR(actual.value[k], expected.value[k], 1e-5 * (std::fabs(expected.value[k]) + 1));
  for (size_t i = 0; i < expected.f.size(); i++) EXPECT_NEAR(actual.f[i], expected.f[i], 1e-4);
  for (size_t j = 0; j < expected.g.size(); j++) EXPECT_NEAR(actual.g[j], expected.g[j], 1e-4);
}

}  // namespace

// In this order: the library stays once it is open, and a fault ends the device for the process.
TEST("two simulated devices are found and described") {
  EXPECT(quern_device_open(SIMULATED_CUDA) == QUERN_OK);
  EXPECT(quern_device_open("/nowhere/libquern_cuda.so") == QUERN_OK);
  EXPECT(quern_device_count() == 2);
  char text[64];
  EXPECT(quern_device_describe(1, text, sizeof text) == QUERN_OK);
  EXPECT(std::string(text) == "simulated on the CPU, compute 9.0, 16 MiB");
  EXPECT(quern_device_describe(1, text, 4) == QUERN_OK && std::string(text) == "sim");
  EXPECT(quern_device_describe(2, text, sizeof text) == QUERN_INVALID_ARGUMENT && last_error_is("device is 2, allowed: 0 … 1"));
  EXPECT(quern_device_describe(0, nullptr, 4) == QUERN_INVALID_ARGUMENT);
  EXPECT(quern_device_describe(0, text, 0) == QUERN_INVALID_ARGUMENT);
  quern_context_options options{};
  options.backend = QUERN_CUDA;
  options.device = 2;
  quern_context* context = nullptr;
  EXPECT(quern_context_create(&options, &context) == QUERN_INVALID_ARGUMENT && last_error_is("device is 2, allowed: 0 … 1"));
}

TEST("arrays on the host, on the device and on both give the same, and copies go both ways") {
  auto random = seeded();
  const int64_t n = 33, d = 40;
  const auto x = gaussian(random, n * d, 1.0f), y = gaussian(random, n * d, 1.0f);
  quern_context* cuda = open_context(QUERN_CUDA);
  const quern_cosine_params host{x.data(), n, d, 0, y.data(), 0, 0, nullptr};
  const auto expected = consistency(cuda, host);
  float* device_x = on_device<float>(n * d);
  float* device_out = on_device<float>(n);
  EXPECT(quern_context_copy(cuda, device_x, x.data(), n * d * 4) == QUERN_OK);
  const quern_cosine_params mixed{device_x, n, d, 0, y.data(), 0, 0, nullptr};
  EXPECT(same_bits(consistency(cuda, mixed), expected));
  EXPECT(quern_cosine_consistency(cuda, &mixed, device_out) == QUERN_OK);
  EXPECT(quern_context_synchronize(cuda) == QUERN_OK);
  std::vector<float> out(static_cast<size_t>(n));
  EXPECT(quern_context_copy(cuda, out.data(), device_out, n * 4) == QUERN_OK);
  EXPECT(same_bits(out, expected));
  quern_context* cpu = open_context(QUERN_CPU);
  const auto on_cpu = consistency(cpu, host);
  for (size_t i = 0; i < on_cpu.size(); i++) EXPECT_NEAR(expected[i], on_cpu[i], 6e-7);
  EXPECT(quern_context_synchronize(cpu) == QUERN_OK);
  EXPECT(quern_device_free(0, device_x) == QUERN_OK && quern_device_free(0, device_out) == QUERN_OK);
  quern_context_destroy(cpu);
  quern_context_destroy(cuda);
}

TEST("what is checked value by value lies on the host, and all else not on another device") {
  quern_context* cuda = open_context(QUERN_CUDA);
  const float x[2] = {1, 2};
  float out[1];
  int32_t* index = on_device<int32_t>(1);
  float* elsewhere = on_device<float>(2, 1);
  quern_cosine_params p{x, 1, 2, 0, x, 1, 0, index};
  EXPECT(quern_cosine_consistency(cuda, &p, out) == QUERN_INVALID_ARGUMENT);
  EXPECT(last_error_is("index lies on the device, allowed: host memory, where it is checked"));
  p = {elsewhere, 1, 2, 0, x, 0, 0, nullptr};
  EXPECT(quern_cosine_consistency(cuda, &p, out) == QUERN_INVALID_ARGUMENT);
  EXPECT(last_error_is("x lies on CUDA device 1, allowed: the host or device 0"));
  const int32_t wrong[1] = {3};
  p = {x, 1, 2, 0, x, 1, 0, wrong};
  EXPECT(quern_cosine_consistency(cuda, &p, out) == QUERN_INVALID_ARGUMENT && last_error_is("index[0] is 3, allowed: 0 … 0"));
  EXPECT(quern_device_free(0, index) == QUERN_OK && quern_device_free(1, elsewhere) == QUERN_OK);
  quern_context_destroy(cuda);
}

TEST("rows that do not fit go in parts, a table that does not fit is refused, and the next call is as ever") {
  auto random = seeded(1);
  const int64_t n = 40000, d = 64;  // 10 MB and 10 MB on a device of 16 MiB
  const auto x = gaussian(random, n * d, 1.0f), y = gaussian(random, n * d, 1.0f);
  quern_context* cuda = open_context(QUERN_CUDA);
  const auto all = consistency(cuda, {x.data(), n, d, 0, y.data(), 0, 0, nullptr});
  const auto last = consistency(cuda, {x.data() + (n - 5) * d, 5, d, 0, y.data() + (n - 5) * d, 0, 0, nullptr});
  EXPECT(same_bits(last, {all.end() - 5, all.end()}));
  const std::vector<float> table(static_cast<size_t>(5) << 20);
  const std::vector<int32_t> index(64, 0);
  const quern_cosine_params p{x.data(), 64, d, 0, table.data(), (5 << 20) / d, 0, index.data()};
  std::vector<float> out(64);
  EXPECT(quern_cosine_consistency(cuda, &p, out.data()) == QUERN_OUT_OF_MEMORY);
  EXPECT(std::string(quern_last_error()).find("memory of CUDA device 0 ran out: ") == 0);
  EXPECT(same_bits(consistency(cuda, {x.data(), 5, d, 0, y.data(), 0, 0, nullptr}), {all.begin(), all.begin() + 5}));
  EXPECT(quern_context_workspace_bytes(cuda) > 0);
  quern_context_trim(cuda);
  EXPECT(quern_context_workspace_bytes(cuda) == 0);
  quern_context_destroy(cuda);
}

TEST("images are erased and mixed as on the CPU, in parts where they do not fit") {
  auto random = seeded(2);
  quern_context* cuda = open_context(QUERN_CUDA);
  quern_context* cpu = open_context(QUERN_CPU);
  for (int64_t side : {9, 700}) {  // three of them are 18 MB on a device of 16 MiB
    const Images images = random_images(random, 3, side, side, QUERN_FLOAT32, QUERN_NCHW);
    const Boxes drawn = random_boxes(random, images, 7);
    std::vector<uint8_t> erased = images.bytes(), expected = erased;
    quern_erase_params p = erase_params(images, drawn, erased);
    EXPECT(quern_erase(cuda, &p) == QUERN_OK);
    p.images = expected.data();
    EXPECT(quern_erase(cpu, &p) == QUERN_OK && same_bits(erased, expected));
  }
  for (int64_t batch : {2, 20}) {  // 20 MB
    const Images images = random_images(random, 2, 300, 280, QUERN_FLOAT32, QUERN_NHWC);
    const std::vector<uint8_t> bytes = images.bytes();
    const Recipe recipe = random_recipe(random, images, batch, 2, true);
    std::vector<uint8_t> mixed(bytes.size() / 2 * static_cast<size_t>(batch)), expected = mixed;
    const quern_mix_params p = mix_params(images, recipe, bytes);
    EXPECT(quern_mix(cuda, &p, mixed.data()) == QUERN_OK);
    EXPECT(quern_mix(cpu, &p, expected.data()) == QUERN_OK && same_bits(mixed, expected));
  }
  quern_context_destroy(cpu);
  quern_context_destroy(cuda);
}

TEST("labelled point clouds of a ragged batch are solved as on the CPU, the same wherever the points lie") {
  auto random = seeded(3);
  const RaggedClouds ragged(random);
  const quern_sinkhorn_params p = ragged.transport();
  quern_divergence_params q = ragged.divergence();
  quern_point_clouds clouds = on_host(ragged.clouds);
  quern_context* cuda = open_context(QUERN_CUDA);
  quern_context* cpu = open_context(QUERN_CPU);
  const Solved solved = solve_points(cuda, p, clouds);
  expect_near(solved, solve_points(cpu, p, clouds));
  const double diameters[3] = {4, 9, 2};
  for (int32_t biased : {1, 0}) {
    q.biased = biased;
    q.diameters = biased == 1 ? diameters : nullptr;
    expect_near(diverge(cuda, q, clouds), diverge(cpu, q, clouds));
  }
  const Diverged diverged = diverge(cuda, q, clouds);
  float* x = on_device<float>(46 * 5);
  EXPECT(quern_context_copy(cuda, x, clouds.x, 46 * 5 * 4) == QUERN_OK);
  clouds.x = x;
  EXPECT(solve_points(cuda, p, clouds) == solved);
  expect_near(diverge(cuda, q, clouds), diverged);
  EXPECT(quern_device_free(0, x) == QUERN_OK);
  quern_context_destroy(cpu);
  quern_context_destroy(cuda);
}

TEST("point clouds on the host are refused in the words of the CPU, on the device they get NaN") {
  auto random = seeded(4);
  RaggedClouds ragged(random);
  const quern_sinkhorn_params p = ragged.transport();
  const quern_divergence_params q = ragged.divergence();
  quern_context* cuda = open_context(QUERN_CUDA);
  const auto expect_refused = [&](const char* message) {
    const quern_point_clouds clouds = on_host(ragged.clouds);
    EXPECT(solve_points(cuda, p, clouds).status == QUERN_INVALID_ARGUMENT && last_error_is(message));
    EXPECT(diverge(cuda, q, clouds).status == QUERN_INVALID_ARGUMENT && last_error_is(message));
  };
  ragged.clouds.y_labels[8] = 3;
  expect_refused("y_labels[8] is 3, allowed: 0 … 2");
  ragged.clouds.y_labels[8] = 0;
  ragged.clouds.x[7 * 5 + 2] = NAN;
  expect_refused("x[7,2] is nan, allowed: finite, within ±1e18");
  quern_point_clouds clouds = on_host(ragged.clouds);
  float* x = on_device<float>(46 * 5);
  EXPECT(quern_context_copy(cuda, x, clouds.x, 46 * 5 * 4) == QUERN_OK);
  clouds.x = x;
  const Solved solved = solve_points(cuda, p, clouds);
  const Diverged diverged = diverge(cuda, q, clouds);
  for (size_t k = 0; k < 3; k++) EXPECT(std::isnan(solved.cost[k]) == (k == 1) && std::isnan(diverged.value[k]) == (k == 1));
  clouds.table = x;
  EXPECT(solve_points(cuda, p, clouds).status == QUERN_INVALID_ARGUMENT);
  EXPECT(last_error_is("table lies on the device, allowed: host memory, where it is checked"));
  EXPECT(quern_device_free(0, x) == QUERN_OK);
  quern_context_destroy(cuda);
}

TEST("point clouds that do not fit go in parts") {
  auto random = seeded(5);
  const int64_t batch = 14, n = 256, m = 64, d = 64;  // 1.1 MB beside what leaves 1 MiB
  const Clouds clouds = draw(random, batch * n, batch * m, d, 2);
  char* ballast = on_device<char>(15 << 20);
  quern_context* cuda = open_context(QUERN_CUDA);
  quern_context* cpu = open_context(QUERN_CPU);
  const quern_sinkhorn_params p = sized(batch, n, m, 8, 1);
  expect_near(solve_points(cuda, p, on_host(clouds)), solve_points(cpu, p, on_host(clouds)));
  EXPECT(quern_device_free(0, ballast) == QUERN_OK);
  quern_context_destroy(cpu);
  quern_context_destroy(cuda);
}

TEST("rows among themselves that do not fit are asked for in parts, with the CPU's bits") {
  auto random = seeded(6);
  KnnCall call = among_themselves(gaussian(random, 1400 * 16), 16, 5);  // 1.1 MB beside what leaves 1 MiB
  char* ballast = on_device<char>(15 << 20);
  quern_context* cuda = open_context(QUERN_CUDA);
  quern_context* cpu = open_context(QUERN_CPU);
  for (bool labelled : {false, true}) {
    if (labelled) call.labels = random_labels(random, 1400, 3);
    EXPECT(ask(cuda, call) == ask(cpu, call));
    EXPECT(quern_context_workspace_bytes(cuda) <= 1 << 20);  // the host's alone: what was short went back
  }
  EXPECT(quern_device_free(0, ballast) == QUERN_OK);
  quern_context_destroy(cpu);
  quern_context_destroy(cuda);
}

TEST("a fault surfaces at the next synchronisation with the operation's name, and every later call says that the device is lost") {
  quern_context* cuda = open_context(QUERN_CUDA);
  float* x = on_device<float>(64);
  float* out = on_device<float>(64);
  const quern_cosine_params beyond{x, 8, 64, 0, x, 0, 0, nullptr};  // all but the first row lie in the guard page
  EXPECT(quern_cosine_consistency(cuda, &beyond, out) == QUERN_OK);
  EXPECT(quern_context_synchronize(cuda) == QUERN_DEVICE_LOST);
  EXPECT(std::string(quern_last_error()).find("CUDA device 0 is lost to this process: cosine consistency: ") == 0);
  EXPECT(std::string(quern_last_error()).find("wrong global address") != std::string::npos);
  EXPECT(quern_cosine_consistency(cuda, &beyond, out) == QUERN_DEVICE_LOST);
  EXPECT(std::string(quern_last_error()).find("cosine consistency") != std::string::npos);
  quern_context_destroy(cuda);
  void* memory = nullptr;
  EXPECT(quern_device_allocate(0, 16, &memory) == QUERN_DEVICE_LOST);
}
