// Folds over the lanes of a warp by a fixed butterfly: every lane ends with the same bits.
#pragma once

#include "device.cuh"

namespace quern::cuda {

constexpr unsigned kAllLanes = 0xffffffffu;

template <class T>
__device__ __forceinline__ T warp_sum(T value) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(kAllLanes, value, step);
  return value;
}

template <class T>
__device__ __forceinline__ T warp_max(T value) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2) {
    const T other = __shfl_xor_sync(kAllLanes, value, step);
    value = other > value ? other : value;
  }
  return value;
}

template <class T>
__device__ __forceinline__ T warp_min(T value) {
  return -warp_max(-value);
}

// Sum over the threads of a block, the same bits for all; slots: one a warp.
template <class T>
__device__ T block_sum(T value, const Shared<T>& slots) {
  const unsigned warps = blockDim.x / 32;
  value = warp_sum(value);
  if (threadIdx.x % 32 == 0) slots.store(threadIdx.x / 32, value);
  __syncthreads();
  T sum = slots.load(0);
  for (unsigned w = 1; w < warps; w++) sum += slots.load(w);
  __syncthreads();
  return sum;
}

}  // namespace quern::cuda
