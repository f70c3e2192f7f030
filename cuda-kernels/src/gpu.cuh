// device.cuh on the GPU: thin wrappers of PTX and of the runtime.
#pragma once

#include <cooperative_groups.h>
#include <cuda_runtime.h>

namespace quern::cuda {

extern __shared__ __align__(1024) unsigned char quern_shared_bytes[];

template <class T>
class Shared {
 public:
  __device__ explicit Shared(T* data) : data_(data) {}
  __device__ T load(int64_t i) const { return data_[i]; }
  __device__ void store(int64_t i, T value) const { data_[i] = value; }
  __device__ T add(int64_t i, T value) const { return atomicAdd(data_ + i, value); }
  __device__ Shared from(int64_t i) const { return Shared(data_ + i); }
  template <class U>
  __device__ Shared<U> as() const {
    return Shared<U>(reinterpret_cast<U*>(data_));
  }
  // The same place in the shared memory of another block of the cluster.
  __device__ Shared of([[maybe_unused]] unsigned rank) const {
#if __CUDA_ARCH__ >= 900
    return Shared(cooperative_groups::this_cluster().map_shared_rank(data_, rank));
#else
    return *this;
#endif
  }
  __device__ uint32_t address(int64_t i) const { return static_cast<uint32_t>(__cvta_generic_to_shared(data_ + i)); }

 private:
  T* data_;
};

// Hands out the launch's shared bytes from the front.
class SharedMemory {
 public:
  template <class T>
  __device__ Shared<T> take(int64_t count, size_t alignment = 16) {
    used_ = (used_ + alignment - 1) / alignment * alignment;
    T* data = reinterpret_cast<T*>(quern_shared_bytes + used_);
    used_ += static_cast<size_t>(count) * sizeof(T);
    return Shared<T>(data);
  }

 private:
  size_t used_ = 0;
};

// bytes of 16 are copied, the rest is 0.
template <class T>
__device__ __forceinline__ void copy_async16(Shared<T> to, int64_t i, const T* from, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to.address(i)), "l"(from), "r"(bytes) : "memory");
}
__device__ __forceinline__ void copy_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// All but the youngest N groups have arrived.
template <int N>
__device__ __forceinline__ void copy_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}

// Four 8×8 matrices of 16-bit values; lanes 8q … 8q+7 name the rows of matrix q.
__device__ __forceinline__ void load_matrix(uint32_t (&r)[4], Shared<uint16_t> rows, int64_t i) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(rows.address(i))
               : "memory");
}

// d += a·b, a 16×16 by rows, b 16×8 by columns.
template <Pair P>
__device__ __forceinline__ void mma_16x8x16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  if constexpr (P == Pair::kBf16) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  } else {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
}

// To nearest even, and back.
__device__ __forceinline__ uint16_t to_half(float value) {
  uint16_t bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}
__device__ __forceinline__ float from_half(uint16_t bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}

// 2^x within 2^-22, relative; 0 below 2^-126.
__device__ __forceinline__ float exp2_approximate(float x) {
  float power;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x));
  return power;
}

__device__ __forceinline__ void named_barrier(int id, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(threads) : "memory");
}
__device__ __forceinline__ void cluster_barrier() {
#if __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.arrive.release.aligned;\nbarrier.cluster.wait.acquire.aligned;" ::: "memory");
#else
  __syncthreads();
#endif
}
__device__ __forceinline__ unsigned cluster_rank() {
#if __CUDA_ARCH__ >= 900
  return cooperative_groups::this_cluster().block_rank();
#else
  return 0;
#endif
}
__device__ __forceinline__ void grid_barrier() { cooperative_groups::this_grid().sync(); }

// All threads of `blocks` blocks of a cooperative launch; arrived: zero at first, and used for these blocks alone.
__device__ inline void group_barrier(unsigned long long* arrived, unsigned blocks) {
  __syncthreads();
  if (threadIdx.x == 0) {
    __threadfence();
    const unsigned long long goal = (atomicAdd(arrived, 1ull) / blocks + 1) * blocks;
    unsigned long long now;
    do {
      asm volatile("ld.acquire.gpu.global.u64 %0, [%1];" : "=l"(now) : "l"(arrived) : "memory");
    } while (now < goal);
    __threadfence();
  }
  __syncthreads();
}

inline int copy_to_device(void* to, const void* from, size_t bytes, void* stream) {
  return cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, static_cast<cudaStream_t>(stream));
}
inline int clear_device(void* at, size_t bytes, void* stream) { return cudaMemsetAsync(at, 0, bytes, static_cast<cudaStream_t>(stream)); }

// Whether the kernel, as it was built for this device, takes blocks of so many threads.
template <class... Parameters>
bool built_for(void (*kernel)(Parameters...), int threads) {
  cudaFuncAttributes attributes{};
  return cudaFuncGetAttributes(&attributes, kernel) == cudaSuccess && attributes.maxThreadsPerBlock >= threads;
}

// Returns a cudaError_t; 0: started.
template <class... Parameters, class... Arguments>
int launch(const LaunchShape& shape, void* stream, void (*kernel)(Parameters...), Arguments... arguments) {
  if (shape.shared_bytes > 48 * 1024) {
    const cudaError_t refused =
        cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shape.shared_bytes));
    if (refused != cudaSuccess) return refused;
  }
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(shape.grid_x, shape.grid_y);
  config.blockDim = dim3(shape.threads);
  config.dynamicSmemBytes = shape.shared_bytes;
  config.stream = static_cast<cudaStream_t>(stream);
  cudaLaunchAttribute attributes[2];
  config.attrs = attributes;
  if (shape.cluster > 1) {
    attributes[config.numAttrs].id = cudaLaunchAttributeClusterDimension;
    attributes[config.numAttrs].val.clusterDim = {shape.cluster, 1, 1};
    config.numAttrs++;
  }
  if (shape.residency == Residency::kCooperative) {
    attributes[config.numAttrs].id = cudaLaunchAttributeCooperative;
    attributes[config.numAttrs].val.cooperative = 1;
    config.numAttrs++;
  }
  return cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...);
}

}  // namespace quern::cuda
