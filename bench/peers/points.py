"""Sinkhorn between point clouds, cost half the squared distance, tile by tile so that no n×m matrix is stored."""
import math

TILE = 1000


def peers(inputs, threads, use):
    torch = use("torch")
    if not torch:
        return
    x, y = torch.from_numpy(inputs["x"]), torch.from_numpy(inputs["y"])
    epsilon, steps = float(inputs["epsilon"][0]), int(inputs["iterations"][0])
    half_x, half_y = (x * x).sum(1) / 2, (y * y).sum(1) / 2

    def softmin(a, b, half_a, half_b, potential):
        bias = (potential - half_b) / epsilon - math.log(len(b))
        tiles = (torch.logsumexp(torch.addmm(bias[None], a[i : i + TILE], b.T, alpha=1 / epsilon), 1) for i in range(0, len(a), TILE))
        return half_a - epsilon * torch.cat(list(tiles))

    def solve():
        g = torch.zeros(len(y))
        for _ in range(steps):
            f = softmin(x, y, half_x, half_y, g)
            g = softmin(y, x, half_y, half_x, f)
        return torch.cat([f, g])

    yield "torch tiled mm + logsumexp (log)", solve
