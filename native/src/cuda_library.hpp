// libquern_cuda.so, opened at run time: the one place where the CPU library meets it.
#pragma once

#include "quern_cuda.h"

namespace quern {

// The functions that the library exports, as quern_cuda.h declares them.
struct CudaLibrary {
  decltype(&quern_cuda_abi) abi;
  decltype(&quern_cuda_device_count) device_count;
  decltype(&quern_cuda_describe) describe;
  decltype(&quern_cuda_error_text) error_text;
  decltype(&quern_cuda_use) use;
  decltype(&quern_cuda_device_of) device_of;
  decltype(&quern_cuda_allocate) allocate;
  decltype(&quern_cuda_free) free;
  decltype(&quern_cuda_allocate_pinned) allocate_pinned;
  decltype(&quern_cuda_free_pinned) free_pinned;
  decltype(&quern_cuda_copy) copy;
  decltype(&quern_cuda_clear) clear;
  decltype(&quern_cuda_synchronize) synchronize;
  decltype(&quern_cuda_mark_create) mark_create;
  decltype(&quern_cuda_mark_destroy) mark_destroy;
  decltype(&quern_cuda_mark_set) mark_set;
  decltype(&quern_cuda_mark_wait) mark_wait;
  decltype(&quern_cuda_cosine_consistency) cosine_consistency;
  decltype(&quern_cuda_augment_workspace) augment_workspace;
  decltype(&quern_cuda_augment) augment;
  decltype(&quern_cuda_erase) erase;
  decltype(&quern_cuda_mix) mix;
  decltype(&quern_cuda_sinkhorn_workspace) sinkhorn_workspace;
  decltype(&quern_cuda_sinkhorn) sinkhorn;
  decltype(&quern_cuda_sinkhorn_points_workspace) sinkhorn_points_workspace;
  decltype(&quern_cuda_sinkhorn_points) sinkhorn_points;
  decltype(&quern_cuda_sinkhorn_divergence_workspace) sinkhorn_divergence_workspace;
  decltype(&quern_cuda_sinkhorn_divergence) sinkhorn_divergence;
  decltype(&quern_cuda_knn_workspace) knn_workspace;
  decltype(&quern_cuda_knn_density) knn_density;
};

// Loads the library and finds its devices, or throws QUERN_UNSUPPORTED. Stays loaded for good.
void open_cuda_library(const char* path);

// The library of a device that there is, or throws: none is open, or device is no number of one.
const CudaLibrary& cuda_library_of(int32_t device);

}  // namespace quern
