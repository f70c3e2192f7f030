#!/usr/bin/env bash
# Builds the CUDA kernels and proves them on the GPU of this machine: harness and oracle tests, compute-sanitizer, benchmarks beside peers.
# Needs nvcc, cmake, make, g++; python3 with torch or cupy for the peers. No network, no JDK.
# Arguments: a folder for builds, logs and verify.json (default: build/device). Exit code: 0 all that could run passed (without a GPU: build and
# harness), 1 something failed, 2 something needed is missing.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root/build/device}
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 2
steps="$out/steps.jsonl" measured="$out/measured.jsonl" kernels="$out/build/cuda-kernels"
: >"$steps"; : >"$measured"
failed=0

for tool in nvcc cmake make g++; do
  command -v $tool >/dev/null || [ -x "/usr/local/cuda/bin/$tool" ] || { echo "$tool is missing, needed: nvcc, cmake, make, g++"; exit 2; }
done
export PATH="$PATH:/usr/local/cuda/bin"

note() { # name, result, seconds
  echo "$1: $2 (${3} s)"
  echo "{\"step\": \"$1\", \"result\": \"$2\", \"seconds\": $3}" >>"$steps"
}

# step NAME COMMAND…: its output goes to NAME.log; a failure is noted and the rest goes on.
step() {
  local name=$1 start=$SECONDS result=passed
  shift
  timeout 900 "$@" >"$out/${name// /-}.log" 2>&1 || result="failed with exit code $?"
  [ "$result" = passed ] || { failed=1; tail -n 20 "$out/${name// /-}.log"; }
  note "$name" "$result" $((SECONDS - start))
  [ "$result" = passed ]
}

write_json() { # device
  {
    echo "{\"device\": \"$1\", \"nvcc\": \"$(nvcc --version | sed -n 's/.*release //p')\","
    echo "\"steps\": [$(paste -sd, "$steps")],"
    echo "\"measured\": [$(paste -sd, "$measured")]}"
  } >"$out/verify.json"
  echo "written: $out/verify.json"
  exit $failed
}

# A tool must find its seeded bug before its silence counts.
sanitize() {
  local tool=$1 program
  command -v compute-sanitizer >/dev/null || { note "$tool" "not run: compute-sanitizer is missing" 0; return; }
  local check=(compute-sanitizer --tool "$tool" --error-exitcode 9)
  timeout 120 "${check[@]}" "$kernels/seeded_bugs" "$tool" >"$out/$tool-seeded.log" 2>&1
  if [ $? != 9 ]; then
    failed=1
    note "$tool" "failed: it did not find the seeded bug" 0
    return
  fi
  for program in "$kernels"/*_device_test; do
    QUERN_POISON=$([ "$tool" = initcheck ] && echo 0 || echo 1) step "$tool $(basename "$program")" "${check[@]}" "$program"
  done
}

step configure cmake -S "$root" -B "$out/build" -DQUERN_CUDA=ON || write_json "not looked for: the configuration failed"
step build cmake --build "$out/build" --parallel "$(nproc)" --target all quern_cuda_device || write_json "not looked for: the build failed"
step harness ctest --test-dir "$out/build" --output-on-failure -R '^(simt|stepped|.*_cuda|.*_plan|.*_layout|cuda_rebuild)' || true

device=$("$kernels/seeded_bugs") || {
  echo "$device"
  echo "Built, and tested on the harness; nothing was run on a device."
  write_json "$device"
}
echo "device: $device"
for program in "$kernels"/*_device_test; do step "device $(basename "$program")" "$program"; done
for tool in memcheck racecheck synccheck initcheck; do sanitize $tool; done
step benchmarks bash -o pipefail -c "'$kernels/quern_cuda_bench' | tee -a '$measured'"
if command -v python3 >/dev/null; then step peers bash -o pipefail -c "python3 '$root/cuda-kernels/bench/peers.py' | tee -a '$measured'"; fi
write_json "$device"
