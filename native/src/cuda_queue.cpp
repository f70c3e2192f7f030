#include "cuda_queue.hpp"

#include <algorithm>
#include <cstring>

#include "check.hpp"

namespace quern {
namespace {

// Large enough that the copies' overhead does not count, small enough to be held by every context.
constexpr int64_t kChunk = int64_t{4} << 20;

}  // namespace

CudaQueue::CudaQueue(int32_t device, void* stream)
    : functions_(cuda_library_of(device)), device_(device), stream_(stream), arena_(static_cast<MemorySource&>(*this)) {
  const CudaTurn turn(this);
  for (Chunk& chunk : chunks_) {
    require(functions_.allocate_pinned(kChunk, &chunk.memory));
    require(functions_.mark_create(&chunk.mark));
  }
}

CudaQueue::~CudaQueue() {
  int32_t before = 0;
  functions_.use(device_, &before);
  functions_.synchronize(stream_);
  arena_.trim();
  for (Chunk& chunk : chunks_) {
    functions_.free_pinned(chunk.memory);
    functions_.mark_destroy(chunk.mark);
  }
  functions_.use(before, &before);
}

bool CudaQueue::holds(const char* name, const void* memory) {
  int32_t device = -1;
  require(functions_.device_of(memory, &device));
  if (device >= 0 && device != device_) refuse("%s lies on CUDA device %d, allowed: the host or device %d", name, device, device_);
  return device == device_;
}

void CudaQueue::next_chunk() {
  require(functions_.mark_set(chunks_[chunk_].mark, stream_));
  chunk_ = 1 - chunk_;
  require(functions_.mark_wait(chunks_[chunk_].mark));
  used_ = 0;
}

void CudaQueue::upload(void* to, const void* from, int64_t bytes) {
  for (int64_t done = 0; done < bytes;) {
    if (used_ == kChunk) next_chunk();
    const int64_t piece = std::min(bytes - done, kChunk - used_);
    char* pinned = static_cast<char*>(chunks_[chunk_].memory) + used_;
    std::memcpy(pinned, static_cast<const char*>(from) + done, static_cast<size_t>(piece));
    require(functions_.copy(static_cast<char*>(to) + done, pinned, piece, stream_));
    used_ += piece;
    done += piece;
  }
}

void CudaQueue::download(void* to, const void* from, int64_t bytes) {
  synchronize();
  for (int64_t done = 0; done < bytes;) {
    const int64_t piece = std::min(bytes - done, kChunk);
    require(functions_.copy(chunks_[chunk_].memory, static_cast<const char*>(from) + done, piece, stream_));
    synchronize();
    std::memcpy(static_cast<char*>(to) + done, chunks_[chunk_].memory, static_cast<size_t>(piece));
    done += piece;
  }
}

void CudaQueue::copy(void* to, const void* from, int64_t bytes) {
  const bool to_device = holds("to", to), from_device = holds("from", from);
  if (to_device && from_device) {
    started("copy", functions_.copy(to, from, bytes, stream_));
  } else if (to_device) {
    upload(to, from, bytes);
    synchronize();
  } else if (from_device) {
    download(to, from, bytes);
  } else {
    std::memmove(to, from, static_cast<size_t>(bytes));
  }
}

void CudaQueue::started(const char* operation, int32_t error) {
  if (operations_.find(operation) == std::string::npos) operations_ += (operations_.empty() ? "" : ", ") + std::string(operation);
  require(error);
}

void CudaQueue::synchronize() {
  require(functions_.synchronize(stream_));
  operations_.clear();
  used_ = 0;
}

void CudaQueue::require_device() const {
  if (!lost_.empty()) fail(QUERN_DEVICE_LOST, "CUDA device %d is lost to this process: %s", device_, lost_.c_str());
}

void CudaQueue::require(int32_t error) {
  if (error == 0) return;
  const std::string failure = (operations_.empty() ? "" : operations_ + ": ") + functions_.error_text(error);
  // A fault of the device meets every later call, too.
  if (functions_.synchronize(stream_) == 0) fail(QUERN_INTERNAL, "CUDA device %d, %s", device_, failure.c_str());
  lost_ = failure;
  require_device();
}

char* CudaQueue::allocate(int64_t bytes) {
  void* memory = nullptr;
  require(functions_.allocate(bytes, &memory));
  if (memory == nullptr) {
    fail(QUERN_OUT_OF_MEMORY, "memory of CUDA device %d ran out: %lld bytes more are needed beside %lld", device_, static_cast<long long>(bytes),
         static_cast<long long>(arena_.bytes()));
  }
  return static_cast<char*>(memory);
}

void CudaQueue::release(char* memory) noexcept { functions_.free(memory); }

CudaTurn::CudaTurn(CudaQueue* queue) : queue_(queue) {
  if (queue == nullptr) return;
  queue->require_device();
  queue->require(queue->functions().use(queue->device(), &before_));
}

CudaTurn::~CudaTurn() {
  if (queue_ != nullptr) queue_->functions().use(before_, &before_);
}

}  // namespace quern

int32_t quern_device_allocate(int32_t device, int64_t bytes, void** memory) {
  return quern::guarded([&] {
    const quern::CudaLibrary& cuda = quern::cuda_library_of(device);
    quern::require_at_least("bytes", bytes, 1);
    quern::require_pointer("memory", memory);
    *memory = nullptr;
    int32_t before = 0, ignored = 0;
    int32_t error = cuda.use(device, &before);
    if (error == 0) error = cuda.allocate(bytes, memory);
    if (error == 0 && *memory != nullptr) error = cuda.clear(*memory, bytes, nullptr);
    if (error == 0) error = cuda.synchronize(nullptr);
    cuda.use(before, &ignored);
    if (error != 0) quern::fail(QUERN_DEVICE_LOST, "CUDA device %d: %s", device, cuda.error_text(error));
    if (*memory == nullptr) {
      quern::fail(QUERN_OUT_OF_MEMORY, "memory of CUDA device %d ran out: %lld bytes are needed", device, static_cast<long long>(bytes));
    }
  });
}

int32_t quern_device_free(int32_t device, void* memory) {
  return quern::guarded([&] {
    const quern::CudaLibrary& cuda = quern::cuda_library_of(device);
    int32_t before = 0, ignored = 0;
    cuda.use(device, &before);
    const int32_t error = cuda.free(memory);
    cuda.use(before, &ignored);
    if (error != 0) quern::fail(QUERN_DEVICE_LOST, "CUDA device %d: %s", device, cuda.error_text(error));
  });
}
