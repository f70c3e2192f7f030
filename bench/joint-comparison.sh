#!/usr/bin/env bash
# Compares the joint method with its fair controls: full data, static random, dynamic random; each with and without TrivialAugment, each with
# the same annealing; for equal epochs and for equal sample visits. Finished runs are kept, so the script can be stopped and started again.
#
#   bench/joint-comparison.sh DATASET OUT      e.g. cifar10:../shared/data/cifar-10-small/cifar-10-batches-bin runs/joint-comparison
#
# Environment: EPOCHS (equal epochs, 20), BUDGET (equal visits, in epochs of all data, 8), SEEDS ("1 2 3"), RATIOS ("0.3 0.5"),
# METHODS ("random random-dynamic joint"), AUGMENTS ("none trivial"), PLANS ("equal-epochs equal-visits"), WORKERS (runs at a time, one thread each; all cores), QUERN (the launcher).
# Writes OUT/results.jsonl, a line per run.
set -euo pipefail
dataset=$1
out=$2
root=$(cd "$(dirname "$0")/.." && pwd)
export QUERN="${QUERN:-$root/quern}" OMP_NUM_THREADS=1

run() {
  local visits=$1 epochs=$2 method=$3 ratio=$4 augment=$5 seed=$6
  local folder="$out/$visits-$method-$ratio-$augment-$seed"
  grep -qs '"status" : "finished"' "$folder/result.json" && return
  local annealing=0.875
  [ "$method" = full ] && annealing=1
  "$QUERN" train --dataset "$dataset" --method "$method" --ratio "$ratio" --augment "$augment" --visits "$visits" --epochs "$epochs" \
    --annealing "$annealing" --seed "$seed" --threads 1 --evaluate-every 5 --progress none --out "$folder" --resume >"$folder.txt" 2>&1 ||
    echo "failed: $folder" >&2
}
export -f run
export dataset out

mkdir -p "$out"
for augment in ${AUGMENTS:-none trivial}; do
  for plan in ${PLANS:-equal-epochs equal-visits}; do
    epochs=${EPOCHS:-20}
    [ "$plan" = equal-visits ] && epochs=${BUDGET:-8}
    for seed in ${SEEDS:-1 2 3}; do
      echo "$plan $epochs full 1 $augment $seed"
      for ratio in ${RATIOS:-0.3 0.5}; do
        for method in ${METHODS:-random random-dynamic joint}; do echo "$plan $epochs $method $ratio $augment $seed"; done
      done
    done
  done
done | xargs -P "${WORKERS:-$(nproc)}" -L 1 bash -c 'run "$@"' run

for result in "$out"/*/result.json; do
  visits=$(basename "$(dirname "$result")" | grep -oE '^equal-(epochs|visits)')
  tr -d '\n' <"$result" | sed -e 's/  */ /g' -e "s/{/{\"plan\": \"$visits\", /" -e 's/"folder" : "[^"]*"/"commit" : "'"${COMMIT:-$(git -C "$root" rev-parse --short HEAD)}"'"/'
  echo
done >"$out/results.jsonl"
