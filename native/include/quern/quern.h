/* Quern: the whole C ABI.
 *
 * Conventions
 *   - Arrays are row-major float32 unless said otherwise; sizes and strides are int64_t and count elements, never bytes.
 *     A leading dimension of 0 means "dense" (equal to the row length).
 *   - Every call returns a quern_status. On failure quern_last_error() tells, on the same thread, which argument was refused, its
 *     value and what is allowed; outputs are then unspecified, the context stays usable.
 *   - A context owns a thread pool and workspaces. Calls on one context from many threads are safe; they take turns.
 *     Nothing is allocated per call once a workspace has grown to the largest shape seen.
 *   - A context on a CUDA device takes the same calls. Costs, points, rows, images and all outputs may lie on the host or on the device;
 *     sizes, weights, indices, labels, ops and whatever else is checked value by value lie on the host. What lies on the host is checked,
 *     brought to the device and back; what lies on the device is used in place, its values unchecked. A call whose outputs all lie on the
 *     device returns once it is on the context's stream; failures of its work surface at the next call that waits, with the operation's name.
 *   - Results have the same bits on every instruction set and for every thread count.
 *   - Parameter structs are zero-initialised by the caller; 0 or NULL selects the documented default.
 */
#ifndef QUERN_H
#define QUERN_H

#include <stdint.h>

#if defined(__GNUC__)
#define QUERN_API __attribute__((visibility("default")))
#else
#define QUERN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- status ------------------------------------------------------------------------------------------------------------- */

enum quern_status {
  QUERN_OK = 0,
  QUERN_INVALID_ARGUMENT = 1, /* the message names the argument, its value and what is allowed */
  QUERN_OUT_OF_MEMORY = 2,    /* of the host or the device; the context stays usable */
  QUERN_UNSUPPORTED = 3,      /* this machine or build cannot do it; the message says why */
  QUERN_NOT_FINITE = 4,       /* finite check asked for, and a NaN or infinity found; the message names the first index */
  QUERN_INTERNAL = 5,
  QUERN_DEVICE_LOST = 6 /* a fault that the device does not recover from within this process */
};

/* Text of the last failure on this thread; "" if none. Valid until the next failing call on this thread. */
QUERN_API const char* quern_last_error(void);

/* "major.minor.patch" of the library. */
QUERN_API const char* quern_version(void);

/* ---- processor ------------------------------------------------------------------------------------------------------------- */

/* The processor's name as CPUID tells it; "" where it tells none. */
QUERN_API const char* quern_processor_name(void);

/* Bytes of the data cache of a level, 1 … 3, as CPUID tells them; 0 where it tells none: no such level, caches that a virtual machine hides,
 * another architecture. */
QUERN_API int64_t quern_cache_bytes(int32_t level);

/* 1 on an AMD processor whose virtual machine hides its caches (CPUID leaf 0x8000001D, subleaf 0 has type 0), otherwise 0. Libraries that
 * take such caches for one byte compute slowly, wrongly or not at all. */
QUERN_API int32_t quern_hides_caches(void);

/* ---- instruction sets and context ---------------------------------------------------------------------------------------- */

enum quern_isa { QUERN_ISA_AUTO = 0, QUERN_ISA_BASELINE = 1, QUERN_ISA_AVX2 = 2, QUERN_ISA_AVX512 = 3, QUERN_ISA_AMX = 4 };

/* NULL if this machine and build can run the tier, otherwise the reason why not. */
QUERN_API const char* quern_isa_refusal(int32_t isa);

enum quern_backend { QUERN_CPU = 0, QUERN_CUDA = 1 };

typedef struct quern_context quern_context;

typedef struct quern_context_options {
  int32_t threads;      /* 1 … 1024; 0: the cores this process may use */
  int32_t isa;          /* quern_isa; AUTO: environment QUERN_ISA (baseline|avx2|avx512|amx), else the best that runs */
  int32_t check_finite; /* 1: scan float inputs on the host and fail with QUERN_NOT_FINITE naming the first bad index */
  int32_t backend;      /* quern_backend: where kernels run; CUDA needs a quern_device_open that has succeeded */
  int32_t device;       /* number of the CUDA device */
  void* stream;         /* cudaStream_t of the device that calls are put on; NULL: its default one */
} quern_context_options;

