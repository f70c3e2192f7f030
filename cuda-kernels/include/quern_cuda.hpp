// The CUDA kernels' launchers. Arguments are quern.h's, validated and with defaults resolved, but every pointer is one of the device; a launcher
// returns a cudaError_t, 0 if the work was put on the stream. Errors of the work itself surface when the stream is synchronised.
#pragma once

#include <cstdint>

#include "quern/quern.h"

namespace quern::cuda {

// What plans need to know of a device.
struct Device {
  int multiprocessors;
  int compute;              // 10 · major + minor
  int64_t shared_per_block; // bytes a block may ask for
};

using StreamHandle = void*;  // a cudaStream_t

// A row whose index is outside [0, y_rows) gets NaN.
int cosine_consistency(const Device& device, const quern_cosine_params& params, float* consistency, StreamHandle stream);

// A sample whose image index is outside [0, image_count) gets zeros. workspace: augment_workspace() bytes, aligned to 256.
int64_t augment_workspace(const Device& device, const quern_augment_params& params);
int augment_batch(const Device& device, const quern_augment_params& params, void* output, void* workspace, StreamHandle stream);

// A rectangle of an image outside [0, batch) is left out; an output with a source outside [0, count) is 0.
int erase(const Device& device, const quern_erase_params& params, StreamHandle stream);
int mix(const Device& device, const quern_mix_params& params, void* output, StreamHandle stream);

// ns, ms and annealing are host pointers, all others of the device. workspace: sinkhorn_workspace() bytes, aligned to 256.
int64_t sinkhorn_workspace(const Device& device, const quern_sinkhorn_params& params);  // −1: more than 2^62
int sinkhorn(const Device& device, const quern_sinkhorn_params& params, const float* cost, const quern_sinkhorn_result& result, void* workspace,
             StreamHandle stream);

// Point clouds; a problem that the CPU would refuse (a NaN, an infinity, a label outside the table, costs beyond 2^21·ε) gets NaN results and 0
// iterations. ns, ms and annealing are host pointers, all others of the device; labels need no order, but points of a class in one run are quickest.
int64_t sinkhorn_points_workspace(const Device& device, const quern_sinkhorn_params& params, const quern_point_clouds& clouds);  // as above
int sinkhorn_points(const Device& device, const quern_sinkhorn_params& params, const quern_point_clouds& clouds, const quern_sinkhorn_result& result,
                    void* workspace, StreamHandle stream);

// ns, ms and diameters are host pointers, all others of the device; refusals as of sinkhorn_points.
int64_t sinkhorn_divergence_workspace(const Device& device, const quern_divergence_params& params, const quern_point_clouds& clouds);
int sinkhorn_divergence(const Device& device, const quern_divergence_params& params, const quern_point_clouds& clouds,
                        const quern_divergence_result& result, void* workspace, StreamHandle stream);

// labels and reference_labels are host pointers. Without a reference, queries and labels are those of n_reference rows, of which [first, first + n)
// are asked for. workspace: knn_workspace() bytes, aligned to 256.
int64_t knn_workspace(const quern_knn_params& params);  // −1: more than 2^62
int knn_density(const Device& device, const quern_knn_params& params, int64_t first, const quern_knn_result& result, void* workspace,
                StreamHandle stream);

}  // namespace quern::cuda
