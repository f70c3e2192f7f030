// Compiles every kernel for the tier named by QUERN_TIER and publishes the tier's table.
#include "backend.hpp"
#include "cpu/augment-inl.hpp"
#include "cpu/cosine-inl.hpp"
#include "cpu/knn-inl.hpp"
#include "cpu/mix-inl.hpp"
#include "cpu/selection-inl.hpp"
#include "cpu/sinkhorn-inl.hpp"

namespace quern::QUERN_TIER {

extern const Kernels kernels;
const Kernels kernels = {
    sinkhorn, sinkhorn_points, sinkhorn_divergence, knn_density, cosine_consistency, augment, erase, mix, selection_step,
};

}  // namespace quern::QUERN_TIER
