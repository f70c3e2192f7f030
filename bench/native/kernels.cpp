#include "kernels.hpp"

#include "augment_oracle.hpp"

namespace quern::bench {
namespace {

const float* floats(const Arrays& inputs, const char* name) { return inputs.at(name).data<float>(); }

template <class T>
const T* optional(const Arrays& inputs, const char* name) {
  const auto found = inputs.find(name);
  return found == inputs.end() ? nullptr : found->second.data<T>();
}

void resize(Array& output, int64_t count) { output.bytes.assign(static_cast<size_t>(count) * sizeof(float), 0); }

Call cosine(const Arrays& inputs, Array& output) {
  const Array& x = inputs.at("x");
  quern_cosine_params p{};
  p.x = x.data<float>();
  p.n = x.shape[0];
  p.d = x.shape[1];
  p.y = floats(inputs, "y");
  p.y_rows = inputs.at("y").shape[0];
  p.index = optional<int32_t>(inputs, "index");
  resize(output, p.n);
  return [p, &output](quern_context* c) { return quern_cosine_consistency(c, &p, output.data<float>()); };
}

Call knn(const Arrays& inputs, Array& output) {
  const Array& points = inputs.at("points");
  quern_knn_params p{};
  p.queries = points.data<float>();
  p.n = points.shape[0];
  p.d = points.shape[1];
  p.k = *inputs.at("k").data<int64_t>();
  p.labels = optional<int32_t>(inputs, "labels");
  resize(output, p.n);
  quern_knn_result r{};
  r.density = output.data<float>();
  return [p, r](quern_context* c) { return quern_knn_density(c, &p, &r); };
}

quern_sinkhorn_params iterations(const Arrays& inputs, int64_t batch, int64_t n, int64_t m) {
  quern_sinkhorn_params p{};
  p.batch = batch;
  p.n = n;
  p.m = m;
  p.epsilon = *inputs.at("epsilon").data<double>();
  p.max_iterations = *inputs.at("iterations").data<int64_t>();
  return p;
}

Call sinkhorn(const Arrays& inputs, Array& output) {
  const Array& cost = inputs.at("cost");
  const quern_sinkhorn_params p = iterations(inputs, cost.shape[0], cost.shape[1], cost.shape[2]);
  resize(output, p.batch * p.n * p.m);
  quern_sinkhorn_result r{};
  r.plan = output.data<float>();
  return [p, r, &cost](quern_context* c) { return quern_sinkhorn(c, &p, cost.data<float>(), &r); };
}

Call points(const Arrays& inputs, Array& output) {
  const Array& x = inputs.at("x");
  const quern_sinkhorn_params p = iterations(inputs, 1, x.shape[0], inputs.at("y").shape[0]);
  quern_point_clouds clouds{};
  clouds.x = x.data<float>();
  clouds.y = floats(inputs, "y");
  clouds.d = x.shape[1];
  resize(output, p.n + p.m);
  quern_sinkhorn_result r{};
  r.f = output.data<float>();
  r.g = output.data<float>() + p.n;
  return [p, clouds, r](quern_context* c) { return quern_sinkhorn_points(c, &p, &clouds, &r); };
}

Call augment(const Arrays& inputs, Array& output) {
  const Array& images = inputs.at("images");
  quern_augment_params p{};
  p.images = images.data<uint8_t>();
  p.batch = images.shape[0];
  p.height = images.shape[1];
  p.width = images.shape[2];
  p.chain = 1;
  p.ops = inputs.at("ops").data<int32_t>();
  p.values = inputs.at("values").data<double>();
  p.resample = QUERN_BILINEAR;
  p.crop_y = inputs.at("crop_y").data<int32_t>();
  p.crop_x = inputs.at("crop_x").data<int32_t>();
  p.flip = inputs.at("flip").data<uint8_t>();
  p.out_dtype = QUERN_FLOAT32;
  p.out_layout = QUERN_NCHW;
  std::copy_n(floats(inputs, "mean"), 3, p.mean);
  std::copy_n(floats(inputs, "std"), 3, p.std);
  resize(output, p.batch * p.height * p.width * 3);
  return [p, &output](quern_context* c) { return quern_augment(c, &p, output.data<float>()); };
}

}  // namespace

Call call_of(const std::string& kernel, const Arrays& inputs, Array& output) {
  if (kernel == "cosine") return cosine(inputs, output);
  if (kernel == "knn") return knn(inputs, output);
  if (kernel == "sinkhorn") return sinkhorn(inputs, output);
  if (kernel == "points") return points(inputs, output);
  if (kernel == "augment") return augment(inputs, output);
  throw std::runtime_error("kernel is " + kernel + ", allowed: cosine, knn, sinkhorn, points, augment");
}

std::vector<float> augmented_by_oracle(const Arrays& inputs, int64_t images) {
  const Array& all = inputs.at("images");
  const int64_t h = all.shape[1], w = all.shape[2];
  const float *mean = floats(inputs, "mean"), *std = floats(inputs, "std");
  std::vector<float> expected;
  for (int64_t b = 0; b < images; b++) {
    test::Image image(h, w);
    std::copy_n(all.data<uint8_t>() + b * 3 * h * w, image.bytes.size(), image.bytes.begin());
    image = test::oracle_op(image, inputs.at("ops").data<int32_t>()[b], inputs.at("values").data<double>()[b], QUERN_BILINEAR);
    const int64_t top = inputs.at("crop_y").data<int32_t>()[b], left = inputs.at("crop_x").data<int32_t>()[b];
    const bool mirror = inputs.at("flip").data<uint8_t>()[b] != 0;
    for (int64_t c = 0; c < 3; c++) {
      for (int64_t y = 0; y < h; y++) {
        for (int64_t x = 0; x < w; x++) {
          const int64_t row = top + y, column = left + (mirror ? w - 1 - x : x);
          const bool inside = row >= 0 && row < h && column >= 0 && column < w;
          const double value = inside ? image.at(row, column, c) / 255.0 : 0.0;
          expected.push_back(static_cast<float>((value - static_cast<double>(mean[c])) / static_cast<double>(std[c])));
        }
      }
    }
  }
  return expected;
}

}  // namespace quern::bench