/* options may be NULL. On success *context must be released with quern_context_destroy. */
QUERN_API int32_t quern_context_create(const quern_context_options* options, quern_context** context);
QUERN_API void quern_context_destroy(quern_context* context);
QUERN_API int32_t quern_context_threads(const quern_context* context);
QUERN_API int32_t quern_context_isa(const quern_context* context);
/* Bytes of workspace the context holds now. */
QUERN_API int64_t quern_context_workspace_bytes(quern_context* context);
/* Returns the workspaces to the system. */
QUERN_API void quern_context_trim(quern_context* context);
/* Waits for the calls on the stream and tells what became of them; on the CPU calls have ended when they return. */
QUERN_API int32_t quern_context_synchronize(quern_context* context);
/* Copies bytes between memory of the host and of the context's device, in order with the calls; waits unless both lie on the device. */
QUERN_API int32_t quern_context_copy(quern_context* context, void* to, const void* from, int64_t bytes);

/* ---- CUDA devices -------------------------------------------------------------------------------------------------------- */

/* Opens the CUDA kernels; everything else works without them. library: a path, or NULL for libquern_cuda.so where the dynamic linker looks.
 * QUERN_UNSUPPORTED if the file is missing or belongs to another version, or if it finds no driver or no device; the message says which. Once
 * it has succeeded, further calls change nothing. */
QUERN_API int32_t quern_device_open(const char* library);
/* 0 until quern_device_open has succeeded. */
QUERN_API int32_t quern_device_count(void);
/* Writes "name, compute major.minor, MiB" with its final 0, cut to size ≥ 1 bytes. */
QUERN_API int32_t quern_device_describe(int32_t device, char* text, int64_t size);
/* Zeroed memory on a device, aligned to 256 bytes, to be released with quern_device_free. bytes ≥ 1. */
QUERN_API int32_t quern_device_allocate(int32_t device, int64_t bytes, void** memory);
/* Waits for the work on the device; memory may be NULL. */
QUERN_API int32_t quern_device_free(int32_t device, void* memory);

/* ---- Sinkhorn ------------------------------------------------------------------------------------------------------------ */

/* Entropic optimal transport (Cuturi 2013), log-safe (Schmitzer 2019), a batch of problems in one call:
 *     minimise over plans P with marginals a, b:   <P,C> + epsilon KL(P | a bᵀ)
 * by f ← softmin(C, log b + g/ε), g ← softmin(Cᵀ, log a + f/ε), where softmin_ε(C,h)_i = −ε log Σ_j exp(h_j − C_ij/ε);
 * P_ij = a_i b_j exp((f_i + g_j − C_ij)/ε). Starts from g = 0, ends after a g update: column marginals hold, the reported error is the
 * L1 distance of the row marginals.
 * Points of weight 0 take no part: their potential is reported as 0, their plan entries are 0. The same holds for a point that can reach no
 * other because all its costs are +infinity; such a problem is infeasible, ends by max_iterations, and its error tells.
 * Accuracy: cost (relative) and marginal_error (absolute) are within max(1e-6, r/2^25) of a float64 run of as many iterations, r = max |C|/ε ≤ 1000;
 * plan entries below 2^-66 of their row's weight may be 0, and what they cost is lost. */
typedef struct quern_sinkhorn_params {
  int64_t batch;          /* B ≥ 0 */
  int64_t n, m;           /* shape of every problem, ≥ 1; ignored where ns, ms are given */
  const int64_t* ns;      /* [B] ragged: problem p is ns[p] × ms[p]; all arrays are then packed one problem after the other */
  const int64_t* ms;      /* [B] */
  const float* a;         /* [B,n] row marginals, ≥ 0, each problem sums to 1 (±1e-3; renormalised); NULL: uniform */
  const float* b;         /* [B,m] */
  const float* epsilons;  /* [B] or NULL */
  double epsilon;         /* 1e-30 … 1e30; used where epsilons is NULL */
  const double* annealing;/* [annealing_steps] factors 1 … 1e6 of ε for the first iterations, one each; may be NULL */
  int64_t annealing_steps;/* 0 … max_iterations − 1 */
  int64_t max_iterations; /* ≥ 1; 0: 1000. One iteration updates f and g */
  double tolerance;       /* stop a problem when its marginal error ≤ tolerance, checked every 10 iterations after the annealing and at the end;
                             0: never stop early. Refused when 0 < tolerance < 1e-6 (fp32 floor) */
} quern_sinkhorn_params;

