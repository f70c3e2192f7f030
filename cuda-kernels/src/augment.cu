// Fused augment: one launch for a batch whose samples have different ops, values, crops, flips and cutouts.
//
// Shapes       as quern_augment: images [B,H,W,3] uint8 → [B,h,w,3] or [B,3,h,w] of any type.
// Work split   A sample is the work of a team of up to 8 blocks of 256 threads; a thread makes four neighbouring pixels of the output, each
//              pulled through flip, crop and the chain's last op from that op's source. Ops before the last one leave an image in scratch:
//              shared memory up to 8192 pixels, the workspace (in L2, for the usual sizes) beyond.
// Statistics   only of the samples whose op needs them: one pass over the op's source by the whole team, joined through the cluster's shared
//              memory. Without clusters (compute 8.x) every block counts the whole image, and chains of two and more have teams of one.
// Bytes        3 read and 3·(1, 2 or 4) written a pixel. Bound by writing; 16-byte stores of float32.
// Bits         those of the CPU kernel, for every op, size and type: both compute on augment_math.h, and where the CPU walks along a row sum by
//              sum, `stepped` lands on the same sum.
// Error        as quern_augment.
// A sample whose index is outside [0, image_count) is 0 in the output's units; ops outside the enum leave the image as it is.
#include <type_traits>

#include "augment_tables.cuh"
#include "four.cuh"

namespace quern::cuda {
namespace augment {

struct Output {
  void* data;
  int height, width;
  int32_t dtype, layout;
  float scale[3], bias[3];
  bool in_fours;  // four elements can be stored at once

