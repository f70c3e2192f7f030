#!/usr/bin/env bash
# Builds the CUDA kernels and proves them on the GPU of this machine: tests against oracles and the CPU's bits, benchmarks, their peers,
# compute-sanitizer, the harness. Without a GPU it is a dry run: all is built, for every architecture, and the harness runs.
# Needs nvcc, cmake, make or ninja, g++; python3 with torch or cupy for the peers. No network, no JDK.
# Arguments: a folder for builds, logs and verify.json (default: build/device); on a GPU the seconds after which it ends (default: 540). What is
# worth most comes first, a step is cut off at its limit, and none begins once the time is up; verify.json is whole after every step. All others
# go to cmake, as -DQUERN_CUDA_ARCHS=90a.
# Exit code: 0 all that could run passed, 1 something failed, 2 something needed is missing.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root/build/device} seconds=${2:-540} options=("${@:3}")
mkdir -p "$out" && out=$(cd "$out" && pwd) || exit 2
steps="$out/steps.jsonl" measured="$out/measured.jsonl" kernels="$out/build/cuda-kernels"
: >"$steps"; : >"$measured"
device="not looked for" end=$((1 << 31))

export PATH="$PATH:/usr/local/cuda/bin"
keep_going=(-k)
command -v make >/dev/null || { export CMAKE_GENERATOR=Ninja; keep_going=(-k 0); }
for tool in nvcc cmake g++ ${CMAKE_GENERATOR:+ninja}; do
  command -v "$tool" >/dev/null || { echo "$tool is missing, needed: nvcc, cmake, make or ninja, g++"; exit 2; }
done

write_json() {
  {
    echo "{\"device\": \"$device\", \"nvcc\": \"$(nvcc --version | sed -n 's/.*release //p')\","
    echo "\"steps\": [$(paste -sd, "$steps")],"
    echo "\"measured\": [$(grep '^{.*}$' "$measured" | paste -sd,)]}"
  } >"$out/verify.$BASHPID" && mv "$out/verify.$BASHPID" "$out/verify.json"
}

note() { # name, result, seconds
  echo "$1: $2 ($3 s)"
  echo "{\"step\": \"$1\", \"result\": \"$2\", \"seconds\": $3}" >>"$steps"
  write_json
}

finish() {
  write_json
  echo "written: $out/verify.json"
  if grep -q '"result": "failed' "$steps"; then exit 1; else exit 0; fi
}

# step NAME LIMIT COMMAND…: its output goes to NAME.log; a failure is noted and the rest goes on.
step() {
  local name=$1 limit=$2 log="$out/${1// /-}.log" start=$SECONDS result=passed cut="failed: cut off after $2 s" code
  shift 2
  [ "$SECONDS" -lt "$end" ] || { note "$name" "not run: the time is up" 0; return 1; }
  [ $((SECONDS + limit)) -le "$end" ] || { limit=$((end - SECONDS)); cut="not finished: the time is up"; }
  timeout --kill-after=5 "$limit" "$@" >"$log" 2>&1
  code=$?
  case $code in
    0) ;;
    124 | 137) result=$cut ;;
    *) result="failed with exit code $code" ;;
  esac
  [ "$code" = 0 ] || tail -n 20 "$log"
  note "$name" "$result" $((SECONDS - start))
  return "$code"
}

build() { # target
  step "build $1" 3600 cmake --build "$out/build" --parallel "$(nproc)" --target "$1" -- "${keep_going[@]}"
}

harness() {
  build quern_cuda_harness
  step harness 3600 ctest --test-dir "$out/build" --output-on-failure --parallel "$(nproc)" -L harness
}

# Every test program, side by side, behind a command. TITLE LIMIT [COMMAND…]
tests() {
  local title=$1 limit=$2 program
  shift 2
  for program in "$kernels"/*_device_test; do step "$title $(basename "$program")" "$limit" "$@" "$program" & done
  wait
}

# A tool must find its seeded bug before its silence counts.
sanitize() {
  local tool=$1 check=(compute-sanitizer --tool "$1" --error-exitcode 9)
  [ "$SECONDS" -lt "$end" ] || { note "$tool" "not run: the time is up" 0; return; }
  command -v compute-sanitizer >/dev/null || { note "$tool" "not run: compute-sanitizer is missing" 0; return; }
  timeout 60 "${check[@]}" "$kernels/seeded_bugs" "$tool" >"$out/$tool-seeded.log" 2>&1
  if [ $? = 9 ]; then
    QUERN_POISON=$([ "$tool" = initcheck ] && echo 0 || echo 1) tests "$tool" 90 "${check[@]}"
  else
    note "$tool" "failed: it did not find the seeded bug" 0
  fi
}

measure() { # name, limit, command…
  local name=$1 limit=$2
  shift 2
  step "$name" "$limit" "$@"
  grep '^{.*}$' "$out/$name.log" >>"$measured"
  write_json
}

arch=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | grep -xm1 '[0-9]*\.[0-9]' | tr -d .)
[ "$arch" != 90 ] || arch=90a  # wgmma
step configure 60 cmake -S "$root" -B "$out/build" -DQUERN_CUDA=ON -DQUERN_STRICT=OFF ${arch:+"-DQUERN_CUDA_ARCHS=$arch"} \
  ${options[@]+"${options[@]}"} || finish
build quern_cuda_device
[ -x "$kernels/seeded_bugs" ] || finish

device=$("$kernels/seeded_bugs") || {
  harness
  echo "$device"
  echo "Built, and tested on the harness; nothing was run on a device."
  finish
}
echo "device: $device"
end=$seconds
tests device 60
measure benchmarks 150 "$kernels/quern_cuda_bench"
command -v python3 >/dev/null && measure peers 180 python3 "$root/cuda-kernels/bench/peers.py"
for tool in memcheck racecheck synccheck initcheck; do sanitize $tool; done
harness
finish