typedef struct quern_sinkhorn_result {
  float* f;              /* [B,n] or NULL */
  float* g;              /* [B,m] or NULL */
  float* plan;           /* [B,n,m] or NULL; not for point clouds */
  double* cost;          /* [B] <P,C> or NULL */
  double* dual;          /* [B] <a,f> + <b,g>, the entropic value at convergence, or NULL */
  double* marginal_error;/* [B] Σ_i |Σ_j P_ij − a_i| or NULL */
  int64_t* iterations;   /* [B] or NULL */
  uint8_t* converged;    /* [B] 1 if the tolerance was met (always 0 for tolerance 0), or NULL */
} quern_sinkhorn_result;

/* Stored costs. cost: [B,n,m] (ragged: packed), |C| ≤ 2^21·ε, or +infinity to forbid the pair; anything else is refused naming its index. */
QUERN_API int32_t quern_sinkhorn(quern_context* context, const quern_sinkhorn_params* params, const float* cost,
                                 const quern_sinkhorn_result* result);

/* Ground cost of two labelled point clouds, never stored: C_ij = scale·‖x_i − y_j‖² + table[x_label_i · table_ld + y_label_j]
 * (Alvarez-Melis & Fusi 2020). Memory O((n+m)·d). A NaN or infinity is refused naming its index, and so is a problem whose costs, bounded by
 * the joint bounding box of its points, may exceed 2^21·ε. Where points lie on a device, such a problem gets NaN and 0 iterations instead. */
typedef struct quern_point_clouds {
  const float* x;          /* [ΣB n, d] within ±1e18 */
  const float* y;          /* [ΣB m, d] */
  int64_t d;               /* ≥ 1 */
  double scale;            /* 1e-6 … 1e6; 0: ½ */
  const float* table;      /* [labels, table_ld] finite label distances, already weighted; NULL: none */
  int64_t labels;          /* rows = columns of the table */
  int64_t table_ld;        /* 0: labels */
  const int32_t* x_labels; /* [ΣB n] in [0, labels); required with a table, else ignored */
  const int32_t* y_labels; /* [ΣB m] */
} quern_point_clouds;

QUERN_API int32_t quern_sinkhorn_points(quern_context* context, const quern_sinkhorn_params* params, const quern_point_clouds* clouds,
                                        const quern_sinkhorn_result* result);

/* Sinkhorn divergence of point clouds with uniform weights, as geomloss computes it (Feydy et al. 2019): ε-annealing from the diameter
 * down to epsilon by scaling² (p = 2), averaged parallel updates, one final full update, no convergence test.
 *     value = <a, f − p> + <b, g − q>   (debiased)      or  <a,f> + <b,g>   (biased)
 * The schedule is diameter², then diameter²·scaling^2k for k = 0, 1, … while above epsilon, then epsilon. A debiased divergence of two clouds of
 * equal bits is exactly 0. With a table the labels of x and y index the same rows and columns, for the self terms too. */
typedef struct quern_divergence_params {
  int64_t batch;             /* B */
  int64_t n, m;
  const int64_t* ns;         /* as in quern_sinkhorn_params */
  const int64_t* ms;
  double epsilon;            /* 1e-30 … 1e30: target ε = blur² */
  double scaling;            /* 0.01 … 0.999; 0: 0.5 */
  const double* diameters;   /* [B] 1e-15 … 1e15, or NULL: of the joint bounding box of each problem's points (√epsilon if that is 0) */
  int32_t biased;            /* 1: no self terms */
} quern_divergence_params;

