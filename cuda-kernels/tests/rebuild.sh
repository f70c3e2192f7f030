#!/usr/bin/env bash
# A kernel compiled from a copy of the project in another folder has the same bytes.
# Arguments: project, object, its source within the project, cmake, nvcc, targets.
set -euo pipefail
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/elsewhere/native" "$copy/build"
cp -r "$1/cuda-kernels" "$1/cmake" "$copy/elsewhere/"
cp -r "$1/native/include" "$1/native/src" "$copy/elsewhere/native/"
"$4" -DNVCC="$5" -DSOURCE="$copy/elsewhere/$3" -DOBJECT="$copy/build/$(basename "$2")" "-DTARGETS=$6" -DROOT="$copy/elsewhere" \
  -DBUDGET="$copy/elsewhere/cuda-kernels/ptxas_budget.txt" -DSTRICT=OFF -P "$copy/elsewhere/cmake/CompileCuda.cmake"
cmp "$2" "$copy/build/$(basename "$2")"
