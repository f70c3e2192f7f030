// Inner products of two clouds, tile by tile, and what becomes of them: nothing of n × m is ever stored.
//
// A block holds 256 points as rows, 32 a warp, and walks over the other cloud 64 points at a time. The next chunk of columns arrives by cp.async
// while one is multiplied; rows stay in shared memory for the whole task where they fit. A chunk is 128 bytes a point, whose 16-byte pieces are
// exchanged by the point modulo 8, so that ldmatrix meets no bank twice.
// A product of points is high·low + low·high + high·high in fp16 with float32 sums. Tensor cores cut sums off instead of rounding them, so every 16
// coordinates start at 0 and are added outside (Ootomo & Yokota 2022): what is lost is what a float32 chain loses.
#pragma once

#include "sinkhorn_cloud.cuh"
#include "sinkhorn_parts.cuh"

namespace quern::cuda::ot {

constexpr int kRowsOfLane = 4;  // the r-th is 32·warp + 8·r + lane / 4; its columns are 8·n + 2·(lane % 4) and the next, n < 8
constexpr float kNothing = -1073741824.0f;  // below every exponent
constexpr float kHeadroom = 32.0f;

using Products = float[2][kTileColumns / 8][4];

// The points of one side, each with its sums over those of the other.
struct Pass {
  Cloud rows, columns;
  Side driver;                         // of the columns
  const float* table;                  // label distances, or NULL
  int64_t row_stride, column_stride;
  Slope label;                         // inner products per label distance
  Slope slope;                         // exponents per inner product
  Parts parts;
  float2* partials;                    // [parts.count, tiles of rows, 256]

  __device__ int64_t row_tiles() const { return (rows.count + kTileRows - 1) / kTileRows; }
  __device__ int64_t column_tiles() const { return (columns.count + kTileColumns - 1) / kTileColumns; }
};

// The columns of a tile as a lane sees them: pairs n of neighbours.
struct Terms {
  Shared<float> exponent, scaling;
  int pair;  // lane % 4

  __device__ float2 exponents(int n) const { return exponent.as<float2>().load(4 * n + pair); }
  __device__ float2 scalings(int n) const { return scaling.as<float2>().load(4 * n + pair); }
};

__device__ __forceinline__ float quad_sum(float value) {
  value += __shfl_xor_sync(kAllLanes, value, 1);
  return value + __shfl_xor_sync(kAllLanes, value, 2);
}
__device__ __forceinline__ float quad_max(float value) {
  value = fmaxf(value, __shfl_xor_sync(kAllLanes, value, 1));
  return fmaxf(value, __shfl_xor_sync(kAllLanes, value, 2));
}

// Σ_j scaling_j·2^(exponent_j + exponent of the pair − top) of a lane's rows. The top, integral, is raised where an exponent exceeds it by far.
struct LogSum {
  float top[kRowsOfLane], sum[kRowsOfLane];

  __device__ void open(const Pass&, int r, int64_t) {
    top[r] = kNothing;
    sum[r] = 0.0f;
  }
  __device__ void take(const Pass& pass, const Terms& terms, int64_t, const Products& products) {
    raise(pass, terms, products);
    float part[kRowsOfLane] = {};
#pragma unroll
    for (int n = 0; n < kTileColumns / 8; n++) {
      const float2 exponent = terms.exponents(n), scaling = terms.scalings(n);
#pragma unroll
      for (int r = 0; r < kRowsOfLane; r++) {
#pragma unroll
        for (int c = 0; c < 2; c++) {
          const float product = products[r / 2][n][r % 2 * 2 + c], base = (c == 0 ? exponent.x : exponent.y) - top[r];
          const float at = fmaf(product, pass.slope.lo, fmaf(product, pass.slope.hi, base));
          part[r] = fmaf(exp2_approximate(at), c == 0 ? scaling.x : scaling.y, part[r]);
        }
      }
    }
#pragma unroll
    for (int r = 0; r < kRowsOfLane; r++) sum[r] += part[r];
  }
  // {top, sum} of row r, the same for its four lanes.
  __device__ float2 result(int r) const { return make_float2(top[r], quad_sum(sum[r])); }

