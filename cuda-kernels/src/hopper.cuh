// What kernels for compute 9.0 are written on beside device.cuh, again under the same names for GPU and harness:
//
//   Mbarrier                     init, arrive, arrive_expecting(bytes), wait(parity) of a barrier in shared memory
//   TensorMap, load_tile         a [rows, 64] tile of 16-bit values by the copy engine, 128-byte swizzled, zeros beyond the matrix
//   wgmma_64x256x16, wgmma_fence, _commit, _wait   warpgroup products of two such tiles into float32 registers
//   registers_down, registers_up setmaxnreg of a warpgroup
//
// A tile is [rows, 64] 16-bit values: 128 bytes a row, aligned to 1024. Accumulator of lane t of warp w: d[4·j + 2·h + c] is row 16·w + t/4 + 8·h,
// column 8·j + 2·(t mod 4) + c. Kernels that use wgmma exist for sm_90a alone: wrap their bodies in `#if QUERN_HAS_WGMMA`,
// bound them to a warp elsewhere, and ask built_for before a launch.
#pragma once

#include "device.cuh"

#if !defined(__CUDACC__)
#define QUERN_HAS_WGMMA 1
#include "../simt/hopper.hpp"
#else

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define QUERN_HAS_WGMMA 1
#else
#define QUERN_HAS_WGMMA 0
#endif

#include <cuda.h>

namespace quern::cuda {

constexpr int kTileColumns = 64;

class Mbarrier {
 public:
  __device__ explicit Mbarrier(Shared<uint64_t> word) : address_(word.address(0)) {}
  // By one thread; then fence_init() and a block barrier before anybody else uses it.
  __device__ void init(unsigned arrivals) const { asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(address_), "r"(arrivals) : "memory"); }
  __device__ static void fence_init() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }
  __device__ void arrive() const { asm volatile("mbarrier.arrive.shared.b64 _, [%0];" ::"r"(address_) : "memory"); }
  __device__ void arrive_expecting(int bytes) const {
    asm volatile("mbarrier.arrive.expect_tx.shared.b64 _, [%0], %1;" ::"r"(address_), "r"(bytes) : "memory");
  }
  // Until the phase of this parity (0 for the first) has ended.
  __device__ void wait(unsigned parity) const {
    asm volatile(
        "{\n.reg .pred done;\nagain:\nmbarrier.try_wait.parity.shared.b64 done, [%0], %1;\n@done bra over;\nbra again;\nover:\n}" ::"r"(address_),
        "r"(parity)
        : "memory");
  }
  __device__ uint32_t address() const { return address_; }

 private:
  uint32_t address_;
};

using TensorMap = CUtensorMap;  // passed to kernels by value, as a __grid_constant__ parameter

// A matrix [rows, columns] of 16-bit values, rows ld apart, read in tiles of [tile_rows, 64]. Returns a cudaError_t.
inline int make_tensor_map(TensorMap& map, const uint16_t* data, int64_t rows, int64_t columns, int64_t ld, int tile_rows) {
  void* found = nullptr;
  cudaDriverEntryPointQueryResult result;
#if CUDART_VERSION >= 12050
  const cudaError_t error = cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &found, 12000, cudaEnableDefault, &result);
#else
  const cudaError_t error = cudaGetDriverEntryPoint("cuTensorMapEncodeTiled", &found, cudaEnableDefault, &result);
#endif
  if (error != cudaSuccess) return error;
  if (found == nullptr) return cudaErrorNotSupported;
  const cuuint64_t sizes[2] = {static_cast<cuuint64_t>(columns), static_cast<cuuint64_t>(rows)};
  const cuuint64_t strides[1] = {static_cast<cuuint64_t>(ld) * sizeof(uint16_t)};
  const cuuint32_t box[2] = {kTileColumns, static_cast<cuuint32_t>(tile_rows)}, steps[2] = {1, 1};
  const CUresult encoded = reinterpret_cast<decltype(&cuTensorMapEncodeTiled)>(found)(
      &map, CU_TENSOR_MAP_DATA_TYPE_UINT16, 2, const_cast<uint16_t*>(data), sizes, strides, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE,
      CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  return encoded == CUDA_SUCCESS ? cudaSuccess : cudaErrorInvalidValue;
}

// By one thread. The barrier must expect tile_rows · 128 bytes.
__device__ __forceinline__ void load_tile(Shared<uint16_t> to, const Mbarrier& arrived, const TensorMap& map, int column, int row) {
  asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4}], [%2];" ::"r"(to.address(0)),
               "l"(&map), "r"(arrived.address()), "r"(column), "r"(row)
               : "memory");
}

#if QUERN_HAS_WGMMA
__device__ __forceinline__ void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ __forceinline__ void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
template <int N>
__device__ __forceinline__ void wgmma_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(N) : "memory");
}
template <int N>
__device__ __forceinline__ void registers_up() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(N));
}
template <int N>
__device__ __forceinline__ void registers_down() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(N));
}

// Start address, 1024 bytes between groups of 8 rows, 128-byte swizzle.
__device__ __forceinline__ uint64_t tile_descriptor(Shared<uint16_t> tile, int k) {
  const uint64_t address = (tile.address(0) + static_cast<uint32_t>(k) * 2) >> 4 & 0x3fff;
  return address | uint64_t{1} << 16 | uint64_t{1024 >> 4} << 32 | uint64_t{1} << 62;
}

#define QUERN_8(d, i) "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), "+f"(d[i + 6]), "+f"(d[i + 7])
#define QUERN_32(d, i) QUERN_8(d, i), QUERN_8(d, i + 8), QUERN_8(d, i + 16), QUERN_8(d, i + 24)
#define QUERN_WGMMA(type)                                                                                                                   \
  asm volatile(                                                                                                                             \
      "wgmma.mma_async.sync.aligned.m64n256k16.f32." type "." type " {%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19," \
      "%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31,%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47,%48,%49,%50,%51,%52," \
      "%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63,%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79,%80,%81,%82,%83,%84,%85," \
      "%86,%87,%88,%89,%90,%91,%92,%93,%94,%95,%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111,%112,%113,%114," \
      "%115,%116,%117,%118,%119,%120,%121,%122,%123,%124,%125,%126,%127}, %128, %129, 1, 1, 1, 0, 0;"                                        \
      : QUERN_32(d, 0), QUERN_32(d, 32), QUERN_32(d, 64), QUERN_32(d, 96)                                                                    \
      : "l"(tile_descriptor(a, k)), "l"(tile_descriptor(b, k)))

// d += a·bᵀ over the columns k … k + 15 of the tiles a [64, 64] and b [256, 64]; by the four warps of a warpgroup.
template <Pair P>
__device__ __forceinline__ void wgmma_64x256x16(float (&d)[128], Shared<uint16_t> a, Shared<uint16_t> b, int k) {
  if constexpr (P == Pair::kBf16) {
    QUERN_WGMMA("bf16");
  } else {
    QUERN_WGMMA("f16");
  }
}
#undef QUERN_WGMMA
#undef QUERN_32
#undef QUERN_8
#endif

}  // namespace quern::cuda
#endif
