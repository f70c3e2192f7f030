"""Cosine of rows: x against y row by row, or against the row of a table that `index` names."""


def peers(inputs, threads, use):
    np, torch, jax = use("numpy"), use("torch"), use("jax")
    x, y, index = inputs["x"], inputs["y"], inputs.get("index")
    if index is None:
        if torch:
            yield from paired_torch(torch, torch.from_numpy(x), torch.from_numpy(y))
        dot = lambda a, b: np.einsum("ij,ij->i", a, b)
        yield "numpy einsum", lambda: dot(x, y) / np.sqrt(dot(x, x) * dot(y, y))
        if jax:
            row = jax.jit(lambda a, b: (a * b).sum(1) / jax.numpy.sqrt((a * a).sum(1) * (b * b).sum(1)))
            device = jax.numpy.asarray(x), jax.numpy.asarray(y)
            yield "jax jit", lambda: row(*device).block_until_ready()
    elif torch:
        yield from indexed_torch(torch, *map(torch.from_numpy, (x, y, index.astype("int64"))))


def paired_torch(torch, x, y):
    norm = torch.linalg.vector_norm
    yield "torch F.cosine_similarity", lambda: torch.nn.functional.cosine_similarity(x, y, dim=1)
    yield "torch (x*y).sum / norms", lambda: (x * y).sum(1) / (x.norm(dim=1) * y.norm(dim=1))
    yield "torch vecdot / vector_norm", lambda: torch.linalg.vecdot(x, y) / (norm(x, dim=1) * norm(y, dim=1))


def indexed_torch(torch, x, table, index):
    functional = torch.nn.functional
    unit = lambda a: functional.normalize(a, dim=1)
    yield "torch F.cosine_similarity(x, table[index])", lambda: functional.cosine_similarity(x, table[index], dim=1)
    yield "torch normalise, gather, mul, sum", lambda: (unit(x) * unit(table)[index]).sum(1)
    yield "torch x@table.T, gather", lambda: (x @ unit(table).T).gather(1, index[:, None])[:, 0] / x.norm(dim=1)
