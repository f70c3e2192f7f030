// kNN density: the mean Euclidean distance of every query to its k nearest references, exact, with the CPU's bits.
//
// Shapes       queries [n,d], references [m,d], or the queries among themselves; by class in the same launches.
// Method       filter and certify. Rows about a centre, of norm 1, in fp16; tensor cores give every pair a score that provably underestimates
//              its distance (Cauchy–Schwarz for what fp16 lost, the float32 sums bounded); a query keeps the 64 smallest scores; distances are
//              computed exactly in the order of the scores until the next score, or the threshold of what was not kept, rules out the rest. A
//              query for which neither happens, and one that cannot be scored, is scanned: all its distances, exactly. So are all of them for
//              k > 48, d > 16384 or 2^31 references.
// Work split   filter: a block a tile of 64 queries of one class, all references of the class pass by in tiles of 128; on compute 9.0 tiles of 128
//              and 256. rerank: a warp a query. scan: a block of 4 warps a query, each with its own list.
// Bytes        2·d a row for the filter's view, 532 a query for its candidates: O(N·d + N·k), never N². A tile of references is read from L2
//              once for the queries of a tile.
// Roofline     2·n·m·d products in fp16 on the tensor cores (mma.sync; wgmma on compute 9.0), then some k + 2 exact distances of 4·d bytes a query.
// Determinism  what is returned depends on the rows alone; ties go to the lower index. The count of scanned rows is reproducible too.
#include "knn_distance.cuh"
#include "knn_filter.cuh"
#include "knn_wgmma.cuh"