 private:
  __device__ void raise(const Pass& pass, const Terms& terms, const Products& products) {
    float highest[kRowsOfLane] = {-kInfinity, -kInfinity, -kInfinity, -kInfinity};
#pragma unroll
    for (int n = 0; n < kTileColumns / 8; n++) {
      const float2 exponent = terms.exponents(n);
#pragma unroll
      for (int r = 0; r < kRowsOfLane; r++) {
#pragma unroll
        for (int c = 0; c < 2; c++) {
          highest[r] = fmaxf(fmaf(products[r / 2][n][r % 2 * 2 + c], pass.slope.hi, c == 0 ? exponent.x : exponent.y), highest[r]);
        }
      }
    }
    bool above = false;
#pragma unroll
    for (int r = 0; r < kRowsOfLane; r++) above = above || highest[r] > top[r] + kHeadroom;
    if (!__any_sync(kAllLanes, above)) return;
#pragma unroll
    for (int r = 0; r < kRowsOfLane; r++) {
      const float high = quad_max(highest[r]);
      if (!(high > top[r] + kHeadroom)) continue;
      const float to = rintf(high);
      sum[r] *= exp2_approximate(top[r] - to);
      top[r] = to;
    }
  }
};

// Σ_j P_ij and Σ_j P_ij·C_ij·unit of a lane's rows, their potentials being those of side.
struct Spending {
  Side side;
  double unit;   // makes the largest cost there can be 1
  float slope;   // of an inner product in C·unit
  float exponent[kRowsOfLane], scaling[kRowsOfLane], shift[kRowsOfLane], mass[kRowsOfLane], cost[kRowsOfLane];

  __device__ void open(const Pass& pass, int r, int64_t row) {
    exponent[r] = side.exponent[row];
    scaling[r] = side.scaling[row];
    shift[r] = static_cast<float>(pass.rows.shift[row] * unit);
    mass[r] = cost[r] = 0.0f;
  }
  __device__ void take(const Pass& pass, const Terms& terms, int64_t tile, const Products& products) {
    float mass_part[kRowsOfLane] = {}, cost_part[kRowsOfLane] = {};
#pragma unroll
    for (int n = 0; n < kTileColumns / 8; n++) {
      const float2 exponents = terms.exponents(n), scalings = terms.scalings(n);
#pragma unroll
      for (int c = 0; c < 2; c++) {
        const float column_shift = static_cast<float>(pass.columns.shift[tile * kTileColumns + 8 * n + 2 * terms.pair + c] * unit);
#pragma unroll
        for (int r = 0; r < kRowsOfLane; r++) {
          const float product = products[r / 2][n][r % 2 * 2 + c], base = (c == 0 ? exponents.x : exponents.y) + exponent[r];
          const float at = fmaf(product, pass.slope.lo, fmaf(product, pass.slope.hi, base));
          const float share = exp2_approximate(at) * (c == 0 ? scalings.x : scalings.y);
          mass_part[r] += share;
          cost_part[r] = fmaf(share, fmaf(product, slope, shift[r] + column_shift), cost_part[r]);
        }
      }
    }
#pragma unroll
    for (int r = 0; r < kRowsOfLane; r++) {
      mass[r] += mass_part[r];
      cost[r] += cost_part[r];
    }
  }
  __device__ float2 result(int r) const { return make_float2(scaling[r] * quad_sum(mass[r]), scaling[r] * quad_sum(cost[r])); }
};

// A block's shared memory, and how it takes tasks of a pass.
class Tiles {
 public:
  __device__ Tiles(SharedMemory& memory, int64_t chunks, bool resident, int64_t d)
      : columns_(memory.take<uint16_t>(2 * kTileColumns * kRowValues)),
        rows_(memory.take<uint16_t>((resident ? chunks : 2) * kTileRows * kRowValues)),
        exponents_(memory.take<float>(2 * kTileColumns)),
        scalings_(memory.take<float>(2 * kTileColumns)),
        labels_(memory.take<int32_t>(2 * kTileColumns)),
        chunks_(chunks),
        resident_(resident),
        last_steps_(d - (chunks - 1) * kChunk > 16 ? 2 : 1) {}

