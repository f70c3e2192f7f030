// Labelled point clouds to test with, on the host and on the device.
#pragma once

#include "quern_cuda.hpp"
#include "simt/device_array.hpp"
#include "sinkhorn_calls.hpp"

namespace quern::test {

struct Clouds {
  std::vector<float> x, y, table;
  std::vector<int32_t> x_labels, y_labels;
  int64_t d;
  int32_t labels;
  double scale;

  size_t n() const { return x.size() / static_cast<size_t>(d); }
  size_t m() const { return y.size() / static_cast<size_t>(d); }
};

// Normal coordinates, label distances in [0, 3); a row of the table has one entry more than labels, NaN. labels 0: no table.
inline Clouds draw(std::mt19937_64& random, size_t n, size_t m, int64_t d, int32_t labels) {
  Clouds c{gaussian(random, n * static_cast<size_t>(d)), gaussian(random, m * static_cast<size_t>(d)), {}, {}, {}, d, labels, 0.5};
  for (int32_t row = 0; row < labels; row++) {
    const auto distances = uniform(random, static_cast<size_t>(labels), 0.0f, 3.0f);
    c.table.insert(c.table.end(), distances.begin(), distances.end());
    c.table.push_back(NAN);
  }
  for (size_t i = 0; labels > 0 && i < n; i++) c.x_labels.push_back(static_cast<int32_t>(random() % static_cast<size_t>(labels)));
  for (size_t j = 0; labels > 0 && j < m; j++) c.y_labels.push_back(static_cast<int32_t>(random() % static_cast<size_t>(labels)));
  return c;
}

// One problem of a batch.
inline Clouds part(const Clouds& c, int64_t row, int64_t n, int64_t column, int64_t m) {
  const auto slice = [](const auto& all, int64_t first, int64_t count) {
    return all.empty() ? all : std::decay_t<decltype(all)>(all.begin() + first, all.begin() + first + count);
  };
  return {slice(c.x, row * c.d, n * c.d), slice(c.y, column * c.d, m * c.d), c.table, slice(c.x_labels, row, n), slice(c.y_labels, column, m),
          c.d, c.labels, c.scale};
}

inline quern_point_clouds pointers(const Clouds& c, const float* x, const float* y, const float* table, const int32_t* x_labels, const int32_t* y_labels) {
  const bool labelled = c.labels > 0;
  return {x, y, c.d, c.scale, labelled ? table : nullptr, c.labels, labelled ? c.labels + 1 : 0, labelled ? x_labels : nullptr,
          labelled ? y_labels : nullptr};
}

inline quern_point_clouds on_host(const Clouds& c) {
  return pointers(c, c.x.data(), c.y.data(), c.table.data(), c.x_labels.data(), c.y_labels.data());
}

// x against y, in float64 from the definition.
inline Doubles costs_of(const Clouds& c) {
  return ground_costs(on_host(c), c.x.data(), c.x_labels.data(), c.n(), c.y.data(), c.y_labels.data(), c.m());
}

struct DeviceClouds {
  explicit DeviceClouds(const Clouds& c)
      : x(c.x),
        y(c.y),
        table(c.table),
        x_labels(c.x_labels),
        y_labels(c.y_labels),
        clouds(pointers(c, x.data(), y.data(), table.data(), x_labels.data(), y_labels.data())) {}

  simt::DeviceArray<float> x, y, table;
  simt::DeviceArray<int32_t> x_labels, y_labels;
  quern_point_clouds clouds;
};

}  // namespace quern::test
