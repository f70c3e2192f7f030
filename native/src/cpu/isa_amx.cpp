// The tier of the AMX tiles: kNN alone, everything else is the AVX-512 tier's.
#define QUERN_TIER amx
#define QUERN_TILES
#include "backend.hpp"
#include "cpu/knn-inl.hpp"

namespace quern::amx {

const TileTier tier = {knn_density, tiles_are_right, kTileInstructions};

}  // namespace quern::amx
