#!/usr/bin/env bash
# Builds and runs the native tests under ASan + UBSan and under TSan. Argument: a folder for the builds.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
for sanitizer in address thread; do
  build="$1/native-$sanitizer"
  cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DQUERN_SANITIZER="$sanitizer" >/dev/null
  cmake --build "$build" --parallel 2 >"$build.log" || { cat "$build.log"; exit 1; }
  ctest --test-dir "$build" --output-on-failure --parallel 2
done
