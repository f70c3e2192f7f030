#!/usr/bin/env bash
# Builds the native tests under ASan + UBSan and under TSan and runs them: all of them under ASan, those in which threads meet under TSan.
# Arguments: a folder for the builds; "long" to run all under TSan too.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
threaded=(concurrency_test parallel_for_test cosine_test knn_property_test augment_contract_test sinkhorn_points_test)
[ "${2:-}" = long ] && threaded=()

# sanitizer, folder, tests (none: all)
check() {
  local sanitizer=$1 build="$2/native-$1" tests=("${@:3}")
  cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DQUERN_SANITIZER="$sanitizer" >/dev/null
  cmake --build "$build" --parallel "$(nproc)" ${tests:+--target "${tests[@]}"} >"$build.log" || { cat "$build.log"; exit 1; }
  ctest --test-dir "$build" --output-on-failure --parallel "$(nproc)" -R "^($(IFS='|'; echo "${tests[*]:-.*}"))\$"
}

check address "$1"
check thread "$1" ${threaded[@]+"${threaded[@]}"}
