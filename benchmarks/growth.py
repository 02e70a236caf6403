"""How the cost of convolve grows with the image and the kernel, summed directly, by transforms, and as it chooses."""

from collections.abc import Iterator

import numpy as np

from benchmarks import measure
from course import ops

SIDES = (64, 128, 256, 512, 1024, 2048)
KERNELS = (3, 5, 7, 9, 11, 15, 21, 31, 45, 63)
DTYPES = ("float64", "float32")
LIMIT = 1.3


def row(dtype: str, side: int, k: int) -> dict[str, object]:
    """The seconds of both methods and of the automatic choice for one size, and how the choice compares."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((side, side)).astype(dtype)
    w = rng.standard_normal((k, k)).astype(dtype)
    calls = {method: lambda m=method: ops.convolve(x, w, "same", m) for method in ("direct", "fft", "auto")}
    assert np.allclose(calls["direct"](), calls["fft"](), atol=1e-2 if dtype == "float32" else 1e-9)
    slow = side * k > 20_000  # sums of a second and more: a few rounds with them, and as many as ever without
    seconds = measure.times(calls, rounds=5 if slow else measure.ROUNDS)
    if slow:
        quick = {method: calls[method] for method in ("fft", "auto")}
        for method, again in measure.times(quick).items():
            seconds[method] = min(seconds[method], again)
    best = min(seconds["direct"], seconds["fft"])
    return {"dtype": dtype, "side": side, "k": k, **seconds, "ratio": seconds["auto"] / best}


def rows() -> Iterator[dict[str, object]]:
    """The whole grid."""
    for dtype in DTYPES:
        for side in SIDES:
            for k in KERNELS:
                if k <= side:
                    yield row(dtype, side, k)
