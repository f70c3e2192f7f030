/* The C ABI of libquern_cuda.so, which libquern.so opens at run time. Pointers in parameter structs are device pointers; calls are asynchronous
 * on the stream (a cudaStream_t, NULL: the default one of the thread's device) and return a cudaError_t, 0: put on the stream. */
#ifndef QUERN_CUDA_H
#define QUERN_CUDA_H

#include "quern/quern.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a signature or a struct of this header or of quern.h changes; another one is refused. */
#define QUERN_CUDA_ABI 4
QUERN_API int32_t quern_cuda_abi(void);

/* Devices of the machine; an error if there is no driver, which quern_cuda_error_text explains. */
QUERN_API int32_t quern_cuda_device_count(int32_t* count);
/* "name, compute major.minor, MiB" of a device, cut to size bytes. */
QUERN_API int32_t quern_cuda_describe(int32_t device, char* text, int64_t size);
QUERN_API const char* quern_cuda_error_text(int32_t error);

/* Makes a device the thread's and says which one was. */
QUERN_API int32_t quern_cuda_use(int32_t device, int32_t* before);
/* The device that memory lies on; −1: the host's. */
QUERN_API int32_t quern_cuda_device_of(const void* memory, int32_t* device);
/* Memory of the thread's device, aligned to 256 bytes; *memory is NULL where there is not enough, which is no error. */
QUERN_API int32_t quern_cuda_allocate(int64_t bytes, void** memory);
QUERN_API int32_t quern_cuda_free(void* memory);
/* Page-locked memory of the host. */
QUERN_API int32_t quern_cuda_allocate_pinned(int64_t bytes, void** memory);
QUERN_API int32_t quern_cuda_free_pinned(void* memory);
QUERN_API int32_t quern_cuda_copy(void* to, const void* from, int64_t bytes, void* stream);
QUERN_API int32_t quern_cuda_clear(void* memory, int64_t bytes, void* stream);
QUERN_API int32_t quern_cuda_synchronize(void* stream);
/* A mark on a stream that the host can wait for; an unset one is passed. */
QUERN_API int32_t quern_cuda_mark_create(void** mark);
QUERN_API int32_t quern_cuda_mark_destroy(void* mark);
QUERN_API int32_t quern_cuda_mark_set(void* mark, void* stream);
QUERN_API int32_t quern_cuda_mark_wait(void* mark);

QUERN_API int32_t quern_cuda_cosine_consistency(const quern_cosine_params* params, float* consistency, void* stream);

/* mean and std lie in the struct; all other arrays on the device. workspace: quern_cuda_augment_workspace() bytes, aligned to 256. */
QUERN_API int32_t quern_cuda_augment_workspace(const quern_augment_params* params, int64_t* bytes);
QUERN_API int32_t quern_cuda_augment(const quern_augment_params* params, void* output, void* workspace, void* stream);

QUERN_API int32_t quern_cuda_erase(const quern_erase_params* params, void* stream);
QUERN_API int32_t quern_cuda_mix(const quern_mix_params* params, void* output, void* stream);

/* ns, ms and annealing are host pointers. workspace: quern_cuda_sinkhorn_workspace() bytes (−1: more than 2^62), aligned to 256. */
QUERN_API int32_t quern_cuda_sinkhorn_workspace(const quern_sinkhorn_params* params, int64_t* bytes);
QUERN_API int32_t quern_cuda_sinkhorn(const quern_sinkhorn_params* params, const float* cost, const quern_sinkhorn_result* result, void* workspace,
                                      void* stream);

/* ns, ms and annealing are host pointers. A problem that quern_sinkhorn_points would refuse for its points, labels or ratio gets NaN results and 0
 * iterations. workspace: quern_cuda_sinkhorn_points_workspace() bytes (−1: more than 2^62), aligned to 256. */
QUERN_API int32_t quern_cuda_sinkhorn_points_workspace(const quern_sinkhorn_params* params, const quern_point_clouds* clouds, int64_t* bytes);
QUERN_API int32_t quern_cuda_sinkhorn_points(const quern_sinkhorn_params* params, const quern_point_clouds* clouds,
                                             const quern_sinkhorn_result* result, void* workspace, void* stream);

/* ns, ms and diameters are host pointers; refusals and workspace as above. */
QUERN_API int32_t quern_cuda_sinkhorn_divergence_workspace(const quern_divergence_params* params, const quern_point_clouds* clouds, int64_t* bytes);
QUERN_API int32_t quern_cuda_sinkhorn_divergence(const quern_divergence_params* params, const quern_point_clouds* clouds,
                                                 const quern_divergence_result* result, void* workspace, void* stream);

/* labels and reference_labels are host pointers. Without a reference, queries and labels are those of n_reference rows, of which [first, first + n)
 * are asked for. workspace: quern_cuda_knn_workspace() bytes (−1: more than 2^62), aligned to 256. */
QUERN_API int32_t quern_cuda_knn_workspace(const quern_knn_params* params, int64_t* bytes);
QUERN_API int32_t quern_cuda_knn_density(const quern_knn_params* params, int64_t first, const quern_knn_result* result, void* workspace,
                                       void* stream);

#ifdef __cplusplus
}
#endif
#endif
