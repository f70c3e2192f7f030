#!/usr/bin/env bash
# Builds the native tests under ASan + UBSan and under TSan and runs them: all of them under ASan, those in which threads meet under TSan.
# Arguments: a folder for the builds; "long" to run all under TSan too.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
threaded='concurrency|parallel_for|cosine|knn_property|augment_contract|sinkhorn_points'
[ "${2:-}" = long ] && threaded='.'

check() {
  local sanitizer=$1 tests=$2 build="$3/native-$1"
  cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DQUERN_SANITIZER="$sanitizer" >/dev/null
  cmake --build "$build" --parallel 2 >"$build.log" || { cat "$build.log"; exit 1; }
  ctest --test-dir "$build" --output-on-failure --parallel 2 -R "$tests"
}

check address . "$1"
check thread "$threaded" "$1"
