#include "knn_plan.hpp"
#include "operation.hpp"

namespace quern {
namespace {

constexpr int64_t kMaxNeighbours = 1024;
constexpr int64_t kLabels = int64_t{1} << 31;

// Rows 0 … n−1 by ascending label, equal labels by ascending row: a radix sort in four passes of eight bits.
const int64_t* order_by_label(Arena& arena, const int32_t* labels, int64_t n) {
  int64_t* order = arena.take<int64_t>(n);
  int64_t* next = arena.take<int64_t>(n);
  for (int64_t i = 0; i < n; i++) order[i] = i;
  for (int shift = 0; shift < 32; shift += 8) {
    int64_t start[257] = {};
    for (int64_t i = 0; i < n; i++) start[(labels[i] >> shift & 255) + 1]++;
    for (int digit = 0; digit < 256; digit++) start[digit + 1] += start[digit];
    for (int64_t i = 0; i < n; i++) next[start[labels[order[i]] >> shift & 255]++] = order[i];
    int64_t* sorted = next;
    next = order;
    order = sorted;
  }
  return order;
}

int64_t end_of_class(const int32_t* labels, const int64_t* order, int64_t begin, int64_t n) {
  int64_t end = begin;
  while (end < n && labels[order[end]] == labels[order[begin]]) end++;
  return end;
}

void refuse_short_class(const quern_knn_params& p, int32_t label, int64_t rows) {
  const long long k = static_cast<long long>(p.k), size = static_cast<long long>(rows);
  if (p.reference == nullptr) {
    if (rows <= p.k) refuse("class %d has %lld rows, allowed for k = %lld: ≥ %lld, or short_class clamp", label, size, k, k + 1);
  } else if (rows < p.k) {
    refuse("class %d has %lld reference rows, allowed for k = %lld: ≥ %lld, or short_class clamp", label, size, k, k);
  }
}

void validate_labels(const quern_knn_params& p) {
  if (p.labels == nullptr) {
    if (p.reference_labels != nullptr) refuse("reference_labels are given, allowed: NULL where labels are NULL");
    return;
  }
  require_index("labels", p.labels, p.n, kLabels);
  if (p.reference == nullptr) {
    if (p.reference_labels != nullptr) refuse("reference_labels are given, allowed: NULL where reference is NULL");
    return;
  }
  require_pointer("reference_labels", p.reference_labels);
  require_index("reference_labels", p.reference_labels, p.n_reference, kLabels);
}

void validate_choices(const quern_knn_params& p) {
  if (p.labels != nullptr) return;
  const int64_t choices = p.reference == nullptr ? p.n - 1 : p.n_reference;
  if (p.k > choices) {
    refuse("k is %lld, allowed: 1 … %lld (rows to choose from)", static_cast<long long>(p.k), static_cast<long long>(choices));
  }
}

// Checks everything but class sizes and resolves the defaults.
quern_knn_params validated(Workbench& bench, const quern_knn_params& params, const quern_knn_result& result) {
  quern_knn_params p = params;
  require_at_least("n", p.n, 0);
  require_at_least("d", p.d, 1);
  require_range("k", p.k, 1, kMaxNeighbours);
  require_range("short_class", p.short_class, QUERN_SHORT_CLASS_REFUSE, QUERN_SHORT_CLASS_CLAMP);
  p.queries_ld = leading_dimension("queries_ld", p.queries_ld, p.d);
  checked_mul(checked_mul(p.n, p.queries_ld, "queries"), sizeof(float), "queries");
  if (result.indices != nullptr || result.distances != nullptr) checked_mul(checked_mul(p.n, p.k, "indices"), sizeof(int64_t), "indices");
  if (p.reference == nullptr) {
    if (p.n_reference != 0 && p.n_reference != p.n) {
      refuse("n_reference is %lld, allowed without a reference: 0 or n = %lld", static_cast<long long>(p.n_reference),
             static_cast<long long>(p.n));
    }
    p.n_reference = p.n;
    p.reference_ld = p.queries_ld;
  } else {
    require_at_least("n_reference", p.n_reference, 1);
    p.reference_ld = leading_dimension("reference_ld", p.reference_ld, p.d);
    checked_mul(checked_mul(p.n_reference, p.reference_ld, "reference"), sizeof(float), "reference");
  }
  if (p.n == 0) return p;
  require_pointer("queries", p.queries);
  require_readable(bench, "labels", p.labels);
  require_readable(bench, "reference_labels", p.reference_labels);
  require_readable(bench, "fallback_rows", result.fallback_rows);
  validate_labels(p);
  validate_choices(p);
  return p;
}

}  // namespace

KnnPlan plan_knn(Arena& arena, const quern_knn_params& p) {
  if (p.labels == nullptr) {
    KnnClass* all = arena.take<KnnClass>(1);
    *all = {0, p.n, 0, p.n_reference};
    return {nullptr, nullptr, all, 1};
  }
  const int64_t* order = order_by_label(arena, p.labels, p.n);
  const int64_t* reference_order = p.reference == nullptr ? order : order_by_label(arena, p.reference_labels, p.n_reference);
  int64_t count = 0;
  for (int64_t i = 0; i < p.n; i = end_of_class(p.labels, order, i, p.n)) count++;
  KnnClass* classes = arena.take<KnnClass>(count);
  int64_t begin = 0, r = 0;
  for (int64_t c = 0; c < count; c++) {
    const int32_t label = p.labels[order[begin]];
    const int64_t end = end_of_class(p.labels, order, begin, p.n);
    classes[c] = {begin, end - begin, begin, end - begin};
    if (p.reference != nullptr) {
      while (r < p.n_reference && p.reference_labels[reference_order[r]] < label) r++;
      const bool any = r < p.n_reference && p.reference_labels[reference_order[r]] == label;
      const int64_t r_end = any ? end_of_class(p.reference_labels, reference_order, r, p.n_reference) : r;
      classes[c].reference_begin = r;
      classes[c].references = r_end - r;
      r = r_end;
    }
    if (p.short_class == QUERN_SHORT_CLASS_REFUSE) refuse_short_class(p, label, classes[c].references);
    begin = end;
  }
  return {order, reference_order, classes, count};
}

}  // namespace quern

int32_t quern_knn_density(quern_context* context, const quern_knn_params* params, const quern_knn_result* result) {
  using namespace quern;
  return operation(context, [&](Workbench& bench, const Kernels& kernels) {
    require_pointer("params", params);
    require_pointer("result", result);
    const quern_knn_params p = validated(bench, *params, *result);
    if (context->check_finite && p.n > 0) {
      if (readable(bench, "queries", p.queries)) require_finite("queries", p.queries, p.n, p.d, p.queries_ld);
      if (readable(bench, "reference", p.reference)) require_finite("reference", p.reference, p.n_reference, p.d, p.reference_ld);
    }
    if (p.n > 0) {
      kernels.knn_density(bench, p, *result);
    } else if (result->fallback_rows != nullptr) {
      *result->fallback_rows = 0;
    }
  });
}
