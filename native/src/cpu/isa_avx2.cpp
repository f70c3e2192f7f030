#define QUERN_TIER avx2
#include "cpu/tier-inl.hpp"
