// A kernel for each tool of compute-sanitizer with the bug that the tool is for. Argument: memcheck, racecheck, synccheck, initcheck, or none,
// which prints the device. A tool that is silent here proves nothing elsewhere.
#include <cuda_runtime.h>

#include <cstdio>
#include <cstring>

namespace quern::cuda::seeded {

__global__ void write_beyond_the_end(float* out, int count) { out[threadIdx.x + static_cast<unsigned>(count)] = 1.0f; }

__global__ void read_a_neighbour_without_barrier(float* out, int) {
  __shared__ float tile[64];
  tile[threadIdx.x] = static_cast<float>(threadIdx.x);
  out[threadIdx.x] = tile[63 - threadIdx.x];
}

__global__ void wait_in_half_a_warp(float* out, int) {
  if (threadIdx.x % 32 < 16) __syncthreads();
  out[threadIdx.x] = 1.0f;
}

__global__ void read_what_nobody_wrote(float* out, int) { out[threadIdx.x] += 1.0f; }

}  // namespace quern::cuda::seeded

int describe() {
  cudaDeviceProp properties;
  const cudaError_t error = cudaGetDeviceProperties(&properties, 0);
  if (error == cudaSuccess) {
    std::printf("%s, compute %d.%d\n", properties.name, properties.major, properties.minor);
  } else {
    std::printf("no device: %s\n", cudaGetErrorString(error));
  }
  return error == cudaSuccess ? 0 : 3;
}

int main(int count, char** arguments) {
  using namespace quern::cuda::seeded;
  if (count < 2) return describe();
  constexpr struct {
    const char* tool;
    void (*kernel)(float*, int);
  } kBugs[] = {{"memcheck", write_beyond_the_end},
               {"racecheck", read_a_neighbour_without_barrier},
               {"synccheck", wait_in_half_a_warp},
               {"initcheck", read_what_nobody_wrote}};
  for (const auto& bug : kBugs) {
    if (std::strcmp(arguments[1], bug.tool) != 0) continue;
    float* out = nullptr;
    if (cudaMalloc(&out, 64 * sizeof(float)) != cudaSuccess) return 3;
    bug.kernel<<<1, 64>>>(out, 64);
    cudaDeviceSynchronize();
    return 0;
  }
  std::fprintf(stderr, "tool is %s, allowed: memcheck, racecheck, synccheck, initcheck\n", arguments[1]);
  return 2;
}
