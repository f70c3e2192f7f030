// Offsets beyond 2^31 elements and 2^32 bytes, through mappings that show the same few pages over and over.
#include <sys/mman.h>
#include <unistd.h>

#include "knn_call.hpp"

using namespace quern::test;

namespace {

constexpr size_t kWindow = size_t{64} << 20;

// Zeros. Whatever is read is one of the pages of a small file, since some kernels put a page of its own behind every anonymous page that is
// read; a page that is written becomes its own.
class ZeroPages {
 public:
  explicit ZeroPages(int64_t count) : bytes_((static_cast<size_t>(count) * sizeof(float) + kWindow - 1) / kWindow * kWindow) {
    const int file = memfd_create("zeros", 0);
    if (file < 0 || ftruncate(file, kWindow) != 0) return;
    void* data = mmap(nullptr, bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data != MAP_FAILED) data_ = static_cast<float*>(data);
    for (size_t start = 0; data_ != nullptr && start < bytes_; start += kWindow) {
      void* window = static_cast<char*>(data) + start;
      if (mmap(window, kWindow, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, file, 0) != window) unmap();
    }
    close(file);
  }
  ZeroPages(const ZeroPages&) = delete;
  ZeroPages& operator=(const ZeroPages&) = delete;
  ~ZeroPages() { unmap(); }
  float* data() const { return data_; }

 private:
  void unmap() {
    if (data_ != nullptr) munmap(data_, bytes_);
    data_ = nullptr;
  }

  size_t bytes_;
  float* data_ = nullptr;
};

bool is_skipped(const ZeroPages& pages) {
  if (pages.data() != nullptr) return false;
  std::printf("skipped: this machine does not map that many addresses\n");
  return true;
}

int64_t largest_memory = 0;

// Counts the memory of this process, pages of files not counted, since those of the mappings above are the same 64 MB. Called while a context
// is open, whose workspaces are then as large as its calls made them.
void note_memory() {
  FILE* status = std::fopen("/proc/self/status", "r");
  EXPECT(status != nullptr);
  char line[256];
  long long kilobytes = -1;
  while (status != nullptr && std::fgets(line, sizeof line, status) != nullptr) {
    if (std::sscanf(line, "RssAnon: %lld kB", &kilobytes) == 1) break;
  }
  if (status != nullptr) std::fclose(status);
  EXPECT(kilobytes > 0);
  largest_memory = std::max(largest_memory, static_cast<int64_t>(kilobytes) * 1024 + static_cast<int64_t>(kWindow));
}

// The rows of a KnnCall spread `ld` apart.
void spread(const std::vector<float>& rows, int64_t d, int64_t ld, float* to) {
  for (size_t i = 0; i * static_cast<size_t>(d) < rows.size(); i++) {
    std::copy_n(rows.begin() + static_cast<int64_t>(i) * d, d, to + static_cast<int64_t>(i) * ld);
  }
}

KnnAnswer ask(quern_context* context, const quern_knn_params& params) {
  KnnAnswer answer;
  answer.density.assign(static_cast<size_t>(params.n), NAN);
  answer.distances.assign(static_cast<size_t>(params.n * params.k), NAN);
  answer.indices.assign(static_cast<size_t>(params.n * params.k), -7);
  const quern_knn_result result{answer.density.data(), answer.distances.data(), answer.indices.data(), nullptr};
  EXPECT(quern_knn_density(context, &params, &result) == QUERN_OK);
  note_memory();
  return answer;
}

}  // namespace

