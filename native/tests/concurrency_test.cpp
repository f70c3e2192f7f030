// Many callers, many contexts, more threads than cores: every answer has the bits of a serial call.
#include <atomic>
#include <thread>

#include "knn_call.hpp"

using namespace quern::test;

namespace {

// One problem per operation, small enough for hundreds of calls.
struct Mix {
  KnnCall among, within;
  std::vector<float> x, y, cost;
  std::vector<uint8_t> images;
  std::vector<int32_t> ops;
  std::vector<double> values;
};

Mix make_mix() {
  auto random = seeded(400);
  Mix mix;
  mix.among = among_themselves(gaussian(random, 150 * 17), 17, 4);
  mix.within = among_themselves(gaussian(random, 200 * 8), 8, 3);
  mix.within.labels = random_labels(random, 200, 5);
  mix.x = gaussian(random, 300 * 40);
  mix.y = gaussian(random, 300 * 40);
  mix.cost = gaussian(random, 3 * 20 * 30);
  for (float& cost : mix.cost) cost = std::fabs(cost);
  mix.images.resize(4 * 16 * 16 * 3);
  for (uint8_t& value : mix.images) value = static_cast<uint8_t>(random());
  mix.ops = {QUERN_OP_ROTATE, QUERN_OP_EQUALIZE, QUERN_OP_SHARPNESS, QUERN_OP_SHEAR_X};
  mix.values = {12.5, 0.0, 1.7, 0.2};
  return mix;
}

constexpr int kKinds = 5;

// The output of one operation as floats; empty where the call failed.
std::vector<float> knn(quern_context* context, const KnnCall& call) {
  std::vector<float> density(static_cast<size_t>(call.n), NAN);
  const quern_knn_params params = call.params();
  const quern_knn_result result{density.data(), nullptr, nullptr, nullptr};
  if (quern_knn_density(context, &params, &result) != QUERN_OK) density.clear();
  return density;
}

std::vector<float> cosine(quern_context* context, const Mix& mix) {
  std::vector<float> out(300, NAN);
  quern_cosine_params params{};
  params.x = mix.x.data();
  params.y = mix.y.data();
  params.n = 300;
  params.d = 40;
  if (quern_cosine_consistency(context, &params, out.data()) != QUERN_OK) out.clear();
  return out;
}

std::vector<float> sinkhorn(quern_context* context, const Mix& mix) {
  std::vector<float> plan(mix.cost.size(), NAN);
  quern_sinkhorn_params params{};
  params.batch = 3;
  params.n = 20;
  params.m = 30;
  params.epsilon = 0.1;
  params.max_iterations = 20;
  quern_sinkhorn_result result{};
  result.plan = plan.data();
  if (quern_sinkhorn(context, &params, mix.cost.data(), &result) != QUERN_OK) plan.clear();
  return plan;
}

std::vector<float> augment(quern_context* context, const Mix& mix) {
  std::vector<float> out(mix.images.size(), NAN);
  quern_augment_params params{};
  params.images = mix.images.data();
  params.batch = 4;
  params.height = params.width = 16;
  params.chain = 1;
  params.ops = mix.ops.data();
  params.values = mix.values.data();
  params.out_dtype = QUERN_FLOAT32;
  params.out_layout = QUERN_NCHW;
  if (quern_augment(context, &params, out.data()) != QUERN_OK) out.clear();
  return out;
}

std::vector<float> call(quern_context* context, const Mix& mix, size_t kind) {
  switch (kind % kKinds) {
    case 0:
      return knn(context, mix.among);
    case 1:
      return knn(context, mix.within);
    case 2:
      return cosine(context, mix);
    case 3:
      return sinkhorn(context, mix);
    default:
      return augment(context, mix);
  }
}

std::vector<std::vector<float>> serial_answers(const Mix& mix) {
  Context context = open(QUERN_ISA_BASELINE, 1);
  std::vector<std::vector<float>> answers;
  for (size_t kind = 0; kind < kKinds; kind++) {
    answers.push_back(call(context.get(), mix, kind));
    EXPECT(!answers.back().empty());
  }
  return answers;
}

// Runs body(caller) on `callers` threads at once; body returns how many answers were wrong.
template <class Body>
void expect_none_wrong(size_t callers, const Body& body) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (size_t caller = 0; caller < callers; caller++) threads.emplace_back([&, caller] { wrong += body(caller); });
  for (std::thread& thread : threads) thread.join();
  EXPECT(wrong == 0);
}

}  // namespace

TEST("eight callers of two hundred mixed calls on one context get the bits of serial calls") {
  const Mix mix = make_mix();
  const auto expected = serial_answers(mix);
  for (int threads : {1, 2}) {
    Context context = open(QUERN_ISA_AUTO, threads);
    expect_none_wrong(8, [&](size_t caller) {
      int wrong = 0;
      for (size_t i = 0; i < 200; i++) wrong += !same_bits(call(context.get(), mix, caller + i), expected[(caller + i) % kKinds]);
      return wrong;
    });
  }
}

TEST("callers with a context each, of every tier and more threads than cores, get the bits of serial calls") {
  const Mix mix = make_mix();
  const auto expected = serial_answers(mix);
  const auto run = tiers();
  expect_none_wrong(6, [&](size_t caller) {
    Context context = open(run[caller % run.size()], static_cast<int>(5 + 9 * caller));
    int wrong = 0;
    for (size_t i = 0; i < 10; i++) wrong += !same_bits(call(context.get(), mix, caller + i), expected[(caller + i) % kKinds]);
    return wrong;
  });
}

TEST("contexts are created and destroyed from many threads, used or unused") {
  const Mix mix = make_mix();
  const auto expected = serial_answers(mix);
  expect_none_wrong(4, [&](size_t caller) {
    int wrong = 0;
    for (size_t i = 0; i < 50; i++) {
      Context context = open(QUERN_ISA_AUTO, static_cast<int>(1 + (caller + i) % 5));
      if (i % 2 == 0) wrong += !same_bits(call(context.get(), mix, i), expected[i % kKinds]);
    }
    return wrong;
  });
}

TEST("failing calls and trims between the calls of others disturb nobody") {
  const Mix mix = make_mix();
  const auto expected = serial_answers(mix);
  Context context = open(QUERN_ISA_AUTO, 3);
  expect_none_wrong(4, [&](size_t caller) {
    int wrong = 0;
    for (size_t i = 0; i < 60; i++) {
      if (caller == 0) {
        KnnCall bad = mix.among;
        bad.k = 1000;
        wrong += !knn(context.get(), bad).empty() || std::strstr(quern_last_error(), "k is 1000") == nullptr;
      } else if (caller == 1 && i % 3 == 0) {
        quern_context_trim(context.get());
        wrong += quern_context_workspace_bytes(context.get()) < 0;
      } else {
        wrong += !same_bits(call(context.get(), mix, caller + i), expected[(caller + i) % kKinds]);
      }
    }
    return wrong;
  });
}
