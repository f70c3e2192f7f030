"""The benchmarks' work by the array libraries at hand: JSON lines of the same names, medians of device events. Argument: a part of the names."""
import json
import math
import statistics
import sys

MOST_SECONDS = 2  # of timings of one line, three at least
TIMINGS = 21


def report(name, by, times):
    print(json.dumps({"name": name, "by": by, "median_ms": statistics.median(times), "fastest_ms": min(times), "timings": len(times)}), flush=True)


def torch_times(run):
    import torch

    def time(turn):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        run(turn)
        end.record()
        end.synchronize()
        return start.elapsed_time(end)

    run(0)  # compiles
    timings = min(TIMINGS, max(3, int(1000 * MOST_SECONDS / max(time(1), 1))))
    return [time(turn) for turn in range(timings)]


def torch_cosine(by_class):
    import torch
    x = torch.randn(1000000, 512, device="cuda")
    y = torch.randn(1000 if by_class else 1000000, 512, device="cuda")
    labels = torch.randint(1000, (1000000,), device="cuda")
    cosine = torch.compile(lambda a, b: torch.nn.functional.cosine_similarity(a, b[labels] if by_class else b))
    return torch_times(lambda turn: cosine(x, y))


def torch_sinkhorn(batch, n):
    import torch
    turns = (48 << 20) // (batch * n * n) + 1
    costs = torch.rand(turns, batch, n, n, device="cuda")

    def run(turn):
        kernel = torch.exp(costs[turn % turns] / -0.05)
        x = torch.ones(batch, n, 1, device="cuda")
        for _ in range(100):
            y = 1 / n / (kernel @ x)
            x = 1 / n / (kernel.transpose(1, 2) @ y)
        return (kernel * costs[turn % turns] * y * x.transpose(1, 2)).sum((1, 2))

    return torch_times(run)