TEST("cosine of 2^31 + 4096 dense elements") {
#if defined(__SANITIZE_THREAD__)
  std::printf("skipped: the thread sanitizer shadows every element read, four times over\n");
  return;
#endif
  constexpr int64_t d = 512, n = ((int64_t{1} << 31) + 4096) / d;
  const ZeroPages x(n * d);
  if (is_skipped(x)) return;
  for (int64_t j = 0; j < d; j++) x.data()[(n - 1) * d + j] = static_cast<float>(j);
  std::vector<float> out(static_cast<size_t>(n), NAN);
  quern_cosine_params params{};
  params.x = params.y = x.data();
  params.n = n;
  params.d = d;
  const Context context = open();
  EXPECT(quern_cosine_consistency(context.get(), &params, out.data()) == QUERN_OK);
  note_memory();
  EXPECT(std::fabs(out.back() - 1.0f) < 1e-6f);
  int64_t zeros = 0;
  for (float value : out) zeros += value == 0.0f;
  EXPECT(zeros == n - 1);
}

TEST("cosine against table rows beyond 2^32 elements") {
  constexpr int64_t rows = (1 << 16) + 5, ld = int64_t{1} << 16, d = 3;
  const ZeroPages table(rows * ld);
  if (is_skipped(table)) return;
  float* last = table.data() + (rows - 1) * ld;
  last[0] = 3.0f;
  last[1] = 4.0f;
  const std::vector<float> x = {1, 0, 0, 0, 1, 0, 3, 4, 0};
  const std::vector<int32_t> index = {rows - 1, rows - 1, rows - 2};
  std::vector<float> out(3, NAN);
  quern_cosine_params params{};
  params.x = x.data();
  params.n = 3;
  params.d = d;
  params.y = table.data();
  params.y_rows = rows;
  params.y_ld = ld;
  params.index = index.data();
  for (int isa : tiers()) {
    EXPECT(quern_cosine_consistency(open(isa).get(), &params, out.data()) == QUERN_OK);
    EXPECT_NEAR(out[0], 0.6, 1e-7);
    EXPECT_NEAR(out[1], 0.8, 1e-7);
    EXPECT(out[2] == 0.0f);
  }
}

TEST("kNN of few queries and of a reference that lie beyond 2^32 elements") {
  auto random = seeded(300);
  const int64_t d = 5, k = 3, n = 6, m = 1500, queries_ld = int64_t{1} << 30, reference_ld = (int64_t{1} << 22) + 1;
  KnnCall dense = among_themselves(gaussian(random, static_cast<size_t>(n * d)), d, k);
  dense.reference = gaussian(random, static_cast<size_t>(m * d));
  const ZeroPages queries(n * queries_ld), reference(m * reference_ld);
  if (is_skipped(queries) || is_skipped(reference)) return;
  spread(dense.queries, d, queries_ld, queries.data());
  spread(dense.reference, d, reference_ld, reference.data());
  quern_knn_params params = dense.params();
  params.queries = queries.data();
  params.queries_ld = queries_ld;
  params.reference = reference.data();
  params.reference_ld = reference_ld;
  for (int isa : tiers()) {
    Context context = open(isa);
    EXPECT(ask(context.get(), params) == quern::test::ask(context.get(), dense));
  }
}

TEST("kNN among rows that lie beyond 2^32 elements, in one set, by class and of many queries") {
  auto random = seeded(301);
  const int64_t d = 33, k = 4, n = 400, ld = (int64_t{1} << 24) + 16;
  KnnCall dense = among_themselves(gaussian(random, static_cast<size_t>(n * d)), d, k), by_class = dense, to_reference = dense;
  by_class.labels = random_labels(random, n, 3);
  to_reference.reference = gaussian(random, 200 * d);
  const ZeroPages rows(n * ld);
  if (is_skipped(rows)) return;
  spread(dense.queries, d, ld, rows.data());
  for (const KnnCall* call : {&dense, &by_class, &to_reference}) {
    quern_knn_params params = call->params();
    params.queries = rows.data();
    params.queries_ld = ld;
    for (int isa : tiers()) {
      Context context = open(isa);
      EXPECT(ask(context.get(), params) == quern::test::ask(context.get(), *call));
    }
  }
}

TEST("all of this takes less than 2 GB of memory") {
  std::printf("%lld MB at most\n", static_cast<long long>(largest_memory >> 20));
  EXPECT(largest_memory < int64_t{2} << 30);
}
