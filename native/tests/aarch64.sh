#!/usr/bin/env bash
# Compile check: the portable tier and the core build for aarch64. Argument: a folder for the build.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
if ! command -v aarch64-linux-gnu-g++ >/dev/null; then
  echo "SKIPPED: no aarch64-linux-gnu-g++ (apt-get install g++-aarch64-linux-gnu)"
  exit 0
fi
cmake -S "$root" -B "$1" -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ \
  -DQUERN_TESTS=OFF >/dev/null
cmake --build "$1" --parallel "$(nproc)"