def torch_softmin():
    """−ε log mean exp((potential − cost)/ε) of every row, a tenth of the rows at a time."""
    import torch

    @torch.compile
    def tile(rows, points, potential, epsilon):
        costs = 0.5 * ((rows * rows).sum(1, keepdim=True) + (points * points).sum(1)) - rows @ points.T
        return -epsilon * (torch.logsumexp((potential - costs) / epsilon, 1) - math.log(len(points)))

    return lambda x, y, potential, epsilon: torch.cat([tile(rows, y, potential, epsilon) for rows in x.split(len(x) // 10)])


def torch_points(n, d):
    import torch
    clouds = torch.randn(3, n, d, device="cuda")
    epsilon, softmin = torch.tensor(d / 20, device="cuda"), torch_softmin()

    def run(turn):
        x, y = clouds[turn % 3], clouds[(turn + 1) % 3]
        g = torch.zeros(n, device="cuda")
        for _ in range(10):
            f = softmin(x, y, g, epsilon)
            g = softmin(y, x, f, epsilon)

    return torch_times(run)


def torch_divergence(n, d):
    """The schedule of geomloss, all four potentials at once."""
    import torch
    clouds = torch.randn(3, n, d, device="cuda")
    softmin = torch_softmin()

    def run(turn):
        x, y = clouds[turn % 3], clouds[(turn + 1) % 3]
        box = clouds.amax((0, 1)) - clouds.amin((0, 1))
        start, target = (box * box).sum(), torch.tensor(d / 20, device="cuda")
        between = math.ceil(math.log((start / target).item(), 4))
        temperatures = [start, start] + [start / 4**k for k in range(between)] + [target, target]
        f, g, p, q = (torch.zeros(n, device="cuda") for _ in range(4))
        for step, epsilon in enumerate(temperatures):
            moved = softmin(x, y, g, epsilon), softmin(y, x, f, epsilon), softmin(x, x, p, epsilon), softmin(y, y, q, epsilon)
            averaged = 0 < step < len(temperatures) - 1
            f, g, p, q = ((old + new) / 2 if averaged else new for old, new in zip((f, g, p, q), moved))
        return (f - p).mean() + (g - q).mean()

    return torch_times(run)


def torch_augment(batch, side):
    import torch
    from torchvision.transforms import v2
    turns = (96 << 20) // (batch * 3 * side * side) + 1
    images = torch.randint(256, (turns, batch, 3, side, side), device="cuda", dtype=torch.uint8)
    ops = v2.Compose([v2.RandAugment(2, 9), v2.RandomCrop(side, 4), v2.RandomHorizontalFlip(),
                      v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5] * 3, [0.25] * 3)])
    return torch_times(lambda turn: torch.stack([ops(image) for image in images[turn % turns]]))


def nearest(queries, points):
    """Mean distance to the ten nearest beside oneself, float32."""
    squares = (points * points).sum(-1)
    distances = (queries * queries).sum(-1)[..., None] + squares[..., None, :] - 2 * queries @ points.transpose(-1, -2)
    return distances.topk(11, largest=False).values[..., 1:].clamp(min=0).sqrt().mean(-1)


def torch_knn(n, chunk, share=1):
    """share: of the queries that are timed, for all of them."""
    import torch
    x = torch.randn(n, 512, device="cuda")
    return [time / share for time in torch_times(lambda turn: [nearest(queries, x) for queries in x[:round(share * n)].split(chunk)])]


def torch_knn_by_class(classes, rows):
    import torch
    x = torch.randn(classes, rows, 512, device="cuda")
    return torch_times(lambda turn: nearest(x, x))


def torch_mix(batch, side):
    import torch
    images = torch.randn(batch, 3, side, side, device="cuda")
    rows = (7 * torch.arange(batch, device="cuda") + 3) % batch
    at = torch.arange(side, device="cuda")
    top, left = (torch.arange(batch, device="cuda") % step for step in (100, 90))
    boxed = ((at >= top[:, None]) & (at < top[:, None] + 100))[:, None, :, None] & ((at >= left[:, None]) & (at < left[:, None] + 100))[:, None, None, :]
    mix = torch.compile(lambda x: torch.where(boxed, x[rows], 0.7 * x + 0.3 * x[rows]))
    return torch_times(lambda turn: mix(images))


def torch_erase(batch, side):
    import torch
    from torchvision.transforms.v2 import functional
    images = torch.randn(batch, 3, side, side, device="cuda")

    def run(turn):
        for b in range(batch):
            functional.erase(images[b], b % 100, b % 90, 75, 75, torch.zeros(3, 1, 1, device="cuda"), inplace=True)

    return torch_times(run)


def cupy_cosine(by_class):
    import cupy
    from cupyx.profiler import benchmark
    x = cupy.random.standard_normal((1000000, 512), dtype=cupy.float32)
    y = cupy.random.standard_normal((1000 if by_class else 1000000, 512), dtype=cupy.float32)
    labels = cupy.random.randint(0, 1000, 1000000)

    def cosine():
        b = y[labels] if by_class else y
        return (x * b).sum(1) / cupy.sqrt((x * x).sum(1) * (b * b).sum(1))

    return [1000 * seconds for seconds in benchmark(cosine, n_repeat=TIMINGS, n_warmup=3).gpu_times[0]]


WORK = [
    ("cosine paired 1000000x512", "torch.compile", lambda: torch_cosine(False)),
    ("cosine paired 1000000x512", "cupy", lambda: cupy_cosine(False)),
    ("cosine by class 1000000x512", "torch.compile", lambda: torch_cosine(True)),
    ("cosine by class 1000000x512", "cupy", lambda: cupy_cosine(True)),
    ("sinkhorn 64x100x100 100 iterations", "torch", lambda: torch_sinkhorn(64, 100)),
    ("sinkhorn 1x2000x2000 100 iterations", "torch", lambda: torch_sinkhorn(1, 2000)),
    ("sinkhorn points 50000x50000x64 10 iterations", "torch.compile, tiles", lambda: torch_points(50000, 64)),
    ("sinkhorn divergence 50000x50000x64", "torch.compile, tiles", lambda: torch_divergence(50000, 64)),
    ("knn 50000x512", "torch", lambda: torch_knn(50000, 10000)),
    ("knn 1300000x512", "torch, 1/50 of the queries times 50", lambda: torch_knn(1300000, 2000, share=1 / 50)),
    ("knn within 1000 classes of 1300x512", "torch", lambda: torch_knn_by_class(1000, 1300)),
    ("augment 512x32x32", "torchvision", lambda: torch_augment(512, 32)),
    ("augment 64x224x224", "torchvision", lambda: torch_augment(64, 224)),
    ("mix 256x224x224", "torch.compile", lambda: torch_mix(256, 224)),
    ("erase 256x224x224", "torchvision", lambda: torch_erase(256, 224)),
]

if __name__ == "__main__":
    for name, by, work in WORK:
        if len(sys.argv) > 1 and sys.argv[1] not in name:
            continue
        try:
            report(name, by, work())
        except Exception as error:  # a library that is missing or fails is a line of the report
            print(json.dumps({"name": name, "by": by, "missing": f"{type(error).__name__}: {error}"[:200]}), flush=True)