namespace quern::cuda {
namespace knn {

constexpr int kRerankWarps = 4;
constexpr int kBlocksPerMultiprocessor = 8;
constexpr size_t kEntryBytes = sizeof(double) + sizeof(int64_t);

// A call on the device.
struct Search {
  Rows queries, references;  // the same for one set, of whose rows those from `first` on are asked for
  int64_t first, count;
  int64_t d;
  int k;
  const Task* tasks;
  int64_t task_count;
  Packed packed;       // of the queries
  Lists lists;
  int32_t* states;     // NULL: all are scanned
  quern_knn_result result;
  bool one_set;
};

__device__ inline void write_neighbours(const Search& s, int64_t place, int64_t reference_begin, const Nearest& nearest, bool finite, int lane) {
  const int64_t row = s.queries.row(place) - s.first;
  for (int j = lane; j < s.k; j += 32) {
    const bool there = j < nearest.size();
    if (s.result.distances != nullptr) s.result.distances[row * s.k + j] = there ? static_cast<float>(sqrt(nearest.square(j))) : NAN;
    if (s.result.indices != nullptr) s.result.indices[row * s.k + j] = there ? s.references.row(reference_begin + nearest.place(j)) : -1;
  }
  if (lane != 0 || s.result.density == nullptr) return;
  double sum = 0;
  for (int j = 0; j < nearest.size(); j++) sum += sqrt(nearest.square(j));
  const double mean = nearest.size() == 0 ? 0 : sum / static_cast<double>(nearest.size());
  s.result.density[row] = finite ? static_cast<float>(mean) : NAN;
}

// The task that holds a query: they are ascending.
__device__ inline Task task_of(const Search& s, int64_t query) {
  int64_t low = 0, high = s.task_count;
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    if (s.tasks[middle].query_begin <= query) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return s.tasks[low];
}

__device__ __forceinline__ int64_t own_place(const Task& task, int64_t query) { return task.place_begin + query - task.query_begin; }

// What a reference of this score is at least away, squared, as squared_distance may round it.
__device__ __forceinline__ double least_square(double norm, float score) {
  return (norm * (1 - kNormError) + 2 * static_cast<double>(score)) * (1 - kDistanceError);
}

// Exact distances in the order of the scores; whether these are certainly the nearest.
__device__ inline bool certified(const Search& s, const Task& task, int64_t query, int64_t place, Nearest& nearest, int lane) {
  const float* x = s.queries.at(place);
  const double norm = s.packed.norm[place];
  const int count = s.lists.counts[query];
  for (int e = 0; e < count; e++) {
    const uint64_t key = s.lists.keys[query * kKept + e];
    if (nearest.full() && least_square(norm, score_of(key)) > nearest.square(s.k - 1)) return true;
    const double square = squared_distance(x, s.references.at(task.reference_begin + place_of(key)), s.d, lane);
    if (square - square == 0.0) nearest.offer(square, place_of(key), lane);
  }
  const float threshold = s.lists.thresholds[query];
  return isinf(threshold) ? threshold > 0 : nearest.full() && least_square(norm, threshold) > nearest.square(s.k - 1);
}

__global__ void __launch_bounds__(kRerankWarps * 32, 1) rerank(Search s) {
  SharedMemory memory;
  const Shared<double> squares = memory.take<double>(kRerankWarps * s.k);
  const Shared<int64_t> places = memory.take<int64_t>(kRerankWarps * s.k);
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  const int64_t warps = static_cast<int64_t>(gridDim.x) * kRerankWarps;
  for (int64_t query = static_cast<int64_t>(blockIdx.x) * kRerankWarps + warp; query < s.count; query += warps) {
    const Task task = task_of(s, query);
    const int64_t place = own_place(task, query);
    Nearest nearest(squares.from(warp * s.k), places.from(warp * s.k), s.k);
    const bool done = s.packed.scale[place] > 0.0f && certified(s, task, query, place, nearest, lane);
    if (done) write_neighbours(s, place, task.reference_begin, nearest, true, lane);
    if (lane == 0) s.states[query] = done ? kFiltered : kScanned;
    __syncwarp();
  }
}

__device__ inline bool is_finite(const float* x, int64_t d, int lane) {
  float zero = 0;
  for (int64_t j = lane; j < d; j += 32) zero += x[j] * 0.0f;
  return warp_sum(zero) == 0.0f;
}

// Every fourth reference from `first` on. Ascending, so nothing is left to find behind k duplicates.
__device__ inline void scan_some(const Search& s, const Task& task, int64_t place, int first, Nearest& nearest, int lane) {
  const float* x = s.queries.at(place);
  for (int64_t j = first; j < task.references; j += kRerankWarps) {
    if (s.one_set && task.reference_begin + j == place) continue;
    const double square = squared_distance(x, s.references.at(task.reference_begin + j), s.d, lane);
    if (square - square == 0.0) nearest.offer(square, j, lane);
    if (nearest.full() && nearest.square(s.k - 1) == 0.0) return;
  }
}

__global__ void __launch_bounds__(kRerankWarps * 32, 1) scan(Search s) {
  SharedMemory memory;
  const Shared<double> squares = memory.take<double>(kRerankWarps * s.k);
  const Shared<int64_t> places = memory.take<int64_t>(kRerankWarps * s.k);
  const Shared<int> sizes = memory.take<int>(kRerankWarps);
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  for (int64_t query = blockIdx.x; query < s.count; query += gridDim.x) {
    if (s.states != nullptr && s.states[query] == kFiltered) continue;
    const Task task = task_of(s, query);
    const int64_t place = own_place(task, query);
    const bool finite = is_finite(s.queries.at(place), s.d, lane);
    Nearest nearest(squares.from(warp * s.k), places.from(warp * s.k), s.k);
    if (finite) scan_some(s, task, place, warp, nearest, lane);
    if (lane == 0) sizes.store(warp, nearest.size());
    __syncthreads();
    if (warp == 0) {
      for (int e = 0; e < (kRerankWarps - 1) * s.k; e++) {
        if (e % s.k < sizes.load(1 + e / s.k)) nearest.offer(squares.load(s.k + e), places.load(s.k + e), lane);
      }
      write_neighbours(s, place, task.reference_begin, nearest, finite, lane);
      if (lane == 0 && finite && s.states != nullptr && s.result.fallback_rows != nullptr) {
        atomicAdd(reinterpret_cast<unsigned long long*>(s.result.fallback_rows), 1ull);
      }
    }
    __syncthreads();
  }
}

// ---- the call

template <class T>
T* at(void* workspace, int64_t offset) {
  return reinterpret_cast<T*>(static_cast<char*>(workspace) + offset);
}
inline Packed packed_at(void* workspace, const RowsAt& rows) {
  return {at<uint16_t>(workspace, rows.values), at<float>(workspace, rows.half), at<float>(workspace, rows.scale), at<double>(workspace, rows.norm)};
}

inline int64_t blocks_for(const Device& device, int64_t needed) {
  const int64_t fill = int64_t{device.multiprocessors} * kBlocksPerMultiprocessor;
  return needed < fill ? needed : fill;
}

template <class T>
int put(void* workspace, int64_t offset, const std::vector<T>& values, StreamHandle stream) {
  return copy_to_device(at<T>(workspace, offset), values.data(), values.size() * sizeof(T), stream);
}

// Warpgroups where the device has them and the kernel was built for it.
inline Multiplier usable_multiplier(const Device& device, const quern_knn_params& p) {
  return built_for(&filter_by_warpgroups, kWideThreads) ? multiplier(device, p) : Multiplier::kWarp;
}

inline int launch_filter(const Device& device, const quern_knn_params& p, const Filter& f, StreamHandle stream) {
  if (usable_multiplier(device, p) == Multiplier::kWarp) {
    return launch(blocks_of(blocks_for(device, f.task_count), kFilterWarps * 32, kFilterBytes), stream, &filter, f);
  }
  TensorMap queries{}, references{};
  int error = make_tensor_map(queries, f.queries.values, f.one_set ? p.n_reference : p.n, f.padded, f.padded, kWideQueryTile);
  if (error == 0) error = make_tensor_map(references, f.references.values, p.n_reference, f.padded, f.padded, kWideReferenceTile);
  const int64_t blocks = f.task_count < device.multiprocessors ? f.task_count : device.multiprocessors;
  return error != 0 ? error : launch(blocks_of(blocks, kWideThreads, kWideBytes), stream, &filter_by_warpgroups, queries, references, f);
}

// Centre, packed rows, candidates and what they certify.
inline int filter_and_rerank(const Device& device, const quern_knn_params& p, const Plan& plan, const Search& s, void* workspace, StreamHandle stream) {
  float* centre = at<float>(workspace, plan.centre);
  const Packed references = packed_at(workspace, plan.references);
  const auto pack = [&](const Rows& rows, const Packed& packed) {
    const LaunchShape shape = blocks_of(blocks_for(device, (rows.count - 1) / kPackWarps + 1), kPackWarps * 32);
    return launch(shape, stream, &pack_rows, rows, centre, p.d, plan.padded, packed);
  };
  int error = launch(blocks_of((p.d - 1) / (kPackWarps * 32) + 1, kPackWarps * 32), stream, &find_centre, s.references, p.d, centre);
  if (error == 0) error = pack(s.references, references);
  if (error == 0 && !s.one_set) error = pack(s.queries, s.packed);
  const Filter f{s.tasks, s.task_count, plan.padded, s.packed, references, s.lists, score_error(p.d), s.one_set};
  if (error == 0) error = launch_filter(device, p, f, stream);
  const size_t entries = kRerankWarps * static_cast<size_t>(p.k) * kEntryBytes;
  const LaunchShape shape = blocks_of(blocks_for(device, (p.n - 1) / kRerankWarps + 1), kRerankWarps * 32, entries);
  return error != 0 ? error : launch(shape, stream, &rerank, s);
}

}  // namespace knn

int64_t knn_workspace(const quern_knn_params& params) { return knn::plan(params).workspace_bytes; }

int knn_density(const Device& device, const quern_knn_params& p, int64_t first, const quern_knn_result& result, void* workspace,
                StreamHandle stream) {
  using namespace knn;
  int error = result.fallback_rows == nullptr ? 0 : clear_device(result.fallback_rows, sizeof(int64_t), stream);
  if (p.n == 0 || error != 0) return error;
  const Plan plan = knn::plan(p);
  const Grouping grouping = group(p, first, usable_multiplier(device, p) == Multiplier::kWarp ? kQueryTile : kWideQueryTile);
  if (error == 0) error = put(workspace, plan.tasks, grouping.tasks, stream);
  if (error == 0) error = put(workspace, plan.query_order, grouping.query_order, stream);
  if (error == 0) error = put(workspace, plan.reference_order, grouping.reference_order, stream);
  const auto ordered = [&](const float* data, int64_t ld, int64_t order, int64_t count) {
    return knn::Rows{data, ld, p.labels == nullptr ? nullptr : at<int64_t>(workspace, order), count};
  };
  const bool one_set = p.reference == nullptr, filtered = plan.method == Method::kFilter;
  const Rows references = ordered(one_set ? p.queries : p.reference, one_set ? p.queries_ld : p.reference_ld, plan.reference_order, p.n_reference);
  const Search s{one_set ? references : ordered(p.queries, p.queries_ld, plan.query_order, p.n),
                 references,
                 one_set ? first : 0,
                 p.n,
                 p.d,
                 static_cast<int>(p.k),
                 at<Task>(workspace, plan.tasks),
                 static_cast<int64_t>(grouping.tasks.size()),
                 packed_at(workspace, plan.queries),
                 {at<uint64_t>(workspace, plan.lists), at<int32_t>(workspace, plan.counts), at<float>(workspace, plan.thresholds)},
                 filtered ? at<int32_t>(workspace, plan.states) : nullptr,
                 result,
                 one_set};
  if (error == 0 && filtered) error = filter_and_rerank(device, p, plan, s, workspace, stream);
  const size_t entries = kRerankWarps * (static_cast<size_t>(p.k) * kEntryBytes + sizeof(int));
  return error != 0 ? error : launch(blocks_of(blocks_for(device, p.n), kRerankWarps * 32, entries), stream, &knn::scan, s);
}

}  // namespace quern::cuda
