// How a kNN call falls into independent searches: one over all rows, or one per class.
#pragma once

#include <cstdint>

#include "memory.hpp"
#include "quern/quern.h"

namespace quern {

// Queries at places [query_begin, query_begin + queries) seek among the references at places [reference_begin, …).
struct KnnClass {
  int64_t query_begin, queries;
  int64_t reference_begin, references;
};

// An order maps a place to a row and is ascending within a class; NULL is the identity.
struct KnnPlan {
  const int64_t* query_order;
  const int64_t* reference_order;
  const KnnClass* classes;
  int64_t class_count;
};

// Groups the rows of validated params by label. Refuses a short class by name and size unless told to clamp.
KnnPlan plan_knn(Arena& arena, const quern_knn_params& params);

}  // namespace quern
