#!/usr/bin/env python3
"""Dataset distance of made sets by `quern otdd` and by POT, whose dense log-domain Sinkhorn solves the same problem in as many iterations.

    PYTHON bench/dataset-distance.py [POINTS [DIMENSION]]      5000 and 512; needs numpy, torch, POT and the built launcher

Label distances are the means' in both, so that the outer problem is compared. Values are compared before times. Prints JSON.
"""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import ot
import torch

ROUNDS = 3
THREADS = 2
CLASSES = 10
EPSILON = 0.1
QUERN = pathlib.Path(__file__).resolve().parent.parent / "quern"


def made(points, dimension):
    """Rectified normal vectors around ten means, their labels, and a copy with normal noise of 0.1."""
    chance = np.random.default_rng(0)
    labels = np.arange(points) % CLASSES
    means = chance.normal(0, 0.5, (CLASSES, dimension))
    first = np.maximum(means[labels] + chance.normal(0, 0.5, (points, dimension)), 0).astype("f4")
    return first, (first + chance.normal(0, 0.1, first.shape)).astype("f4"), labels


def quern(folder, first, second, labels):
    for name, array in {"x1": first, "x2": second, "y1": labels, "y2": labels}.items():
        np.save(folder / f"{name}.npy", array)
    files = [word for name in ("x1", "y1", "x2", "y2") for word in (f"--{name}", folder / f"{name}.npy")]
    command = [QUERN, "otdd", *files, "--label-distance", "means", "--epsilon", EPSILON, "--threads", THREADS, "--json"]
    done = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(done.stdout)


def pot(first, second, labels, iterations):
    a, b = torch.from_numpy(first), torch.from_numpy(second)
    weights = torch.full((len(a),), 1 / len(a))
    classes = [torch.from_numpy(labels), torch.from_numpy(labels + CLASSES)]
    means = torch.stack([points[classes[0] == label].mean(0) for points in (a, b) for label in range(CLASSES)])
    between = torch.cdist(means, means)

    def transport(p, q, labels_p, labels_q):
        cost = 0.5 * torch.cdist(p, q) ** 2 + 0.5 * between[labels_p][:, labels_q]
        return ot.sinkhorn2(weights, weights, cost, EPSILON, method="sinkhorn_log", numItermax=iterations, stopThr=0, warn=False)

    cross = transport(a, b, *classes)
    return float(cross - 0.5 * transport(a, a, classes[0], classes[0]) - 0.5 * transport(b, b, classes[1], classes[1]))


def main(points=5000, dimension=512):
    torch.set_num_threads(THREADS)
    first, second, labels = made(int(points), int(dimension))
    with tempfile.TemporaryDirectory() as folder:
        ours = [quern(pathlib.Path(folder), first, second, labels) for _ in range(ROUNDS)]
    iterations = ours[0]["steps"] + 1
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        value = pot(first, second, labels, iterations)
        seconds.append(time.perf_counter() - start)
    distance = ours[0]["distance"]
    if abs(value - distance) > 1e-3 * abs(distance):
        sys.exit(f"distances differ: {distance} and POT's {value}")
    mine, theirs = statistics.median(run["seconds"] for run in ours), statistics.median(seconds)
    result = {"points": len(first), "dimension": first.shape[1], "iterations": iterations, "distance": distance, "pot_distance": value}
    print(json.dumps(result | {"seconds": round(mine, 2), "pot_seconds": round(theirs, 2), "ratio": round(theirs / mine, 2)}))


main(*sys.argv[1:])
