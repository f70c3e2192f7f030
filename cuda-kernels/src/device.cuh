// What every kernel is written on, once for the GPU (gpu.cuh) and once for the CPU harness (simt/device.hpp), under the same names:
//
//   Shared<T>, SharedMemory      a block's shared memory, by checked accessors: load(i), store(i, v), add(i, v) for integers
//   copy_async16, _commit, _wait cp.async: 16 bytes from global to shared memory without registers
//   load_matrix, mma_16x8x16     ldmatrix and mma.sync of bf16 or fp16 pairs into float32
//   to_half, from_half, exp2_approximate   conversions, and 2^x by the special function unit
//   named_barrier                bar.sync of some warps of a block
//   cluster_rank, cluster_barrier, Shared<T>::of(rank)   thread block clusters (sm_90)
//   grid_barrier, group_barrier  all, or some, blocks of a cooperative launch
//   launch, copy_to_device, clear_device   put work on a stream; built_for: whether a kernel takes so many threads
//
// All else is CUDA C++ as it is: threadIdx, __syncthreads, __shfl_*_sync, atomics on integers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quern::cuda {

enum class Residency { kIndependent, kCooperative };

struct LaunchShape {
  unsigned grid_x, grid_y, threads;
  size_t shared_bytes;
  unsigned cluster;  // blocks along x
  Residency residency;
};

constexpr LaunchShape blocks_of(int64_t blocks, int threads, size_t shared_bytes = 0) {
  return {static_cast<unsigned>(blocks), 1, static_cast<unsigned>(threads), shared_bytes, 1, Residency::kIndependent};
}

enum class Pair { kBf16, kFp16 };  // two 16-bit floats in a register

}  // namespace quern::cuda

// QUERN_RARE: a function that runs rarely and should take no registers of those that run often. QUERN_LONG: one that runs so long that it should
// have all registers to itself.
#if defined(__CUDACC__)
#define QUERN_RARE __noinline__
#define QUERN_LONG __noinline__
#include "gpu.cuh"
#else
#define QUERN_RARE
#define QUERN_LONG
#include "../simt/device.hpp"
#endif
