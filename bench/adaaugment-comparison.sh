#!/usr/bin/env bash
# Compares adaptive augmentation with fixed policies: none (crop and flip), TrivialAugment, RandAugment, EntAugment, AdaAugment, with the same
# seeds, schedule and loss. Finished runs are kept, so the script can be stopped and started again.
#
#   bench/adaaugment-comparison.sh DATASET OUT      e.g. cifar10:../shared/data/cifar-10-small/cifar-10-batches-bin runs/adaaugment-comparison
#
# Environment: MODEL (resnet18), EPOCHS (12), SEEDS ("1 2 3"), AUGMENTS, THREADS (0: all cores), QUERN (the launcher).
# Writes OUT/results.jsonl, a line per run.
set -euo pipefail
dataset=$1
out=$2
root=$(cd "$(dirname "$0")/.." && pwd)

mkdir -p "$out"
for seed in ${SEEDS:-1 2 3}; do
  for augment in ${AUGMENTS:-none trivialaugment randaugment entaugment adaaugment}; do
    folder="$out/${MODEL:-resnet18}-$augment-$seed"
    grep -qs '"status" : "finished"' "$folder/result.json" ||
      "${QUERN:-$root/quern}" train --dataset "$dataset" --model "${MODEL:-resnet18}" --augment "$augment" --epochs "${EPOCHS:-12}" \
        --schedule one-cycle --label-smoothing 0 --seed "$seed" --threads "${THREADS:-0}" --progress none --out "$folder" --resume >"$folder.txt" 2>&1
    tr -d '\n' <"$folder/result.json" | sed "s/^{/{\"model\": \"${MODEL:-resnet18}\", \"augment\": \"$augment\", \"seed\": $seed,/"
    echo
  done
done >"$out/results.jsonl"
