#include "bench.hpp"

using namespace quern::bench;

namespace {

constexpr int64_t kBatch = 256, kSide = 224;
constexpr size_t kElements = 3 * kBatch * kSide * kSide;

}  // namespace

// Float32 NCHW, every image with another one of the batch: mixed, and within a box replaced.
BENCH("mix 256x224x224", 0.14) {
  const DeviceArray<float> images(noise(kElements)), out(kElements);
  std::vector<int32_t> all_rows, all_boxes;
  std::vector<float> all_weights;
  for (int32_t b = 0; b < kBatch; b++) {
    for (const int32_t row : {b, (7 * b + 3) % static_cast<int32_t>(kBatch)}) all_rows.push_back(row);
    for (const float weight : {0.7f, 0.3f}) all_weights.push_back(weight);
    for (const int32_t side : {b % 100, b % 90, b % 100 + 100, b % 90 + 100}) all_boxes.push_back(side);
  }
  const DeviceArray<int32_t> rows(all_rows), boxes(all_boxes);
  const DeviceArray<float> weights(all_weights);
  const quern_mix_params p{images.data(), kBatch, kSide, kSide, QUERN_FLOAT32, QUERN_NCHW, kBatch, 2, rows.data(), weights.data(), boxes.data()};
  const auto device = this_device();
  measure(bench, [&](int) { return quern::cuda::mix(device, p, out.data(), nullptr); });
}

// One rectangle of a ninth of the area an image.
BENCH("erase 256x224x224", 0.02) {
  const DeviceArray<float> images(noise(kElements));
  std::vector<int32_t> all_boxes;
  for (int32_t b = 0; b < kBatch; b++) {
    for (const int32_t value : {b, b % 100, b % 90, b % 100 + 75, b % 90 + 75}) all_boxes.push_back(value);
  }
  const DeviceArray<int32_t> boxes(all_boxes);
  const quern_erase_params p{images.data(), kBatch, kSide, kSide, QUERN_FLOAT32, QUERN_NCHW, kBatch, boxes.data(), nullptr};
  const auto device = this_device();
  measure(bench, [&](int) { return quern::cuda::erase(device, p, nullptr); });
}
