#include "knn_layout.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace quern::cuda::knn {
namespace {

constexpr int64_t kWidest = 16384;  // beyond, the bound of float32 sums rules nothing out
constexpr int64_t kMostPlaces = (int64_t{1} << 31) - kWideReferenceTile;

// Stable, by 16 bits of the label at a time.
std::vector<int64_t> order_by_label(const int32_t* labels, int64_t n) {
  std::vector<int64_t> order(static_cast<size_t>(n)), next(order.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  for (const int shift : {0, 16}) {
    const auto digit = [=](int64_t row) { return static_cast<uint32_t>(labels[row]) >> shift & 0xffff; };
    std::vector<size_t> begin(0x10001);
    for (const int64_t row : order) begin[digit(row) + 1]++;
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    for (const int64_t row : order) next[begin[digit(row)]++] = row;
    order.swap(next);
  }
  return order;
}

void add_class(std::vector<Task>& tasks, const Task& all, int64_t query_tile) {
  for (int64_t at = 0; at < all.queries; at += query_tile) {
    tasks.push_back({all.query_begin + at, std::min(query_tile, all.queries - at), all.place_begin + at, all.reference_begin, all.references});
  }
}

// Hands out offsets; what does not fit 2^62 bytes is remembered.
class Layout {
 public:
  int64_t take(int64_t count, int64_t size) {
    int64_t bytes = 0, after = 0;
    const int64_t at = used_;
    if (__builtin_mul_overflow(count, size, &bytes) || __builtin_add_overflow(used_, bytes, &after) || after > (int64_t{1} << 62)) {
      fits_ = false;
      return 0;
    }
    used_ = (after + 255) / 256 * 256;
    return at;
  }
  RowsAt take_rows(int64_t count, int64_t padded) {
    int64_t values = 0;
    if (__builtin_mul_overflow(count, padded, &values)) fits_ = false;
    return {take(values, sizeof(uint16_t)), take(count, sizeof(float)), take(count, sizeof(float)), take(count, sizeof(double))};
  }
  int64_t bytes() const { return fits_ ? used_ : -1; }

 private:
  int64_t used_ = 0;
  bool fits_ = true;
};

}  // namespace

Multiplier multiplier(const Device& device, const quern_knn_params& p) {
  return device.compute == 90 && p.n <= kMostPlaces ? Multiplier::kWarpgroup : Multiplier::kWarp;
}

Grouping group(const quern_knn_params& p, int64_t first, int64_t query_tile) {
  const bool one_set = p.reference == nullptr;
  Grouping g;
  if (p.labels == nullptr) {
    add_class(g.tasks, {0, p.n, one_set ? first : 0, 0, p.n_reference}, query_tile);
    return g;
  }
  if (!one_set) g.query_order = order_by_label(p.labels, p.n);
  g.reference_order = order_by_label(one_set ? p.labels : p.reference_labels, p.n_reference);
  const auto& order = one_set ? g.reference_order : g.query_order;
  int64_t query = 0;
  for (auto begin = order.begin(); begin < order.end();) {
    const int32_t label = p.labels[*begin];
    const auto end = std::partition_point(begin, order.end(), [&](int64_t row) { return p.labels[row] == label; });
    auto queries = begin, queries_end = end, references = begin, references_end = end;
    if (one_set) {
      queries = std::lower_bound(begin, end, first);
      queries_end = std::lower_bound(begin, end, first + p.n);
    } else {
      const auto& all = g.reference_order;
      references = std::partition_point(all.begin(), all.end(), [&](int64_t row) { return p.reference_labels[row] < label; });
      references_end = std::partition_point(references, all.end(), [&](int64_t row) { return p.reference_labels[row] == label; });
    }
    add_class(g.tasks, {query, queries_end - queries, queries - order.begin(), references - g.reference_order.begin(), references_end - references},
              query_tile);
    query += queries_end - queries;
    begin = end;
  }
  return g;
}

Plan plan(const quern_knn_params& p) {
  Plan plan{};
  Layout layout;
  plan.method = p.k <= kMostFiltered && p.d <= kWidest && p.n_reference <= kMostPlaces ? Method::kFilter : Method::kScan;
  plan.padded = p.d <= kWidest ? (p.d + kColumns - 1) / kColumns * kColumns : p.d;
  plan.tasks = layout.take(p.labels == nullptr ? p.n / kQueryTile + 1 : p.n, sizeof(Task));
  plan.query_order = layout.take(p.labels == nullptr || p.reference == nullptr ? 0 : p.n, sizeof(int64_t));
  plan.reference_order = layout.take(p.labels == nullptr ? 0 : p.n_reference, sizeof(int64_t));
  if (plan.method == Method::kFilter) {
    plan.centre = layout.take(p.d, sizeof(float));
    plan.references = layout.take_rows(p.n_reference, plan.padded);
    plan.queries = p.reference == nullptr ? plan.references : layout.take_rows(p.n, plan.padded);
    plan.lists = layout.take(p.n, kKept * static_cast<int64_t>(sizeof(uint64_t)));
    plan.counts = layout.take(p.n, sizeof(int32_t));
    plan.thresholds = layout.take(p.n, sizeof(float));
    plan.states = layout.take(p.n, sizeof(int32_t));
  }
  plan.workspace_bytes = layout.bytes();
  return plan;
}

float score_error(int64_t d) {
  const double width = static_cast<double>(d);
  const double loss = std::ldexp(1.0, -11) + std::ldexp(std::sqrt(width), -25);  // of a row of norm 1 in fp16
  const double sums = std::ldexp(width + 16, -22) * (1 + loss) * (1 + loss);     // of products in float32, truncated at every step
  return static_cast<float>(2 * loss + loss * loss + sums + 1e-5);               // the last: float32 roundings of rows, norms and scores
}

}  // namespace quern::cuda::knn
