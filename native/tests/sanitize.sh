#!/usr/bin/env bash
# Builds the native tests under ASan + UBSan and under TSan and runs them. In the gate: under ASan all but those of the CUDA kernels and of the
# reference tiles, which take ten minutes there, and under TSan those in which threads meet.
# Arguments: a folder for the builds; gate, or long to run all of them.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

# sanitizer, folder, harness (ON or OFF), what to leave out (a regular expression), tests (none: all)
check() {
  local sanitizer=$1 build="$2/native-$1" harness=$3 without=$4 tests=("${@:5}") start=$SECONDS built
  cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DQUERN_SANITIZER="$sanitizer" -DQUERN_HARNESS_TESTS="$harness" >/dev/null
  cmake --build "$build" --parallel "$(nproc)" ${tests:+--target "${tests[@]}"} >"$build.log" || { cat "$build.log"; exit 1; }
  built=$SECONDS
  ctest --test-dir "$build" --output-on-failure --parallel "$(nproc)" -E "$without" -R "^($(IFS='|'; echo "${tests[*]:-.*}"))\$"
  echo "$sanitizer: built in $((built - start)) s, tested in $((SECONDS - built)) s"
}

if [ "${2:-gate}" = long ]; then
  check address "$1" ON none
  check thread "$1" OFF none
else
  check address "$1" OFF '_on_tiles$'
  check thread "$1" OFF none concurrency_test parallel_for_test cosine_test knn_property_test augment_contract_test sinkhorn_points_test
fi
