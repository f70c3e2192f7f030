// A pair of labelled point clouds in the hands of a crew of blocks: packing, the passes over their costs, and what a pass has summed.
//
// With x and y about a common middle, a cost is α_i + β_j − 2·scale·(<x,y> − label distance / (2·scale)). Potentials hold α and β in float64 and
// are kept in base 2 in units of ε (Side), so that the exponents of pairs lose nothing but what the bracket lost in float32.
#pragma once

#include "sinkhorn_tile.cuh"

namespace quern::cuda::ot {

struct PairCall {
  quern_point_clouds clouds;
  const Place* places;      // of a ragged batch, else NULL
  const double* values;     // annealing factors or diameters, on the device
  unsigned char* barriers;  // [crews, kBarrierBytes] zero
  unsigned char* spaces;    // [crews, layout.end]
  PointsLayout layout;
  unsigned crew, crews;
  int64_t chunks;
  RowStore rows;
};

// Whose potentials they are, and against whom: f of x against y, g of y against x, p of x and q of y against themselves.
enum Role { kF = 0, kG = 1, kP = 2, kQ = 3 };

// Σ_j 2^(…) = sum·2^top of a point.
struct Summed {
  float top;
  double sum;
};

template <bool kLabelled>
class CloudPair {
 public:
  __device__ CloudPair(const PairCall& call, SharedMemory& memory)
      : call_(call),
        tiles_(memory, call.chunks, call.rows == RowStore::kResident, call.clouds.d),
        scratch_(memory.take<double>(kTileWarps)) {
    const unsigned crew = blockIdx.x / call.crew;
    space_ = call.spaces + static_cast<int64_t>(crew) * call.layout.end;
    crew_ = {blockIdx.x % call.crew, call.crew, reinterpret_cast<unsigned long long*>(call.barriers + crew * kBarrierBytes),
             reinterpret_cast<double*>(space_ + call.layout.sums)};
  }

  __device__ const Crew& crew() const { return crew_; }
  __device__ const Shared<double>& scratch() const { return scratch_; }
  __device__ double total(double own, int slot) const { return crew_.total(own, scratch_, slot); }
  __device__ const Cloud& cloud(int role) const { return role % 2 == 0 ? x_ : y_; }
  __device__ double epsilon() const { return epsilon_; }
  // Diagonal of the bounding box.
  __device__ double diameter() const { return sqrt(diagonal_); }

  __device__ Side side(int role) const {
    float* at = reinterpret_cast<float*>(space_ + call_.layout.roles[role].side);
    const int64_t padded = (cloud(role).count + kTileColumns - 1) / kTileColumns * kTileColumns;
    return {at, at + padded, at + 2 * padded};
  }
  __device__ double* potential(int role) const { return reinterpret_cast<double*>(space_ + call_.layout.roles[role].potential); }

  // This block's share of a role's points, thread by thread.
  template <class Body>
  __device__ void each(int role, const Body& body) const {
    const int64_t count = cloud(role).count, share = (count + crew_.size - 1) / crew_.size, begin = crew_.rank * share;
    for (int64_t i = begin + threadIdx.x; i < begin + share && i < count; i += blockDim.x) body(i);
  }

  __device__ QUERN_RARE void measure_box(const Place& place);
  // Whether the costs are finite and at most 2^21·ε; the same for all threads of the crew.
  __device__ bool allows(double epsilon) const { return largest_cost_ <= kLargestRatio * epsilon; }
  __device__ QUERN_RARE void pack_clouds(const Place& place);
  __device__ void set_weights(int role, const float* weights) const;
  __device__ QUERN_RARE void set_epsilon(double epsilon);

  // Sums of a role's points, driven by the potentials of the points they meet; behind the crew's barrier they can be read.
  __device__ void pass(int role, int driver) const { take_tasks(pass_of(role, driver), LogSum{}); }
  __device__ QUERN_RARE void spend() const;
  __device__ Summed summed(int role, int64_t i) const;
  // Mass that leaves a point of x, and what it costs, after spend.
  __device__ double2 spent(int64_t i) const;
  // By all blocks of the crew; out may be NULL.
  __device__ void write_nan(float* out, int64_t count) const {
    for (int64_t i = crew_.rank * blockDim.x + threadIdx.x; out != nullptr && i < count; i += crew_.size * blockDim.x) out[i] = NAN;
  }

