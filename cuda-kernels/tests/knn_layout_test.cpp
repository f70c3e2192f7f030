// Grouping and workspace of kNN density: from host code, without device memory.
#include "knn_layout.hpp"

#include "expect.hpp"

using namespace quern::cuda::knn;

namespace {

quern_knn_params among(int64_t n, int64_t d, int64_t k) {
  quern_knn_params p{};
  p.n = p.n_reference = n;
  p.d = p.queries_ld = p.reference_ld = d;
  p.k = k;
  return p;
}

}  // namespace

TEST("tasks cover every query once and name all references of its class") {
  for (int64_t n : {1, 63, 64, 65, 200}) {
    for (int64_t tile : {kQueryTile, kWideQueryTile}) {
      const Grouping all = group(among(n, 8, 1), 0, tile);
      int64_t next = 0;
      for (const Task& task : all.tasks) {
        EXPECT(task.query_begin == next && task.queries <= tile && task.reference_begin == 0 && task.references == n);
        next += task.queries;
      }
      EXPECT(next == n && all.tasks.size() == static_cast<size_t>((n - 1) / tile + 1));
    }
  }
}

TEST("classes are sorted by label, ascending within, and classes without references have none") {
  const int32_t labels[] = {7, 2, 7, 5, 2, 7}, reference_labels[] = {2, 7, 7, 0};
  const float any[4] = {};
  quern_knn_params p = among(6, 1, 1);
  p.reference = any;
  p.n_reference = 4;
  p.labels = labels;
  p.reference_labels = reference_labels;
  const Grouping g = group(p, 0, kQueryTile);
  EXPECT((g.query_order == std::vector<int64_t>{1, 4, 3, 0, 2, 5}));
  EXPECT((g.reference_order == std::vector<int64_t>{3, 0, 1, 2}));
  EXPECT(g.tasks.size() == 3);
  EXPECT(g.tasks[0].reference_begin == 1 && g.tasks[0].references == 1);
  EXPECT(g.tasks[1].query_begin == 2 && g.tasks[1].queries == 1 && g.tasks[1].references == 0);
  EXPECT(g.tasks[2].query_begin == 3 && g.tasks[2].reference_begin == 2 && g.tasks[2].references == 2);
}

TEST("some rows of one set have their places among the references") {
  const int32_t labels[] = {1, 0, 1, 0, 1, 0, 0};
  quern_knn_params p = among(7, 1, 1);
  p.n = 3;
  EXPECT(group(p, 2, kQueryTile).tasks[0].place_begin == 2);
  p.labels = labels;
  const Grouping g = group(p, 2, kQueryTile);
  EXPECT(g.query_order.empty() && (g.reference_order == std::vector<int64_t>{1, 3, 5, 6, 0, 2, 4}));
  EXPECT(g.tasks.size() == 2);
  EXPECT(g.tasks[0].query_begin == 0 && g.tasks[0].queries == 1 && g.tasks[0].place_begin == 1);
  EXPECT(g.tasks[0].reference_begin == 0 && g.tasks[0].references == 4);
  EXPECT(g.tasks[1].query_begin == 1 && g.tasks[1].queries == 2 && g.tasks[1].place_begin == 5);
  EXPECT(g.tasks[1].reference_begin == 4 && g.tasks[1].references == 3);
}

TEST("the workspace is linear in the rows up to 2^40, and beyond 2^62 bytes refused") {
  const int64_t thousand = plan(among(1000, 512, 10)).workspace_bytes;
  EXPECT(thousand > 1000 * 512 * 2 && thousand < 1000 * (512 * 2 + 700));
  EXPECT(plan(among(int64_t{1} << 30, 512, 10)).workspace_bytes > int64_t{1} << 40);
  EXPECT(plan(among(int64_t{1} << 40, 16, 10)).method == Method::kScan);
  EXPECT(plan(among(int64_t{1} << 40, 16, 10)).workspace_bytes > 0);
  quern_knn_params p = among(int64_t{1} << 60, 16, 10);
  const int32_t label = 0;
  p.labels = &label;
  EXPECT(plan(p).workspace_bytes == -1);
}

TEST("warpgroups multiply on compute 9.0 alone, and only rows that the copy engine can number") {
  const quern::cuda::Device ampere{108, 80, 163 * 1024}, hopper{132, 90, 227 * 1024}, blackwell{148, 100, 227 * 1024};
  EXPECT(multiplier(hopper, among(1000, 512, 10)) == Multiplier::kWarpgroup);
  EXPECT(multiplier(ampere, among(1000, 512, 10)) == Multiplier::kWarp && multiplier(blackwell, among(1000, 512, 10)) == Multiplier::kWarp);
  EXPECT(multiplier(hopper, among(int64_t{1} << 31, 512, 10)) == Multiplier::kWarp);
}

TEST("what the filter has no room or no bound for is scanned") {
  EXPECT(plan(among(1000, 512, 48)).method == Method::kFilter);
  EXPECT(plan(among(1000, 512, 49)).method == Method::kScan);
  EXPECT(plan(among(1000, 16385, 10)).method == Method::kScan);
  EXPECT(score_error(512) < 1.5e-3f && score_error(512) > 9.7e-4f);
}