  __device__ int pixels() const { return height * width; }
};

struct Job {
  quern_augment_params p;
  Output out;
  Plan plan;
  uint8_t* workspace;
};

__device__ __forceinline__ float normalised(const Output& o, Pixel p, int c) {
  return p >= kBlank ? 0.0f : fmaf(static_cast<float>(channel_of(p, c)), o.scale[c], o.bias[c]);
}

template <class Element>
__device__ __forceinline__ void convert(const Output& o, Pixel p, int c, Element& to) {
  element_of(normalised(o, p, c), &to);
}
__device__ __forceinline__ void convert(const Output&, Pixel p, int c, uint8_t& to) { to = static_cast<uint8_t>(channel_of(p, c)); }

// Four pixels from `first` on, of which those within the image are written.
template <class Element>
__device__ __forceinline__ void put(const Output& o, int64_t b, int first, const Pixel (&quad)[4]) {
  Element* out = static_cast<Element*>(o.data) + b * 3 * o.pixels();
  const bool planar = o.layout == QUERN_NCHW;
#pragma unroll
  for (int g = 0; g < 3; g++) {
    Four<Element> four;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int e = 4 * g + i;
      convert(o, planar ? quad[i] : quad[e / 3], planar ? g : e % 3, four.element[i]);
    }
    const Group at(planar, o.pixels(), first, g);
    store_four(out + at.begin, four, at.left, o.in_fours);
  }
}

// The sides of a cutout about `centre`, clipped.
__device__ __forceinline__ Range cut(const int32_t* centre, int64_t b, int64_t length, int size) {
  if (centre == nullptr) return {0, 0};
  const int64_t first = centre[b] - length / 2, end = first + length;
  return {static_cast<int>(first < 0 ? 0 : first), static_cast<int>(end < size ? end : size)};
}

// A crop that begins further away shows nothing of the image either.
__device__ __forceinline__ int crop(const int32_t* first, int64_t b) { return first == nullptr ? 0 : min(max(first[b], -32768), 32768); }

// A sample that shows no image is cut out whole.
__device__ inline Placement placement_of(const Output& o, const quern_augment_params& p, int64_t b, bool known) {
  if (!known) return {0, 0, 0, {0, o.height}, {0, o.width}};
  return {crop(p.crop_y, b), crop(p.crop_x, b), p.flip != nullptr && p.flip[b] != 0 ? 1 : 0, cut(p.cutout_y, b, p.cutout, o.height),
          cut(p.cutout_x, b, p.cutout, o.width)};
}

template <class Source>
__device__ Pixel output_pixel(const Job& job, const Desk& desk, const Source& image, int y, int x) {
  const Placement at = desk.placement.load(0);
  if (at.cut_rows.holds(y) && at.cut_columns.holds(x)) return kBlank;
  int source_y = at.crop_y + y, source_x = at.crop_x + (at.mirrored != 0 ? job.out.width - 1 - x : x);
  if (job.p.padding == QUERN_PAD_REFLECT) {
    source_y = static_cast<int>(reflected(source_y, image.height));
    source_x = static_cast<int>(reflected(source_x, image.width));
  }
  if (source_y < 0 || source_y >= image.height || source_x < 0 || source_x >= image.width) return kBlack;
  return pixel_at(desk, image, source_y, source_x);
}

template <class Source>
__device__ void put_sample(const Job& job, int64_t b, const Crew& crew, const Desk& desk, const Source& image) {
  const int pixels = job.out.pixels(), quads = (pixels - 1) / 4 + 1;
  const int begin = static_cast<int>(int64_t{quads} * crew.part / crew.parts), end = static_cast<int>(int64_t{quads} * (crew.part + 1) / crew.parts);
  for (int q = begin + static_cast<int>(threadIdx.x); q < end; q += kThreads) {
    Pixel quad[4] = {};
    // One copy of the ops' code, and the quad in registers all the same.
#pragma unroll 1
    for (int i = 0; i < 4; i++) {
      quad[0] = quad[1];
      quad[1] = quad[2];
      quad[2] = quad[3];
      const int at = 4 * q + i;
      quad[3] = at < pixels ? output_pixel(job, desk, image, at / job.out.width, at % job.out.width) : kBlank;
    }
    switch (job.out.dtype) {
      case QUERN_UINT8:
        put<uint8_t>(job.out, b, 4 * q, quad);
        break;
      case QUERN_FLOAT32:
        put<float>(job.out, b, 4 * q, quad);
        break;
      case QUERN_BFLOAT16:
        put<BFloat16>(job.out, b, 4 * q, quad);
        break;
      default:
        put<Float16>(job.out, b, 4 * q, quad);
    }
  }
}

// The whole result of the stage into scratch.
template <class Source, class Scratch>
__device__ void keep(const Crew& crew, const Desk& desk, const Source& image, const Scratch& to) {
  const int begin = static_cast<int>(int64_t{image.pixels()} * crew.part / crew.parts);
  const int end = static_cast<int>(int64_t{image.pixels()} * (crew.part + 1) / crew.parts);
  for (int i = begin + static_cast<int>(threadIdx.x); i < end; i += kThreads) {
    const Pixel p = pixel_at(desk, image, i / image.width, i % image.width);
    for (int c = 0; c < 3; c++) to.store(3 * i + c, static_cast<uint8_t>(channel_of(p, c)));
  }
  crew.barrier();
}

__device__ inline bool has_effect(int32_t op, double value) { return op > QUERN_OP_IDENTITY && op <= QUERN_OP_INVERT && !leaves_as_is(op, value); }

// scratch: plan.scratch_images of image_bytes each.
template <quern_resample R, class Scratch>
__device__ void augment_sample(const Job& job, int64_t b, const Crew& crew, const Desk& desk, const Scratch& scratch) {
  const quern_augment_params& p = job.p;
  const int64_t row = p.image_index == nullptr ? b : p.image_index[b];
  const bool known = row >= 0 && row < p.image_count;
  const int height = static_cast<int>(p.height), width = static_cast<int>(p.width);
  Image<Scratch, R> image{p.images + (known ? row : 0) * 3 * height * width, scratch, height, width};
  if (threadIdx.x == 0) {
    desk.placement.store(0, placement_of(job.out, p, b, known));
    desk.stage.store(0, Stage{Kind::kCopy, 0, {}});
  }
  __syncthreads();
  bool untouched = true;
  int next = 0;
  for (int slot = 0; known && slot < p.chain; slot++) {
    const int32_t op = p.ops[b * p.chain + slot];
    const double value = p.values[b * p.chain + slot];
    if (!has_effect(op, value)) continue;
    if (!untouched) {
      const Scratch to = scratch.from(next * job.plan.image_bytes);
      keep(crew, desk, image, to);
      image = {nullptr, to, height, width};
      next = 1 - next;
    }
    prepare(op, value, image, crew, desk);
    untouched = false;
  }
  put_sample(job, b, crew, desk, image);
  crew.barrier();
}

template <class Scratch>
__device__ Scratch take_scratch(const Job& job, [[maybe_unused]] SharedMemory& memory, [[maybe_unused]] int64_t team) {
  const int64_t bytes = job.plan.scratch_images * job.plan.image_bytes;
  if constexpr (std::is_same_v<Scratch, Global>) {
    return Global(job.workspace + team * bytes);
  } else {
    return memory.take<uint8_t>(bytes);
  }
}

template <class Scratch, quern_resample R>
__global__ void __launch_bounds__(kThreads, kBlocksPerMultiprocessor) augment_batch(const __grid_constant__ Job job) {
  SharedMemory memory;
  const Desk desk{memory.take<Stage>(1),          memory.take<Placement>(1),     memory.take<unsigned>(kTables),
                  memory.take<unsigned>(kTables), memory.take<uint8_t>(kTables), memory.take<int>(1)};
  const int parts = job.plan.blocks_per_team, part = static_cast<int>(blockIdx.x) % parts;
  const bool joined = job.plan.team == Team::kCluster;
  const Crew crew{part, parts, joined ? part : 0, joined ? parts : 1};
  const int64_t team = static_cast<int>(blockIdx.x) / parts;
  const Scratch scratch = take_scratch<Scratch>(job, memory, team);
  for (int64_t b = team; b < job.p.batch; b += job.plan.teams) augment_sample<R>(job, b, crew, desk, scratch);
}

inline Output output_of(const quern_augment_params& p, void* data) {
  Output o{data, static_cast<int>(p.out_height), static_cast<int>(p.out_width), p.out_dtype, p.out_layout, {}, {}, false};
  for (int c = 0; c < 3; c++) {
    o.scale[c] = static_cast<float>(1.0 / (255.0 * static_cast<double>(p.std[c])));
    o.bias[c] = static_cast<float>(-static_cast<double>(p.mean[c]) / static_cast<double>(p.std[c]));
  }
  o.in_fours = moves_in_fours(data, p.out_height * p.out_width, p.out_dtype);
  return o;
}

}  // namespace augment