 private:
  __device__ Cloud cloud_at(const CloudAt& at, int64_t count) const {
    return {count, reinterpret_cast<uint16_t*>(space_ + at.values), reinterpret_cast<double*>(space_ + at.shift),
            reinterpret_cast<int32_t*>(space_ + at.labels)};
  }
  __device__ Pass pass_of(int role, int driver) const;
  template <class Fold>
  __device__ void take_tasks(const Pass& pass, const Fold& fold) const;
  template <class Body>
  __device__ void each_part(int role, int64_t i, const Body& body) const;

  const PairCall& call_;
  Tiles tiles_;
  Shared<double> scratch_;
  unsigned char* space_;
  Crew crew_;
  Cloud x_{}, y_{};
  Parts parts_[4] = {};
  Slope label_{}, slope_{};
  double epsilon_ = 0, magnify_ = 1, diagonal_ = 0, largest_cost_ = 0;
};

template <bool kLabelled>
__device__ QUERN_RARE void CloudPair<kLabelled>::measure_box(const Place& place) {
  const quern_point_clouds& c = call_.clouds;
  const Box box{reinterpret_cast<int*>(space_ + call_.layout.bounds), c.d};
  if (crew_.rank == 0) box.clear();
  crew_.barrier();
  box.cover(crew_, c.x + place.row * c.d, place.n);
  box.cover(crew_, c.y + place.column * c.d, place.m);
  if (kLabelled) {
    box.cover_labels(crew_, c.x_labels + place.row, place.n, c.labels);
    box.cover_labels(crew_, c.y_labels + place.column, place.m, c.labels);
    box.cover_table(crew_, c.table, c.labels, c.table_ld);
  }
  crew_.barrier();
  diagonal_ = box.diagonal(scratch_);
  largest_cost_ = c.scale * diagonal_ + box.largest_label();
}

template <bool kLabelled>
__device__ QUERN_RARE void CloudPair<kLabelled>::pack_clouds(const Place& place) {
  const quern_point_clouds& c = call_.clouds;
  const Box box{reinterpret_cast<int*>(space_ + call_.layout.bounds), c.d};
  x_ = cloud_at(call_.layout.x, place.n);
  y_ = cloud_at(call_.layout.y, place.m);
  for (int role = 0; role < 4; role++) {
    const int64_t columns = cloud(role < 2 ? 1 - role : role).count;
    parts_[role] = parts_of((cloud(role).count + kTileRows - 1) / kTileRows, (columns + kTileColumns - 1) / kTileColumns, crew_.size);
  }
  // No coordinate is further from the middle than half the diagonal, and label distances do not outgrow the products.
  magnify_ = largest_cost_ > 0 ? ldexp(1.0, 15 - ilogb(sqrt(largest_cost_ / c.scale))) : 1.0;
  label_ = slope_of(-magnify_ * magnify_ / (2 * c.scale));
  pack(crew_, x_, box, c.x + place.row * c.d, kLabelled ? c.x_labels + place.row : nullptr, call_.chunks, magnify_, c.scale);
  pack(crew_, y_, box, c.y + place.column * c.d, kLabelled ? c.y_labels + place.column : nullptr, call_.chunks, magnify_, c.scale);
  crew_.barrier();
}

// NULL: uniform. Nobody takes part yet.
template <bool kLabelled>
__device__ void CloudPair<kLabelled>::set_weights(int role, const float* weights) const {
  const int64_t count = cloud(role).count, share = (count + crew_.size - 1) / crew_.size, begin = crew_.rank * share;
  const Side own = side(role);
  ot::set_weights(own, weights, count, begin, begin + share < count ? begin + share : count, scratch_);
  for (int64_t i = count + threadIdx.x; crew_.rank == 0 && i < (count + kTileColumns - 1) / kTileColumns * kTileColumns; i += blockDim.x) own.remove(i);
}

template <bool kLabelled>
__device__ QUERN_RARE void CloudPair<kLabelled>::set_epsilon(double epsilon) {
  epsilon_ = epsilon;
  slope_ = slope_of(2 * call_.clouds.scale * kLog2E / epsilon / magnify_ / magnify_);
}

template <bool kLabelled>
__device__ Pass CloudPair<kLabelled>::pass_of(int role, int driver) const {
  const int64_t ld = call_.clouds.table_ld;
  return {cloud(role), cloud(driver), side(driver), call_.clouds.table, role == kG ? 1 : ld, role == kG ? ld : 1, label_, slope_, parts_[role],
          reinterpret_cast<float2*>(space_ + call_.layout.roles[role].partials)};
}

template <bool kLabelled>
template <class Fold>
__device__ void CloudPair<kLabelled>::take_tasks(const Pass& pass, const Fold& fold) const {
  for (int64_t task = crew_.rank; task < pass.row_tiles() * pass.parts.count; task += crew_.size) {
    tiles_.template take<kLabelled>(pass, task / pass.parts.count, task % pass.parts.count, fold);
  }
}

template <bool kLabelled>
__device__ QUERN_RARE void CloudPair<kLabelled>::spend() const {
  Spending fold{};
  fold.side = side(kF);
  fold.unit = largest_cost_ > 0 ? 1 / largest_cost_ : 1.0;
  fold.slope = static_cast<float>(-2 * call_.clouds.scale / magnify_ / magnify_ * fold.unit);
  take_tasks(pass_of(kF, kG), fold);
}

// Calls body with what each task on a point has written.
template <bool kLabelled>
template <class Body>
__device__ void CloudPair<kLabelled>::each_part(int role, int64_t i, const Body& body) const {
  const float2* at = reinterpret_cast<const float2*>(space_ + call_.layout.roles[role].partials) + i;
  const int64_t rows = (cloud(role).count + kTileRows - 1) / kTileRows * kTileRows;
  for (int64_t part = 0; part < parts_[role].count; part++) body(at[part * rows]);
}

template <bool kLabelled>
__device__ Summed CloudPair<kLabelled>::summed(int role, int64_t i) const {
  Summed all{kNothing, 0};
  each_part(role, i, [&](const float2& part) { all.top = fmaxf(all.top, part.x); });
  each_part(role, i, [&](const float2& part) {
    all.sum += ldexp(static_cast<double>(part.y), static_cast<int>(fmaxf(part.x - all.top, -2000.0f)));
  });
  return all;
}

template <bool kLabelled>
__device__ double2 CloudPair<kLabelled>::spent(int64_t i) const {
  double2 all{0, 0};
  each_part(kF, i, [&](const float2& part) {
    all.x += static_cast<double>(part.x);
    all.y += static_cast<double>(part.y);
  });
  all.y *= largest_cost_;
  return all;
}

// What a call brings beside its clouds: whose potentials move, and values of the host (annealing factors or diameters).
struct Brought {
  Roles roles;
  const double* values;
  int64_t count;
};

template <class Params>
int64_t pair_workspace(const Device& device, const Params& params, const quern_point_clouds& clouds, const Brought& brought) {
  const PointsPlan plan = plan_points(device, params.batch, most_of(shapes_of(params)), clouds.d, brought.roles);
  return layout_of(plan, params, brought.count).end;
}

// Call: PairCall, Params, Result.
template <class Call, class Params, class Result>
int launch_pair(void (*kernel)(Call), const Device& device, const Params& params, const quern_point_clouds& clouds, const Brought& brought,
                const Result& result, void* workspace, StreamHandle stream) {
  if (params.batch == 0) return 0;
  const Extents most = most_of(shapes_of(params));
  const PointsPlan plan = plan_points(device, params.batch, most, clouds.d, brought.roles);
  const WorkspaceLayout layout = layout_of(plan, params, brought.count);
  unsigned char* space = static_cast<unsigned char*>(workspace);
  const int error = fill_workspace(space, layout, plan.crews, shapes_of(params), brought.values, brought.count, stream);
  if (error != 0) return error;
  const PairCall pair{clouds,
                      params.ns == nullptr ? nullptr : reinterpret_cast<const Place*>(space + layout.places),
                      reinterpret_cast<const double*>(space + layout.values),
                      space,
                      space + layout.crews,
                      points_layout(plan.crew, most, clouds.d, brought.roles),
                      plan.crew,
                      plan.crews,
                      plan.chunks,
                      plan.rows};
  const LaunchShape shape{plan.crew * plan.crews, 1, kTileWarps * 32, static_cast<size_t>(plan.shared_bytes), 1,
                          plan.crew > 1 ? Residency::kCooperative : Residency::kIndependent};
  return launch(shape, stream, kernel, Call{pair, params, result});
}

}  // namespace quern::cuda::ot