typedef struct quern_divergence_result {
  double* value;       /* [B] */
  float* f;            /* [B,n] f − p if debiased; or NULL */
  float* g;            /* [B,m] or NULL */
  int64_t* iterations; /* [B] length of the schedule, or NULL */
} quern_divergence_result;

QUERN_API int32_t quern_sinkhorn_divergence(quern_context* context, const quern_divergence_params* params,
                                            const quern_point_clouds* clouds, const quern_divergence_result* result);

/* ---- kNN density ----------------------------------------------------------------------------------------------------------- */

enum quern_short_class {
  QUERN_SHORT_CLASS_REFUSE = 0, /* a class with too few members for k neighbours is an error */
  QUERN_SHORT_CLASS_CLAMP = 1   /* such rows use all the neighbours there are; a row with none gets density 0 */
};

/* Mean Euclidean distance to the k nearest neighbours, exact: distances are recomputed by direct differences, ties go to the lower index.
 * Distances are within 2e-6 of float64, relative; neighbours are float64's but for ties within that bound. +infinity beyond float32.
 * A NaN or infinite query row gets density NaN, distances NaN and indices −1; such reference rows are nobody's neighbours.
 * A row that finds fewer than k neighbours gets the mean over those it has, 0 over none. Memory O(n·d + n_reference·d + n·k). */
typedef struct quern_knn_params {
  const float* queries;          /* [n,d] */
  int64_t n;                     /* ≥ 0 */
  int64_t d;                     /* ≥ 1 */
  int64_t queries_ld;
  const float* reference;        /* [n_reference,d]; NULL: the queries themselves, each excluding itself by index */
  int64_t n_reference;           /* ≥ 1 with a reference; 0 or n without */
  int64_t reference_ld;
  int64_t k;                     /* 1 … 1024, and at most the rows to choose from: n − 1 without a reference, n_reference with one */
  const int32_t* labels;         /* [n] ≥ 0: neighbours within the query's class only; NULL: among all */
  const int32_t* reference_labels; /* [n_reference] ≥ 0; required where labels and reference are given, else NULL */
  int32_t short_class;           /* quern_short_class */
} quern_knn_params;

typedef struct quern_knn_result {
  float* density;    /* [n] mean distance, or NULL */
  float* distances;  /* [n,k] ascending, NaN where there is no neighbour, or NULL */
  int64_t* indices;  /* [n,k] rows of the reference, −1 where there is none, or NULL */
  int64_t* fallback_rows; /* [1] rows whose candidates outgrew the filter's list and were settled by more true distances, or NULL;
                             a measure of speed, never of exactness */
} quern_knn_result;

QUERN_API int32_t quern_knn_density(quern_context* context, const quern_knn_params* params, const quern_knn_result* result);

/* ---- cosine consistency -------------------------------------------------------------------------------------------------------- */

/* consistency_i = cos(x_i, y_i), or cos(x_i, y_index[i]) against a table. Rows of norm 0 give 0; NaN or infinity stays in its row. */
typedef struct quern_cosine_params {
  const float* x;       /* [n,d] */
  int64_t n;            /* ≥ 0 */
  int64_t d;            /* ≥ 1 */
  int64_t x_ld;
  const float* y;       /* [n,d], or [rows,d] with an index */
  int64_t y_rows;       /* rows of y; 0 without an index: n */
  int64_t y_ld;
  const int32_t* index; /* [n] in [0, y_rows), or NULL */
} quern_cosine_params;

QUERN_API int32_t quern_cosine_consistency(quern_context* context, const quern_cosine_params* params, float* consistency);

/* ---- fused augment --------------------------------------------------------------------------------------------------------------- */

enum quern_dtype { QUERN_UINT8 = 0, QUERN_FLOAT32 = 1, QUERN_BFLOAT16 = 2, QUERN_FLOAT16 = 3 };
enum quern_layout { QUERN_NHWC = 0, QUERN_NCHW = 1 };
enum quern_resample { QUERN_NEAREST = 0, QUERN_BILINEAR = 1 };
enum quern_padding { QUERN_PAD_ZERO = 0, QUERN_PAD_REFLECT = 1 };

