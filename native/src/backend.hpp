// One table of kernels per instruction-set tier. api.cpp validates and plans, then calls through the table.
//
// The kernel sources (cpu/*-inl.hpp) are compiled once per tier into a namespace of that tier's name. They use nothing but lanes.hpp, the
// plain headers of this folder and C arithmetic: a std:: template instantiated there could be the copy the linker keeps for a machine
// without the instructions.
#pragma once

#include <cstdint>

#include "quern/quern.h"

namespace quern {

class Arena;
class CudaQueue;
class ThreadPool;

// Everything a kernel may use beside its arguments. Memory is taken before a parallel region, never inside.
struct Workbench {
  ThreadPool& pool;
  Arena& arena;
  CudaQueue* cuda;  // NULL on the CPU
};

// Arguments are validated and defaults resolved: no NULL where data is required, leading dimensions set.
struct Kernels {
  void (*sinkhorn)(Workbench&, const quern_sinkhorn_params&, const float* cost, const quern_sinkhorn_result&);
  void (*sinkhorn_points)(Workbench&, const quern_sinkhorn_params&, const quern_point_clouds&, const quern_sinkhorn_result&);
  void (*sinkhorn_divergence)(Workbench&, const quern_divergence_params&, const quern_point_clouds&, const quern_divergence_result&);
  void (*knn_density)(Workbench&, const quern_knn_params&, const quern_knn_result&);
  void (*cosine_consistency)(Workbench&, const quern_cosine_params&, float* consistency);
  void (*augment)(Workbench&, const quern_augment_params&, void* output);
  void (*erase)(Workbench&, const quern_erase_params&);
  void (*mix)(Workbench&, const quern_mix_params&, void* output);
  bool (*selection_step)(Workbench&, const quern_selection_params&, int64_t* open);
};

// The tier of the AMX tiles brings only its kNN. Its tests run it over a reference of the tile instructions.
enum class TileInstructions { kHardware, kReference };
struct TileTier {
  void (*knn_density)(Workbench&, const quern_knn_params&, const quern_knn_result&);
  bool (*tiles_are_right)();
  TileInstructions instructions;
};
namespace amx {
extern const TileTier tier;
}

// NULL if the tier runs here, otherwise why not.
const char* isa_refusal(int isa);
const Kernels& kernels_of(int isa);
// The same on a CUDA device.
extern const Kernels cuda_kernels;

}  // namespace quern
