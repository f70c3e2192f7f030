// The outputs of a Sinkhorn call on the device, poisoned beforehand.
#pragma once

#include "simt/device_array.hpp"
#include "sinkhorn_calls.hpp"

namespace quern::test {

struct SolvedOnDevice {
  explicit SolvedOnDevice(const Solved& s)
      : f(s.f), g(s.g), plan(s.plan), cost(s.cost), dual(s.dual), error(s.error), iterations(s.iterations), converged(s.converged) {}

  quern_sinkhorn_result result() const {
    return {f.data(),    g.data(),     plan.size() == 0 ? nullptr : plan.data(), cost.data(),
            dual.data(), error.data(), iterations.data(),                        converged.data()};
  }
  Solved host(int32_t status) const {
    return {f.host(), g.host(), plan.host(), cost.host(), dual.host(), error.host(), iterations.host(), converged.host(), status};
  }

  simt::DeviceArray<float> f, g, plan;
  simt::DeviceArray<double> cost, dual, error;
  simt::DeviceArray<int64_t> iterations;
  simt::DeviceArray<uint8_t> converged;
};

}  // namespace quern::test
