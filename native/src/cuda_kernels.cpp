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

// Where the arrays of a problem begin.
struct Begin {
  int64_t rows, columns, cells;
};

template <class Params>
Begin begin_of(const Params& p, int64_t problem) {
  if (p.ns == nullptr) return {problem * p.n, problem * p.m, problem * p.n * p.m};
  Begin at{0, 0, 0};
  for (int64_t k = 0; k < problem; k++) {
    at.rows += p.ns[k];
    at.columns += p.ms[k];
    at.cells += p.ns[k] * p.ms[k];
  }
  return at;
}

// Problems of a batch that are solved by one call.
struct Part {
  int64_t first, count;
  Begin at;
  int64_t rows, columns, cells;
};

template <class Params>
Part part_of(const Params& params, int64_t first, int64_t count) {
  const Begin at = begin_of(params, first), end = begin_of(params, first + count);
  return {first, count, at, end.rows - at.rows, end.columns - at.columns, end.cells - at.cells};
}

quern_sinkhorn_params params_of(CudaCall& call, quern_sinkhorn_params p, const Part& part) {
  p.batch = part.count;
  p.ns = from(p.ns, part.first);
  p.ms = from(p.ms, part.first);
  p.a = call.in("a", from(p.a, part.at.rows), part.rows);
  p.b = call.in("b", from(p.b, part.at.columns), part.columns);
  p.epsilons = call.in("epsilons", from(p.epsilons, part.first), part.count);
  return p;
}

quern_sinkhorn_result result_of(CudaCall& call, const quern_sinkhorn_result& result, const Part& part) {
  return {call.out("f", from(result.f, part.at.rows), part.rows),
          call.out("g", from(result.g, part.at.columns), part.columns),
          call.out("plan", from(result.plan, part.at.cells), part.cells),
          call.out("cost", from(result.cost, part.first), part.count),
          call.out("dual", from(result.dual, part.first), part.count),
          call.out("marginal_error", from(result.marginal_error, part.first), part.count),
          call.out("iterations", from(result.iterations, part.first), part.count),
          call.out("converged", from(result.converged, part.first), part.count)};
}

quern_point_clouds clouds_of(CudaCall& call, quern_point_clouds c, const Part& part) {
  c.x = call.in("x", from(c.x, part.at.rows * c.d), part.rows * c.d);
  c.y = call.in("y", from(c.y, part.at.columns * c.d), part.columns * c.d);
  if (c.table == nullptr) return c;
  c.table = call.in("table", c.table, span(c.labels, c.labels, c.table_ld));
  c.x_labels = call.in("x_labels", from(c.x_labels, part.at.rows), part.rows);
  c.y_labels = call.in("y_labels", from(c.y_labels, part.at.columns), part.columns);
  return c;
}

void sinkhorn(Workbench& bench, const quern_sinkhorn_params& params, const float* cost, const quern_sinkhorn_result& result) {
  CudaQueue& queue = *bench.cuda;
  in_parts(queue, params.batch, kHalvings, [&](int64_t first, int64_t count) {
    const Part part = part_of(params, first, count);
    CudaCall call(queue, "sinkhorn");
    const quern_sinkhorn_params p = params_of(call, params, part);
    const float* costs = call.in("cost", cost + part.at.cells, part.cells);
    const quern_sinkhorn_result out = result_of(call, result, part);
    void* workspace = call.workspace(queue.functions().sinkhorn_workspace, p);
    call.finish(queue.functions().sinkhorn(&p, costs, &out, workspace, queue.stream()));
  });
}

void sinkhorn_points(Workbench& bench, const quern_sinkhorn_params& params, const quern_point_clouds& clouds, const quern_sinkhorn_result& result) {
  CudaQueue& queue = *bench.cuda;
  in_parts(queue, params.batch, kHalvings, [&](int64_t first, int64_t count) {
    const Part part = part_of(params, first, count);
    CudaCall call(queue, "sinkhorn of point clouds");
    const quern_sinkhorn_params p = params_of(call, params, part);
    const quern_point_clouds c = clouds_of(call, clouds, part);
    const quern_sinkhorn_result out = result_of(call, result, part);
    void* workspace = call.workspace(queue.functions().sinkhorn_points_workspace, p, c);
    call.finish(queue.functions().sinkhorn_points(&p, &c, &out, workspace, queue.stream()));
  });
}

void sinkhorn_divergence(Workbench& bench, const quern_divergence_params& params, const quern_point_clouds& clouds,
                         const quern_divergence_result& result) {
  CudaQueue& queue = *bench.cuda;
  in_parts(queue, params.batch, kHalvings, [&](int64_t first, int64_t count) {
    const Part part = part_of(params, first, count);
    quern_divergence_params p = params;
    p.batch = count;
    p.ns = from(p.ns, first);
    p.ms = from(p.ms, first);
    p.diameters = from(p.diameters, first);
    CudaCall call(queue, "sinkhorn divergence");
    const quern_point_clouds c = clouds_of(call, clouds, part);
    const quern_divergence_result out{call.out("value", from(result.value, first), count),
                                      call.out("f", from(result.f, part.at.rows), part.rows),
                                      call.out("g", from(result.g, part.at.columns), part.columns),
                                      call.out("iterations", from(result.iterations, first), count)};
    void* workspace = call.workspace(queue.functions().sinkhorn_divergence_workspace, p, c);
    call.finish(queue.functions().sinkhorn_divergence(&p, &c, &out, workspace, queue.stream()));
  });
}

// Queries in parts: each among all of the reference, or of their own set.
void knn_density(Workbench& bench, const quern_knn_params& params, const quern_knn_result& result) {
  CudaQueue& queue = *bench.cuda;
  plan_knn(bench.arena, params);  // refuses short classes
  const bool one_set = params.reference == nullptr;
  int64_t fallback_rows = 0;
  in_parts(queue, params.n, kHalvings, [&](int64_t first, int64_t count) {
    quern_knn_params p = params;
    p.n = count;
    CudaCall call(queue, "kNN density");
    if (one_set) {
      p.n_reference = params.n;
      p.queries = call.in("queries", p.queries, span(params.n, p.d, p.queries_ld));
    } else {
      p.labels = from(p.labels, first);
      p.queries = call.in("queries", p.queries + first * p.queries_ld, span(count, p.d, p.queries_ld));
      p.reference = call.in("reference", p.reference, span(p.n_reference, p.d, p.reference_ld));
    }
    int64_t fallback = 0;
    const quern_knn_result out{call.out("density", from(result.density, first), count),
                               call.out("distances", from(result.distances, first * p.k), count * p.k),
                               call.out("indices", from(result.indices, first * p.k), count * p.k),
                               call.out("fallback_rows", result.fallback_rows == nullptr ? nullptr : &fallback, 1)};
    void* workspace = call.workspace(queue.functions().knn_workspace, p);
    call.finish(queue.functions().knn_density(&p, first, &out, workspace, queue.stream()));
    fallback_rows += fallback;
  });
  if (result.fallback_rows != nullptr) *result.fallback_rows = fallback_rows;
}

bool selection_step(Workbench&, const quern_selection_params&, int64_t*) {
  fail(QUERN_UNSUPPORTED, "the selection step runs on the CPU alone, allowed: a context of the CPU");
}

}  // namespace

const Kernels cuda_kernels{sinkhorn, sinkhorn_points, sinkhorn_divergence, knn_density, cosine_consistency, augment, erase, mix,
                           selection_step};

}  // namespace quern
