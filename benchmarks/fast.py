"""One convolution by all the ways of `course.ops.ways`, by `conv2d` and by torch, beside the most the machine does.

For chapter 24: seconds, multiplications and numbers moved for each way on three problems; how the kernel's size decides
between products and transforms when there are channels; and the roof, in multiplications and in bytes a second.
"""

import datetime
import json
import os
from collections.abc import Callable, Iterator

import numpy as np
import torch

from benchmarks import measure
from course import ops
from course.ops import ways

Call = Callable[[], object]
PROBLEMS = {
    "layer": ((4, 64, 58, 58), (64, 64, 3, 3)),
    "first": ((4, 3, 134, 134), (32, 3, 7, 7)),
    "photograph": ((1, 1, 512, 512), (1, 1, 21, 21)),
}
SWEEP, KERNELS = (4, 16, 64, 64), (3, 5, 7, 9, 11, 15, 21)
CROSSING = ("columns", "rows", "spectra", "torch")
SLOW = 0.15  # seconds: what takes longer has fewer rounds
ITEM = 4  # bytes of a float32
IN_CACHE, IN_MEMORY = (1 << 14, 1 << 16, 1 << 18), 1 << 26  # numbers in an array that is copied and added


def operands(x_shape: tuple[int, ...], w_shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.standard_normal(x_shape, np.float32), rng.standard_normal(w_shape, np.float32)


def by_torch(x: np.ndarray, w: np.ndarray, device: str, threads: int) -> Call:
    """torch's convolution, its operands already where it computes; what is not finished is waited for."""
    tx, tw = torch.tensor(x, device=device), torch.tensor(w, device=device)

    def call() -> object:
        torch.set_num_threads(threads)
        y = torch.nn.functional.conv2d(tx, tw)
        if device != "cpu":
            torch.cuda.synchronize()
        return y

    return call


def calls_of(x: np.ndarray, w: np.ndarray) -> dict[str, Call]:
    """Everything that computes this convolution, but the loops."""
    calls: dict[str, Call] = {
        name: lambda way=way: way(x, w)
        for name, way in ways.WAYS.items()
        if name != "loops" and (name != "winograd" or w.shape[2:] == (3, 3))
    }
    calls["conv2d"] = lambda: ops.conv2d(x, w)
    calls["torch"] = by_torch(x, w, "cpu", 1)
    calls["torch all"] = by_torch(x, w, "cpu", cores())
    if torch.cuda.is_available():
        calls["torch gpu"] = by_torch(x, w, "cuda", 1)
    return calls


def cores() -> int:
    """How many threads torch may use here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def agree(calls: dict[str, Call], x: np.ndarray, w: np.ndarray) -> None:
    """All within what rounding allows a sum in any order, the tiles and the spectra within their own limits."""
    exact = ops.conv2d(x.astype(float), w.astype(float))
    sizes = ops.conv2d(abs(x).astype(float), abs(w).astype(float))
    turns = w[0].size * np.finfo(np.float32).eps / 2
    for name, call in calls.items():
        y = call()
        found = y.cpu().numpy() if isinstance(y, torch.Tensor) else np.asarray(y)
        if name == "winograd":
            allowed = ways.winograd_bound(x, w)
        elif name in ("spectra", "torch gpu"):  # no bound of each entry, but of all together
            allowed = np.full_like(exact, 1e-5 * abs(exact).max() * w[0].size ** 0.5)
        else:
            allowed = turns / (1 - turns) * sizes
        assert (abs(found - exact) <= allowed).all(), f"{name} is off by {(abs(found - exact) / allowed).max():.2f}"


def timed(calls: dict[str, Call]) -> dict[str, float]:
    """The shortest time of each, in turns; more turns for those that are quick."""
    seconds = measure.times(calls, rounds=5, seconds=0)
    quick = {name: call for name, call in calls.items() if seconds[name] < SLOW}
    for name, again in measure.times(quick, seconds=2).items():
        seconds[name] = min(seconds[name], again)
    return seconds


def slow_loops(x: np.ndarray, w: np.ndarray) -> float:
    """The seconds of seven loops, found on sixteen entries of the output: each entry takes the same."""
    k, ell = w.shape[2:]
    part, few = x[:1, :, : k + 1, : ell + 7], w[:1]
    entries = len(x) * len(w) * (x.shape[2] - k + 1) * (x.shape[3] - ell + 1)
    return measure.times({"loops": lambda: ways.loops(part, few)}, rounds=5, seconds=0)["loops"] * entries / 16


def counted(name: str, x_shape: tuple[int, ...], w_shape: tuple[int, ...]) -> dict[str, int]:
    """What a way multiplies and moves; of torch and conv2d, what the definition does and what nobody can avoid."""
    if name in ways.WAYS:
        return ways.cost(name, x_shape, w_shape)._asdict()
    (n, c, height, width), (m, _, k, ell) = x_shape, w_shape
    y = n * m * (height - k + 1) * (width - ell + 1)
    return {"multiplications": y * c * k * ell, "numbers": n * c * height * width + m * c * k * ell + y}


def problem(name: str) -> dict[str, object]:
    x_shape, w_shape = PROBLEMS[name]
    x, w = operands(x_shape, w_shape)
    calls = calls_of(x, w)
    agree(calls, x, w)
    seconds = {"loops": slow_loops(x, w), **timed(calls)}
    rows = [{"way": way, "seconds": s, **counted(way, x_shape, w_shape)} for way, s in seconds.items()]
    return {"problem": name, "x": x_shape, "w": w_shape, "rows": rows}


def sweep() -> Iterator[dict[str, object]]:
    """Sixteen channels to sixteen, as the kernel grows."""
    for k in KERNELS:
        w_shape = (16, 16, k, k)
        calls = calls_of(*operands(SWEEP, w_shape))
        seconds = timed({name: calls[name] for name in CROSSING})
        for way, s in seconds.items():
            yield {"k": k, "way": way, "seconds": s, **counted(way, SWEEP, w_shape)}


def rates(device: str, threads: int) -> dict[str, float]:
    """The most multiplications a second, in matrix products, and bytes a second, in copies and sums of arrays."""
    torch.set_num_threads(threads)
    wait = torch.cuda.synchronize if device != "cpu" else lambda: None
    products = 0.0
    for n in (256, 384, 512, 1024) if device == "cpu" else (1024, 4096, 8192):
        a = torch.rand((n, n), device=device)
        b = a.cpu().numpy()

        def product(a: torch.Tensor = a) -> None:
            a @ a
            wait()

        calls: dict[str, Call] = {"torch": product}
        if device == "cpu" and threads == 1:
            calls["numpy"] = lambda b=b: b @ b
        products = max(products, n**3 / min(measure.times(calls, rounds=9).values()))
    near = max(bandwidth(size, device, threads) for size in IN_CACHE)
    return {"multiplications": products, "cache": near, "memory": bandwidth(IN_MEMORY, device, threads)}


def bandwidth(size: int, device: str, threads: int) -> float:
    """Bytes a second that copies and sums of arrays of so many numbers read and write; the better of the two."""
    size *= threads
    a, b, y = (torch.ones(size, device=device) for _ in range(3))
    wait = torch.cuda.synchronize if device != "cpu" else lambda: None
    times = max(1, (1 << 22) // size)
    arrays = (a.numpy(), b.numpy(), y.numpy()) if device == "cpu" and threads == 1 else None

    def copies() -> None:
        for _ in range(times):
            np.copyto(arrays[2], arrays[0]) if arrays else y.copy_(a)
        wait()

    def sums() -> None:
        for _ in range(times):
            np.add(arrays[0], arrays[1], out=arrays[2]) if arrays else torch.add(a, b, out=y)
        wait()

    seconds = measure.times({"copies": copies, "sums": sums}, rounds=5)
    moved = {"copies": 2, "sums": 3}
    return max(moved[name] * ITEM * size * times / s for name, s in seconds.items())


def measured() -> dict[str, object]:
    """The entry "fast" of results.json."""
    torch.set_grad_enabled(False)
    roofs = {"one": rates("cpu", 1), "all": rates("cpu", cores())}
    gpu = None
    if torch.cuda.is_available():
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False  # float32 in earnest
        roofs["gpu"], gpu = rates("cuda", 1), torch.cuda.get_device_name()
    problems = []
    for name in PROBLEMS:
        problems.append(problem(name))
        print(f"fast: {name}", flush=True)
    entry = {
        "date": datetime.date.today().isoformat(),
        "threads": cores(),
        "gpu": gpu,
        "problems": problems,
        "sweep": list(sweep()),
    }
    for name, device, threads in (("one", "cpu", 1), ("all", "cpu", cores()), ("gpu", "cuda", 1)):
        if name in roofs:  # once more, for others may have used the machine
            again = rates(device, threads)
            roofs[name] = {what: max(rate, again[what]) for what, rate in roofs[name].items()}
    entry["roofs"] = roofs
    torch.set_grad_enabled(True)
    torch.set_num_threads(1)
    return entry


def words(entry: dict) -> str:
    """The three problems as Markdown tables, and the roof."""
    parts = []
    for p in entry["problems"]:
        (n, c, height, width), (m, _, k, ell) = p["x"], p["w"]
        lines = [
            f"{p['problem']}: {n}×{c}×{height}×{width} by {m} kernels of {k}×{ell}",
            "",
            "| way | time, ms | multiplications, millions | a second, millions | numbers moved, millions |",
            "|---|--:|--:|--:|--:|",
        ]
        for r in sorted(p["rows"], key=lambda r: r["seconds"]):
            lines.append(
                f"| {r['way']} | {1e3 * r['seconds']:.2f} | {r['multiplications'] / 1e6:.1f} "
                f"| {r['multiplications'] / r['seconds'] / 1e6:.0f} | {r['numbers'] / 1e6:.1f} |"
            )
        parts.append("\n".join(lines))
    one = entry["roofs"]["one"]
    parts.append(
        f"At most, with one thread: {one['multiplications'] / 1e9:.1f} billion multiplications a second in matrix "
        f"products, {one['cache'] / 1e9:.0f} GB a second between arrays that fit the cache and "
        f"{one['memory'] / 1e9:.0f} between those that do not."
    )
    return "\n\n".join(parts)


def main() -> None:
    """Measure this entry alone, and write it beside all others."""
    from benchmarks import report

    torch.set_num_threads(1)
    measure.settle()
    here = report.HERE
    entry = measured()
    results = json.loads((here / "results.json").read_text(encoding="utf-8")) | {"fast": entry}
    for name, text in (
        ("results.json", json.dumps(results, indent=1) + "\n"),
        ("RESULTS.md", report.markdown(results)),
    ):
        beside = here / f".{name}.new"
        beside.write_text(text, encoding="utf-8")
        beside.replace(here / name)
