"""How to measure: interleaved rounds for the time, NumPy's own count of bytes for the memory."""

import gc
import time
import tracemalloc
from collections.abc import Callable, Mapping

import numpy as np

ROUNDS = 25


def settle():
    """Free one large array, as any program has that works on images.

    From then on the C library keeps freed memory of that size instead of handing it back to the system page by page;
    before, the same call takes up to three times as long, whoever makes it.
    """
    np.ones(30_000_000 // 8)  # from 32 MiB on, the GNU library would always hand it back


def times(calls: Mapping[str, Callable[[], object]], rounds: int = ROUNDS, seconds: float = 0.5) -> dict[str, float]:
    """The shortest time of each call in seconds, over rounds in which they take turns.

    What slows the machine down slows all of them down, and the shortest time is the one it disturbed least. There are
    at least `rounds` of them, and more while they are done within `seconds`.
    """
    for call in calls.values():
        call()
    best = dict.fromkeys(calls, float("inf"))
    start, done = time.perf_counter(), 0
    while done < rounds or time.perf_counter() - start < seconds:
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - begin)
        done += 1
    return best


def peak(call: Callable[[], object]) -> int:
    """The most bytes that NumPy holds at once during the call, its result included."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result = call()
        most = tracemalloc.get_traced_memory()[1]
        del result
    finally:
        tracemalloc.stop()
    return most - before