  // Sums of the rows of a tile over a part of the columns, by all threads of the block.
  template <bool kLabelled, class Fold>
  __device__ QUERN_LONG void take(const Pass& pass, int64_t row_tile, int64_t part, Fold fold) const {
    const int warp = static_cast<int>(threadIdx.x / 32), lane = static_cast<int>(threadIdx.x % 32);
    const int64_t first = part * pass.parts.tiles, all = pass.column_tiles();
    const int64_t last = first + pass.parts.tiles < all ? first + pass.parts.tiles : all;
    const bool idle = row_tile * kTileRows + 32 * warp >= pass.rows.count;
    const float* tables[kRowsOfLane] = {};
#pragma unroll
    for (int r = 0; r < kRowsOfLane; r++) {
      const int64_t wanted = row_tile * kTileRows + 32 * warp + 8 * r + lane / 4, row = wanted < pass.rows.count ? wanted : pass.rows.count - 1;
      fold.open(pass, r, row);
      if (kLabelled) tables[r] = pass.table + pass.rows.labels[row] * pass.row_stride;
    }
    Products products = {};
    if (resident_) {
      for (int64_t c = 0; c < chunks_; c++) load_points(pass.rows, row_tile, kTileRows, c, rows_.from(c * kTileRows * kRowValues));
      copy_async_commit();
    }
    int64_t chunk = 0, tile = first;
    int stage = 0;
    if (tile < last) load(pass, row_tile, tile, chunk, stage);
    while (tile < last) {
      copy_async_wait<0>();
      __syncthreads();
      const bool whole = chunk + 1 == chunks_;
      const int64_t next_chunk = whole ? 0 : chunk + 1, next_tile = whole ? tile + 1 : tile;
      if (next_tile < last) load(pass, row_tile, next_tile, next_chunk, 1 - stage);
      if (!idle) {
        multiply(rows_.from((resident_ ? chunk : stage) * kTileRows * kRowValues), columns_.from(stage * kTileColumns * kRowValues),
                 whole ? last_steps_ : 2, warp, lane, products);
        if (whole) {
          const int64_t at = tile % 2 * kTileColumns;
          if (kLabelled) add_labels(pass, tables, labels_.from(at), lane % 4, products);
          fold.take(pass, {exponents_.from(at), scalings_.from(at), lane % 4}, tile, products);
#pragma unroll
          for (int i = 0; i < kTileColumns; i++) products[i / 32][i / 4 % 8][i % 4] = 0.0f;
        }
      }
      chunk = next_chunk;
      tile = next_tile;
      stage = 1 - stage;
    }
    copy_async_wait<0>();
    __syncthreads();
    float2* out = pass.partials + (part * pass.row_tiles() + row_tile) * kTileRows + 32 * warp + lane / 4;
#pragma unroll
    for (int r = 0; r < kRowsOfLane; r++) {
      const float2 result = fold.result(r);
      if (lane % 4 == 0) out[8 * r] = result;
    }
  }

 private:
  __device__ static int swizzled(int point, int piece) { return point * kRowValues + (piece ^ (point & 7)) * 8; }

