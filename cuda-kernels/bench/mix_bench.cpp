#include "bench.hpp"

using namespace quern::bench;

namespace {

constexpr int64_t kBatch = 256, kSide = 224;
constexpr size_t kImage = 3 * kSide * kSide, kElements = kBatch * kImage;

// Whether element e of an image lies in a box y0, x0, y1, x1.
bool holds(const int32_t* box, size_t e) {
  const int32_t y = static_cast<int32_t>(e / kSide % kSide), x = static_cast<int32_t>(e % kSide);
  return y >= box[0] && x >= box[1] && y < box[2] && x < box[3];
}

// What an image's elements are off by, at most.
template <class Expected>
double off_by(const std::vector<float>& images, size_t b, const Expected& expected) {
  double worst = 0;
  for (size_t e = 0; e < kImage; e++) worst = worse(worst, static_cast<double>(images[b * kImage + e]) - static_cast<double>(expected(e)));
  return worst;
}

}  // namespace

// Float32 NCHW, every image with another one of the batch: mixed, and within a box replaced.
BENCH("mix 256x224x224", 0.14) {
  const std::vector<float> pixels = noise(kElements);
  const DeviceArray<float> images(pixels), out(kElements);
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
  const auto error = [&] {
    const std::vector<float> mixed = out.host();
    return worst_of(kBatch, [&](size_t b) {
      const float* first = &pixels[static_cast<size_t>(all_rows[2 * b]) * kImage];
      const float* second = &pixels[static_cast<size_t>(all_rows[2 * b + 1]) * kImage];
      return off_by(mixed, b, [&](size_t e) { return holds(&all_boxes[4 * b], e) ? second[e] : 0.7f * first[e] + 0.3f * second[e]; });
    });
  };
  measure(bench, [&](int) { return quern::cuda::mix(device, p, out.data(), nullptr); }, error);
}

// One rectangle of a ninth of the area an image; four batches in turn, whose rectangles are more than the cache.
BENCH("erase 256x224x224", 0.02) {
  const std::vector<float> pixels = noise(4 * kElements);
  const DeviceArray<float> images(pixels);
  std::vector<int32_t> all_boxes;
  for (int32_t b = 0; b < kBatch; b++) {
    for (const int32_t value : {b, b % 100, b % 90, b % 100 + 75, b % 90 + 75}) all_boxes.push_back(value);
  }
  const DeviceArray<int32_t> boxes(all_boxes);
  quern_erase_params p{nullptr, kBatch, kSide, kSide, QUERN_FLOAT32, QUERN_NCHW, kBatch, boxes.data(), nullptr};
  const auto device = this_device();
  const auto error = [&] {
    const std::vector<float> erased = images.host();
    return worst_of(kBatch, [&](size_t b) {
      return off_by(erased, b, [&](size_t e) { return holds(&all_boxes[5 * b + 1], e) ? 0.0f : pixels[b * kImage + e]; });
    });
  };
  measure(bench, [&](int turn) {
    p.images = images.data() + static_cast<size_t>(turn % 4) * kElements;
    return quern::cuda::erase(device, p, nullptr);
  }, error);
}
