"""Serves bench/run: the same work as ours, by other libraries. A line per request and per answer, words apart by tabs.

  load KERNEL FOLDER THREADS ONLY  -> names of the peers whose name contains ONLY; "missing:NAME" for a library that does not import
  time NAME CALLS                  -> seconds a call
  output NAME FILE                 -> "ok"; FILE holds the result as npy
  versions                         -> "LIBRARY VERSION" of what was imported

A kernel's module has `peers(inputs, threads, use)`, a generator of (name, function) or (name, function, processes): a function that is
timed on one thread and divided by that number of ideal processes. `use(library)` is the module, or None where it is not installed.
"""
import importlib
import os
import sys
import time
import warnings

THREADS = int(sys.argv[1])
for variable in ("OMP", "MKL", "OPENBLAS", "NUMEXPR"):
    os.environ[variable + "_NUM_THREADS"] = str(THREADS)
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=true intra_op_parallelism_threads=%d" % THREADS
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
warnings.filterwarnings("ignore")

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print is no answer

used, missing, contestants = {}, [], {}


def torchvision_without_operators():
    """The v2 transforms need none of torchvision's compiled operators; where those do not load, nobody registers fakes for them."""
    import torch

    register = torch.library.register_fake

    def register_known(operator, *rest, **named):
        if isinstance(operator, str) and operator.startswith("torchvision::"):
            return lambda function: function
        return register(operator, *rest, **named)

    torch.library.register_fake = register_known
    try:
        return importlib.import_module("torchvision")
    finally:
        torch.library.register_fake = register


def use(library):
    try:
        module = torchvision_without_operators() if library == "torchvision" else importlib.import_module(library)
    except Exception:
        if library not in missing:
            missing.append(library)
        return None
    if library == "torch":
        module.set_num_threads(THREADS)
        module.set_grad_enabled(False)
    used[library] = module
    return module


def load(kernel, folder, only=""):
    import numpy

    inputs = {name[:-4]: numpy.load(os.path.join(folder, name)) for name in os.listdir(folder) if name.endswith(".npy")}
    contestants.clear()
    for name, run, *processes in importlib.import_module(kernel).peers(inputs, THREADS, use):
        if only in name:
            contestants[name] = (run, processes[0] if processes else 1)
    return [*contestants, *("missing:" + library for library in missing)]


def seconds(name, calls):
    run, processes = contestants[name]
    start = time.perf_counter()
    for _ in range(int(calls)):
        run()
    return [(time.perf_counter() - start) / int(calls) / processes]


def output(name, file):
    import numpy

    numpy.save(file, numpy.asarray(contestants[name][0](), numpy.float32).ravel())
    return ["ok"]


def versions():
    return [f"{name} {getattr(module, '__version__', '?')}" for name, module in used.items()]


REQUESTS = {"load": load, "time": seconds, "output": output, "versions": versions}
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
for line in sys.stdin:
    request, *words = line.rstrip("\n").split("\t")
    try:
        answer = "\t".join(str(word) for word in REQUESTS[request](*words))
    except Exception as failure:
        answer = "error\t" + f"{type(failure).__name__}: {failure}".replace("\n", " ").replace("\t", " ")[:300]
    print(answer, file=answers, flush=True)