  // Points beyond the end are the last one again: nobody looks at their sums, and their scalings are 0.
  __device__ void load_points(const Cloud& cloud, int64_t tile, int points, int64_t chunk, const Shared<uint16_t>& to) const {
    for (int p = static_cast<int>(threadIdx.x); p < points * 8; p += kTileWarps * 32) {
      const int64_t wanted = tile * points + p / 8, point = wanted < cloud.count ? wanted : cloud.count - 1;
      copy_async16(to, swizzled(p / 8, p % 8), cloud.values + (point * chunks_ + chunk) * kRowValues + p % 8 * 8, 16);
    }
  }
  __device__ void load(const Pass& pass, int64_t row_tile, int64_t tile, int64_t chunk, int stage) const {
    load_points(pass.columns, tile, kTileColumns, chunk, columns_.from(stage * kTileColumns * kRowValues));
    if (!resident_) load_points(pass.rows, row_tile, kTileRows, chunk, rows_.from(stage * kTileRows * kRowValues));
    const int t = static_cast<int>(threadIdx.x), of = t / 16, piece = t % 16 * 4;
    if (chunk == 0 && of < 3) {
      const int64_t from = tile * kTileColumns + piece, to = tile % 2 * kTileColumns + piece;
      if (of == 0) copy_async16(exponents_, to, pass.driver.exponent + from, 16);
      if (of == 1) copy_async16(scalings_, to, pass.driver.scaling + from, 16);
      if (of == 2) copy_async16(labels_, to, pass.columns.labels + from, 16);
    }
    copy_async_commit();
  }

  // A label distance joins the squared distance: products become <x,y> less their share of it. tables: of the lane's rows.
  __device__ static void add_labels(const Pass& pass, const float* const (&tables)[kRowsOfLane], const Shared<int32_t>& labels, int pair,
                                    Products& products) {
#pragma unroll
    for (int n = 0; n < kTileColumns / 8; n++) {
#pragma unroll
      for (int c = 0; c < 2; c++) {
        const int64_t column = labels.load(8 * n + 2 * pair + c) * pass.column_stride;
#pragma unroll
        for (int r = 0; r < kRowsOfLane; r++) {
          float& product = products[r / 2][n][r % 2 * 2 + c];
          const float distance = tables[r][column];
          product = fmaf(distance, pass.label.lo, fmaf(distance, pass.label.hi, product));
        }
      }
      __syncwarp();  // no more loads under way than registers hold
    }
  }

  __device__ static void multiply(const Shared<uint16_t>& rows, const Shared<uint16_t>& columns, int steps, int warp, int lane, Products& products) {
    for (int k = 0; k < steps; k++) {
      uint32_t high[2][4], low[2][4];
#pragma unroll
      for (int m = 0; m < 2; m++) {
        load_matrix(high[m], rows, swizzled(32 * warp + 16 * m + lane % 16, 2 * k + lane / 16));
        load_matrix(low[m], rows, swizzled(32 * warp + 16 * m + lane % 16, 4 + 2 * k + lane / 16));
      }
#pragma unroll
      for (int n = 0; n < kTileColumns / 8; n += 2) {
        uint32_t column_high[4], column_low[4];
        load_matrix(column_high, columns, swizzled(8 * n + lane % 8 + lane / 16 * 8, 2 * k + lane / 8 % 2));
        load_matrix(column_low, columns, swizzled(8 * n + lane % 8 + lane / 16 * 8, 4 + 2 * k + lane / 8 % 2));
#pragma unroll
        for (int q = 0; q < 4; q++) {
          const int m = q / 2, h = q % 2;
          const uint32_t right_high[2] = {column_high[2 * h], column_high[2 * h + 1]}, right_low[2] = {column_low[2 * h], column_low[2 * h + 1]};
          float sum[4] = {};
          mma_16x8x16<Pair::kFp16>(sum, high[m], right_low);
          mma_16x8x16<Pair::kFp16>(sum, low[m], right_high);
          mma_16x8x16<Pair::kFp16>(sum, high[m], right_high);
#pragma unroll
          for (int c = 0; c < 4; c++) products[m][n + h][c] += sum[c];
        }
      }
    }
  }

  Shared<uint16_t> columns_, rows_;
  Shared<float> exponents_, scalings_;
  Shared<int32_t> labels_;
  int64_t chunks_;
  bool resident_;
  int last_steps_;
};

}  // namespace quern::cuda::ot
