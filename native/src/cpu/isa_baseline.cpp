#define QUERN_TIER baseline
#include "cpu/tier-inl.hpp"
