// The kernels on a CUDA device: arrays are staged where they lie on the host, then libquern_cuda.so is called, in parts where memory is short.
#include "backend.hpp"
#include "cuda_call.hpp"
#include "element_math.h"
#include "knn_plan.hpp"

namespace quern {
namespace {

// Elements of rows × columns with a leading dimension.
int64_t span(int64_t rows, int64_t columns, int64_t ld) { return (rows - 1) * ld + columns; }

// data + offset; NULL stays NULL.
template <class T>
T* from(T* data, int64_t offset) {
  return data == nullptr ? nullptr : data + offset;
}

void cosine_consistency(Workbench& bench, const quern_cosine_params& params, float* consistency) {
  CudaQueue& queue = *bench.cuda;
  in_parts(queue, params.n, kHalvings, [&](int64_t first, int64_t count) {
    quern_cosine_params p = params;
    p.n = count;
    p.x = from(p.x, first * p.x_ld);
    if (p.index == nullptr) {
      p.y = from(p.y, first * p.y_ld);
      p.y_rows = count;
    }
    CudaCall call(queue, "cosine consistency");
    p.x = call.in("x", p.x, span(count, p.d, p.x_ld));
    p.y = call.in("y", p.y, span(p.y_rows, p.d, p.y_ld));
    p.index = call.in("index", from(p.index, first), count);
    float* out = call.out("consistency", consistency + first, count);
    call.finish(queue.functions().cosine_consistency(&p, out, queue.stream()));
  });
}

int64_t image_bytes(int64_t height, int64_t width, int32_t dtype) { return 3 * height * width * element_size(dtype); }

void augment(Workbench& bench, const quern_augment_params& params, void* output) {
  CudaQueue& queue = *bench.cuda;
  const int64_t image = image_bytes(params.height, params.width, QUERN_UINT8);
  const int64_t made = image_bytes(params.out_height, params.out_width, params.out_dtype);
  in_parts(queue, params.batch, kHalvings, [&](int64_t first, int64_t count) {
    quern_augment_params p = params;
    p.batch = count;
    if (p.image_index == nullptr) {
      p.images = p.images + first * image;
      p.image_count = count;
    }
    CudaCall call(queue, "augment");
    p.images = call.in("images", p.images, p.image_count * image);
    p.ops = call.in("ops", from(p.ops, first * p.chain), count * p.chain);
    p.values = call.in("values", from(p.values, first * p.chain), count * p.chain);
    p.crop_y = call.in("crop_y", from(p.crop_y, first), count);
    p.crop_x = call.in("crop_x", from(p.crop_x, first), count);
    p.flip = call.in("flip", from(p.flip, first), count);
    p.cutout_y = call.in("cutout_y", from(p.cutout_y, first), count);
    p.cutout_x = call.in("cutout_x", from(p.cutout_x, first), count);
    p.image_index = call.in("image_index", from(p.image_index, first), count);
    char* out = call.out("output", static_cast<char*>(output) + first * made, count * made);
    void* workspace = call.workspace(queue.functions().augment_workspace, p);
    call.finish(queue.functions().augment(&p, out, workspace, queue.stream()));
  });
}

// Images in parts, with the boxes that are theirs.
void erase(Workbench& bench, const quern_erase_params& params) {
  CudaQueue& queue = *bench.cuda;
  const int64_t image = image_bytes(params.height, params.width, params.dtype);
  in_parts(queue, params.batch, kHalvings, [&](int64_t first, int64_t count) {
    int64_t begin = 0, end = 0;
    while (begin < params.count && params.boxes[5 * begin] < first) begin++;
    for (end = begin; end < params.count && params.boxes[5 * end] < first + count;) end++;
    std::vector<int32_t> boxes(params.boxes + 5 * begin, params.boxes + 5 * end);
    for (size_t i = 0; i < boxes.size(); i += 5) boxes[i] -= static_cast<int32_t>(first);
    quern_erase_params p = params;
    p.batch = count;
    p.count = end - begin;
    CudaCall call(queue, "erase");
    p.images = call.in_out("images", static_cast<char*>(p.images) + first * image, count * image);
    p.boxes = call.in("boxes", boxes.data(), 5 * p.count);
    p.colors = call.in("colors", from(p.colors, 3 * begin), 3 * p.count);
    call.finish(queue.functions().erase(&p, queue.stream()));
  });
}

void mix(Workbench& bench, const quern_mix_params& params, void* output) {
  CudaQueue& queue = *bench.cuda;
  const int64_t image = image_bytes(params.height, params.width, params.dtype);
  in_parts(queue, params.batch, kHalvings, [&](int64_t first, int64_t count) {
    quern_mix_params p = params;
    p.batch = count;
    CudaCall call(queue, "mix");
    p.images = call.in("images", static_cast<const char*>(p.images), p.count * image);
    p.rows = call.in("rows", from(p.rows, first * p.sources), count * p.sources);
    p.weights = call.in("weights", from(p.weights, first * p.sources), count * p.sources);
    p.boxes = call.in("boxes", from(p.boxes, first * 4), count * 4);
    char* out = call.out("output", static_cast<char*>(output) + first * image, count * image);
    call.finish(queue.functions().mix(&p, out, queue.stream()));
  });
}

// Where the problems of a batch begin.
struct Begin {
  int64_t rows, columns, cells;
};

Begin begin_of(const quern_sinkhorn_params& p, int64_t problem) {
  if (p.ns == nullptr) return {problem * p.n, problem * p.m, problem * p.n * p.m};
  Begin at{0, 0, 0};
  for (int64_t k = 0; k < problem; k++) {
    at.rows += p.ns[k];
    at.columns += p.ms[k];
    at.cells += p.ns[k] * p.ms[k];
  }
  return at;
}

void sinkhorn(Workbench& bench, const quern_sinkhorn_params& params, const float* cost, const quern_sinkhorn_result& result) {
  CudaQueue& queue = *bench.cuda;
  in_parts(queue, params.batch, kHalvings, [&](int64_t first, int64_t count) {
    const Begin at = begin_of(params, first), end = begin_of(params, first + count);
    const int64_t rows = end.rows - at.rows, columns = end.columns - at.columns, cells = end.cells - at.cells;
    quern_sinkhorn_params p = params;
    p.batch = count;
    p.ns = from(p.ns, first);
    p.ms = from(p.ms, first);
    CudaCall call(queue, "sinkhorn");
    p.a = call.in("a", from(p.a, at.rows), rows);
    p.b = call.in("b", from(p.b, at.columns), columns);
    p.epsilons = call.in("epsilons", from(p.epsilons, first), count);
    const float* costs = call.in("cost", cost + at.cells, cells);
    const quern_sinkhorn_result out{call.out("f", from(result.f, at.rows), rows),
                                    call.out("g", from(result.g, at.columns), columns),
                                    call.out("plan", from(result.plan, at.cells), cells),
                                    call.out("cost", from(result.cost, first), count),
                                    call.out("dual", from(result.dual, first), count),
                                    call.out("marginal_error", from(result.marginal_error, first), count),
                                    call.out("iterations", from(result.iterations, first), count),
                                    call.out("converged", from(result.converged, first), count)};
    void* workspace = call.workspace(queue.functions().sinkhorn_workspace, p);
    call.finish(queue.functions().sinkhorn(&p, costs, &out, workspace, queue.stream()));
  });
}

// Queries among a reference come in parts; those among themselves need each other.
void knn_density(Workbench& bench, const quern_knn_params& params, const quern_knn_result& result) {
  CudaQueue& queue = *bench.cuda;
  plan_knn(bench.arena, params);  // refuses short classes
  int64_t fallback_rows = 0;
  in_parts(queue, params.n, params.reference == nullptr ? 0 : kHalvings, [&](int64_t first, int64_t count) {
    quern_knn_params p = params;
    p.n = count;
    p.labels = from(p.labels, first);
    CudaCall call(queue, "kNN density");
    p.queries = call.in("queries", p.queries + first * p.queries_ld, span(count, p.d, p.queries_ld));
    if (p.reference == nullptr) {
      p.n_reference = count;
    } else {
      p.reference = call.in("reference", p.reference, span(p.n_reference, p.d, p.reference_ld));
    }
    int64_t fallback = 0;
    const quern_knn_result out{call.out("density", from(result.density, first), count),
                               call.out("distances", from(result.distances, first * p.k), count * p.k),
                               call.out("indices", from(result.indices, first * p.k), count * p.k),
                               call.out("fallback_rows", result.fallback_rows == nullptr ? nullptr : &fallback, 1)};
    void* workspace = call.workspace(queue.functions().knn_workspace, p);
    call.finish(queue.functions().knn_density(&p, &out, workspace, queue.stream()));
    fallback_rows += fallback;
  });
  if (result.fallback_rows != nullptr) *result.fallback_rows = fallback_rows;
}

[[noreturn]] void refuse_operation(const char* operation) { fail(QUERN_UNSUPPORTED, "%s runs on the CPU alone, allowed: a context of the CPU", operation); }

void sinkhorn_points(Workbench&, const quern_sinkhorn_params&, const quern_point_clouds&, const quern_sinkhorn_result&) {
  refuse_operation("sinkhorn of point clouds");
}

void sinkhorn_divergence(Workbench&, const quern_divergence_params&, const quern_point_clouds&, const quern_divergence_result&) {
  refuse_operation("sinkhorn divergence");
}

bool selection_step(Workbench&, const quern_selection_params&, int64_t*) { refuse_operation("the selection step"); }

}  // namespace

const Kernels cuda_kernels{sinkhorn, sinkhorn_points, sinkhorn_divergence, knn_density, cosine_consistency, augment, erase, mix,
                           selection_step};

}  // namespace quern