int64_t augment_workspace(const Device& device, const quern_augment_params& params) { return augment::plan(device, params).workspace_bytes; }

int augment_batch(const Device& device, const quern_augment_params& params, void* output, void* workspace, StreamHandle stream) {
  using namespace augment;
  if (params.batch == 0) return 0;
  const Job job{params, output_of(params, output), plan(device, params), static_cast<uint8_t*>(workspace)};
  const bool shared = job.plan.place == ScratchPlace::kShared;
  const size_t scratch = shared ? static_cast<size_t>(job.plan.scratch_images * job.plan.image_bytes) : 0;
  LaunchShape shape = blocks_of(job.plan.teams * job.plan.blocks_per_team, kThreads, kDeskBytes + scratch);
  if (job.plan.team == Team::kCluster) shape.cluster = static_cast<unsigned>(job.plan.blocks_per_team);
  if (params.resample == QUERN_BILINEAR) {
    return launch(shape, stream, shared ? &augment::augment_batch<Shared<uint8_t>, QUERN_BILINEAR> : &augment::augment_batch<Global, QUERN_BILINEAR>, job);
  }
  return launch(shape, stream, shared ? &augment::augment_batch<Shared<uint8_t>, QUERN_NEAREST> : &augment::augment_batch<Global, QUERN_NEAREST>, job);
}

}  // namespace quern::cuda
