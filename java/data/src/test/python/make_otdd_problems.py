"""Random problems and what the float64 reference makes of them, for OtddTest and DiversityTest.

Usage: python make_otdd_problems.py FOLDER_OF_OTDD_REFERENCE > ../resources/dev/quern/analysis/otdd_problems.json
"""
import json
import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
import otdd_reference as reference


def diversity(a, b):
    b = np.concatenate([a, b])

    def spectrum(x):
        u = x - x.mean(0)
        u = u / np.linalg.norm(u, axis=1, keepdims=True)
        values, vectors = np.linalg.eigh(u.T @ u)
        return values[::-1], vectors[:, ::-1].T

    (w1, v1), (w2, v2) = spectrum(a), spectrum(b)
    sign = np.sign((v1 * v2).sum(1))
    sign[sign == 0] = 1
    v2 = v2 * sign[:, None]
    out, k = [], 1
    for share in np.arange(1, 10) / 10:
        while k < len(w1) and w1[:k].sum() / w1.sum() < share and w2[:k].sum() / w2.sum() < share:
            k += 1
        out.append(float(np.linalg.norm(v1[:k] * w1[:k, None] - v2[:k] * w2[:k, None] + 1e-6, axis=1).sum()))
    return out


random = np.random.default_rng(20240204)
problems = []
for n, m, d, classes in [(24, 24, 2, 2), (30, 41, 5, 3), (64, 50, 16, 4), (90, 90, 3, 1)]:
    y1 = np.arange(n) % classes
    y2 = np.arange(m) % classes
    # Multiples of 1/256 are the same in float32.
    x1 = np.round(256 * (random.normal(size=(n, d)) * 2 + 3 * y1[:, None])) / 256
    x2 = np.round(256 * (random.normal(size=(m, d)) * 1.5 + 2.5 * y2[:, None] + 0.5)) / 256
    expected = {}
    for name, half in [("plain", False), ("halved", True)]:
        value, steps, table, _ = reference.otdd(x1, y1, x2, y2, half)
        expected[name] = {"distance": float(value), "steps": steps, "table": table.tolist()}
    problems.append({
        "d": d, "x1": x1.ravel().tolist(), "y1": y1.tolist(), "x2": x2.ravel().tolist(), "y2": y2.tolist(),
        "expected": expected,
        "diversity": [diversity(x1[y1 == c], x2[y2 == c]) for c in range(classes)],
    })
json.dump(problems, sys.stdout)
