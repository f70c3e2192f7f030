"""Mean Euclidean distance to the k nearest other rows: among all rows, or within the class that `labels` names."""


def peers(inputs, threads, use):
    np, torch, faiss = use("numpy"), use("torch"), use("faiss")
    points, k, labels = inputs["points"], int(inputs["k"][0]), inputs.get("labels")
    classes = None if labels is None else [np.flatnonzero(labels == c) for c in np.unique(labels)]
    within = lambda density: lambda: by_class(np, points, classes, density)
    root = lambda squared: np.sqrt(np.maximum(squared[:, 1:], 0)).mean(1)
    if faiss:
        faiss.omp_set_num_threads(threads)
        if classes:
            yield "faiss.knn per class", within(lambda rows: root(faiss.knn(rows, rows, k + 1)[0]))
        else:
            yield "faiss IndexFlatL2", lambda: root(search(faiss.IndexFlatL2(points.shape[1]), points, k))
            yield "faiss IndexFlatIP", lambda: root(2 - 2 * search(faiss.IndexFlatIP(points.shape[1]), points, k))
    if torch:
        if classes:
            yield "torch mm + topk per class", within(lambda rows: tiled(torch, torch.from_numpy(rows), k).numpy())
        else:
            yield "torch mm + topk", lambda: tiled(torch, torch.from_numpy(points), k)
    if not classes and len(points) <= 20_000 and (sklearn := use("sklearn.neighbors")):
        brute = lambda: sklearn.NearestNeighbors(n_neighbors=k, algorithm="brute", n_jobs=threads).fit(points)
        yield "sklearn brute", lambda: brute().kneighbors()[0].mean(1)


def search(index, points, k):
    index.add(points)
    return index.search(points, k + 1)[0]


def tiled(torch, x, k, tile=1024):
    norms, means = (x * x).sum(1), []
    for start in range(0, len(x), tile):
        squared = norms[None] - 2 * x[start : start + tile] @ x.T
        rows = torch.arange(len(squared))
        squared[rows, start + rows] = float("inf")
        nearest = squared.topk(k, 1, largest=False)[0] + norms[start : start + tile, None]
        means.append(nearest.clamp_min(0).sqrt().mean(1))
    return torch.cat(means)


def by_class(np, points, classes, density):
    out = np.empty(len(points), np.float32)
    for rows in classes:
        out[rows] = density(np.ascontiguousarray(points[rows]))
    return out