/* The value of an op is its physical parameter, in Pillow's terms; all results equal Pillow's bit for bit. Geometric ops keep the size and
 * leave black outside. Enhancer factors are rounded to float32 (beyond its range: the largest float32). Any finite value is fine. */
enum quern_augment_op {
  QUERN_OP_IDENTITY = 0,
  QUERN_OP_AUTO_CONTRAST = 1,
  QUERN_OP_EQUALIZE = 2,
  QUERN_OP_ROTATE = 3,      /* degrees, counter-clockwise about the centre */
  QUERN_OP_SOLARIZE = 4,    /* threshold 0 … 256, whole or not: values ≥ threshold are inverted */
  QUERN_OP_COLOR = 5,       /* enhancer factor; 1 is the identity */
  QUERN_OP_POSTERIZE = 6,   /* bits kept, an integer 0 … 8 */
  QUERN_OP_CONTRAST = 7,    /* enhancer factor */
  QUERN_OP_BRIGHTNESS = 8,  /* enhancer factor */
  QUERN_OP_SHARPNESS = 9,   /* enhancer factor */
  QUERN_OP_SHEAR_X = 10,    /* factor s of the inverse map (1,s,0,0,1,0) */
  QUERN_OP_SHEAR_Y = 11,    /* (1,0,0,s,1,0) */
  QUERN_OP_TRANSLATE_X = 12,/* pixels t of the inverse map (1,0,t,0,1,0): positive moves the content left */
  QUERN_OP_TRANSLATE_Y = 13,/* (1,0,0,0,1,t): positive moves the content up */
  QUERN_OP_INVERT = 14
};

#define QUERN_MAX_CHAIN 4

/* Per sample: ops in order → crop (from the padded image) → horizontal flip → normalise → cutout, in one pass. Every code, value, offset and
 * flag is checked before the output is touched; the message names the sample and the slot. */
typedef struct quern_augment_params {
  const uint8_t* images;    /* [B,H,W,3], with an index [image_count,H,W,3] */
  int64_t batch;            /* B ≥ 0 */
  int64_t height, width;    /* 1 … 16384 */
  int64_t chain;            /* ops per sample, 0 … QUERN_MAX_CHAIN */
  const int32_t* ops;       /* [B,chain] quern_augment_op */
  const double* values;     /* [B,chain] finite; not looked at by ops without a parameter */
  int32_t resample;         /* quern_resample of rotate, shear and translate */
  int64_t out_height, out_width; /* 0: height, width */
  const int32_t* crop_y;    /* [B] first source row of the crop; may be negative or overhang. NULL: 0 */
  const int32_t* crop_x;    /* [B] */
  int32_t padding;          /* quern_padding outside the image; REFLECT repeats no border and needs an overhang smaller
                               than the side: 1 − side ≤ crop ≤ 2·side − 1 − out side */
  const uint8_t* flip;      /* [B] 1: mirror left-right; NULL: none */
  const int32_t* cutout_y;  /* [B] centre row in the output of a square of side cutout; NULL: no cutout */
  const int32_t* cutout_x;  /* [B] */
  int64_t cutout;           /* side ≥ 0: rows [c − cutout/2, c − cutout/2 + cutout) clipped to the image, set to 0 in the output's units */
  int32_t out_dtype;        /* quern_dtype */
  int32_t out_layout;       /* quern_layout */
  float mean[3], std[3];    /* float outputs: (v/255 − mean)/std; std 0 in all channels: 1 and mean 0. As one fma of a scale and
                               a bias computed in float64: |error| ≤ (1/std + |mean|/std + |result|)·2^-24; bfloat16 and float16
                               round that to nearest even. std > 0 and (|mean| + 1)/std ≤ 1e38, of float16 6e4; not looked at for
                               uint8 */
  const int32_t* image_index; /* [B] the image that each row of the output shows, in [0, image_count): several rows may show one, each
                               with its own ops and placement. NULL: row b shows image b */
  int64_t image_count;      /* images there are; 0 without an index: B */
} quern_augment_params;

