"""Sinkhorn with stored costs [B,n,m], uniform marginals, a fixed number of iterations; the plan is returned."""
import math


def peers(inputs, threads, use):
    cost, epsilon, steps = inputs["cost"], float(inputs["epsilon"][0]), int(inputs["iterations"][0])
    np, torch, jax, ot = use("numpy"), use("torch"), use("jax"), use("ot")
    if jax:
        device = jax.numpy.asarray(-cost / epsilon)
        log, linear = jax_log(jax, steps), jax_linear(jax, steps)
        yield "jax jit logsumexp (log)", lambda: log(device).block_until_ready()
        yield "jax jit einsum (linear)", lambda: linear(device).block_until_ready()
    if torch:
        scaled = torch.from_numpy(-cost / epsilon)
        yield "torch bmm (linear)", lambda: torch_linear(torch, scaled, steps)
        yield "torch logsumexp (log)", lambda: torch_log(torch, scaled, steps)
    if ot and torch:
        batch, costs = __import__("ot.batch").batch, torch.from_numpy(cost / epsilon)
        solve = lambda method: batch.solve_batch(costs, reg=1.0, max_iter=steps, tol=0.0, method=method, grad="detach").plan
        yield "POT ot.batch (log)", lambda: solve("log_sinkhorn")
        yield "POT ot.batch (linear)", lambda: solve("sinkhorn")
    if ot:
        yield "POT sinkhorn_log fp64 (log)", lambda: pot(np, ot, cost, epsilon, steps, "sinkhorn_log")
        yield "POT sinkhorn fp64 (linear)", lambda: pot(np, ot, cost, epsilon, steps, "sinkhorn")


def pot(np, ot, cost, epsilon, steps, method):
    a, b = (np.full(size, 1 / size) for size in cost.shape[1:])
    options = dict(method=method, numItermax=steps, stopThr=0.0, warn=False)
    return np.stack([ot.sinkhorn(a, b, problem, epsilon, **options) for problem in cost.astype(np.float64)])


def jax_log(jax, steps):
    lse = jax.nn.logsumexp

    @jax.jit
    def solve(k):
        batch, n, m = k.shape

        def step(_, potentials):
            f = -math.log(n) - lse(k + potentials[1][:, None, :], axis=2)
            return f, -math.log(m) - lse(k + f[:, :, None], axis=1)

        f, g = jax.lax.fori_loop(0, steps, step, (jax.numpy.zeros((batch, n)), jax.numpy.zeros((batch, m))))
        return jax.numpy.exp(k + f[:, :, None] + g[:, None, :])

    return solve


def jax_linear(jax, steps):
    einsum = jax.numpy.einsum

    @jax.jit
    def solve(scaled):
        batch, n, m = scaled.shape
        k = jax.numpy.exp(scaled)

        def step(_, scalings):
            u = (1 / n) / einsum("bnm,bm->bn", k, scalings[1])
            return u, (1 / m) / einsum("bnm,bn->bm", k, u)

        u, v = jax.lax.fori_loop(0, steps, step, (jax.numpy.ones((batch, n)), jax.numpy.ones((batch, m))))
        return u[:, :, None] * k * v[:, None, :]

    return solve


def torch_log(torch, k, steps):
    batch, n, m = k.shape
    g = torch.zeros(batch, 1, m)
    for _ in range(steps):
        f = -math.log(n) - torch.logsumexp(k + g, 2, keepdim=True)
        g = -math.log(m) - torch.logsumexp(k + f, 1, keepdim=True)
    return torch.exp(k + f + g)


def torch_linear(torch, scaled, steps):
    batch, n, m = scaled.shape
    k = torch.exp(scaled)
    transposed, v = k.transpose(1, 2), torch.ones(batch, m, 1)
    for _ in range(steps):
        u = (1 / n) / torch.bmm(k, v)
        v = (1 / m) / torch.bmm(transposed, u)
    return u * k * v.transpose(1, 2)
