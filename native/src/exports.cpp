// The shared library is the static core with its QUERN_API functions exported.
#include "quern/quern.h"