/* output: [B,out_height,out_width,3] or [B,3,out_height,out_width] of out_dtype, aligned to its elements; may not overlap the images. */
QUERN_API int32_t quern_augment(quern_context* context, const quern_augment_params* params, void* output);

/* ---- erasing and mixing ------------------------------------------------------------------------------------------------------------ */

/* Sets rectangles of a batch to colours, in place, one after the other (cutout, DeVries & Taylor 2017; random erasing, Zhong et al. 2020). */
typedef struct quern_erase_params {
  void* images;           /* [B,H,W,3] or [B,3,H,W] of dtype, aligned to its elements */
  int64_t batch;          /* B ≥ 0 */
  int64_t height, width;  /* 1 … 16384 */
  int32_t dtype;          /* quern_dtype */
  int32_t layout;         /* quern_layout */
  int64_t count;          /* rectangles R ≥ 0 */
  const int32_t* boxes;   /* [R,5] image in [0,B), ascending; y0, x0, y1, x1: rows [y0,y1), columns [x0,x1), clipped to the image */
  const float* colors;    /* [R,3] finite, in the images' units (uint8: whole, 0 … 255); NULL: 0 */
} quern_erase_params;

QUERN_API int32_t quern_erase(quern_context* context, const quern_erase_params* params);

#define QUERN_MAX_SOURCES 8

/* Weighted sums of images, and boxes taken from another image (mixup, Zhang et al. 2018; AugMix, Hendrycks et al. 2020; CutMix, Yun et al. 2019):
 *     output_b = Σ_k weights[b,k]·images[rows[b,k]];   inside box b: images[rows[b,1]] alone.
 * Products and sums are rounded to float32 one by one, in the order of k. uint8 results are truncated and clamped, 16-bit floats
 * rounded to nearest even. */
typedef struct quern_mix_params {
  const void* images;     /* [count,H,W,3] or [count,3,H,W] of dtype, aligned to its elements */
  int64_t count;          /* ≥ 1 where batch ≥ 1 */
  int64_t height, width;  /* 1 … 16384 */
  int32_t dtype;          /* quern_dtype */
  int32_t layout;         /* quern_layout */
  int64_t batch;          /* B ≥ 0 */
  int64_t sources;        /* images per sum, 1 … QUERN_MAX_SOURCES; at least 2 with boxes */
  const int32_t* rows;    /* [B,sources] in [0,count) */
  const float* weights;   /* [B,sources] finite */
  const int32_t* boxes;   /* [B,4] y0, x0, y1, x1: rows [y0,y1), columns [x0,x1), clipped to the image; NULL: none */
} quern_mix_params;

/* output: [B,…] as images; may not overlap them. */
QUERN_API int32_t quern_mix(quern_context* context, const quern_mix_params* params, void* output);

/* ---- selection ----------------------------------------------------------------------------------------------------------------------- */

/* One step of gradient descent on a gate d per sample with straight-through gradients (Bengio et al. 2013), as in CLIP-powered selection
 * (Yang et al. 2025): with s = sigmoid(sharpness·d),
 *     v ← momentum·v + sharpness/n · s·(1 − s)·(pressure − merit);   d ← d − learning_rate·v.
 * A gate that does not end finite, as from a NaN or infinity in its inputs, is QUERN_NOT_FINITE, naming the first. */
typedef struct quern_selection_params {
  double* gate;         /* [n] d, updated */
  double* velocity;     /* [n] v, updated */
  const double* merit;  /* [n] */
  int64_t n;            /* ≥ 0 */
  double pressure;      /* −1e6 … 1e6: what keeping a sample costs; negative while too few are kept */
  double sharpness;     /* 1e-6 … 1e6 */
  double learning_rate; /* 0 … 1e6 */
  double momentum;      /* 0 … 1 */
} quern_selection_params;

/* open: [1] gates that are above 0 after the step. The three arrays may not overlap. */
QUERN_API int32_t quern_selection_step(quern_context* context, const quern_selection_params* params, int64_t* open);

#ifdef __cplusplus
}
#endif
#endif
