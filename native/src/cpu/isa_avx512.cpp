#define QUERN_TIER avx512
#include "cpu/tier-inl.hpp"
