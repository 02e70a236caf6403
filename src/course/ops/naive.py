"""The definitions, word for word: loops over every index, nothing clever, slow on purpose.

Each function computes what the function of the same name in `course.ops` computes, and the tests hold the two equal.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


# --8<-- [start:convolve_1d]
def convolve_1d(x: Array, w: Array) -> Array:
    """y[i] = sum over j of w[j] x[i - j]."""
    size = len(x) + len(w) - 1
    y = np.zeros(size, np.result_type(x, w))
    for i in range(size):
        for j in range(len(w)):
            if 0 <= i - j < len(x):
                y[i] += w[j] * x[i - j]
    return y


# --8<-- [end:convolve_1d]


# --8<-- [start:correlate_1d]
def correlate_1d(x: Array, w: Array) -> Array:
    """y[lag] = sum over m of x[m + lag] conj(w[m])."""
    lags = range(-(len(w) - 1), len(x))
    y = np.zeros(len(lags), np.result_type(x, w))
    for n, lag in enumerate(lags):
        for m in range(len(w)):
            if 0 <= m + lag < len(x):
                y[n] += x[m + lag] * np.conj(w[m])
    return y


# --8<-- [end:correlate_1d]


# --8<-- [start:convolve_2d]
def convolve_2d(x: Array, w: Array) -> Array:
    """y[m, n] = sum over i, j of x[i, j] w[m - i, n - j]."""
    height = x.shape[0] + w.shape[0] - 1
    width = x.shape[1] + w.shape[1] - 1
    y = np.zeros((height, width), np.result_type(x, w))
    for i, j in np.ndindex(x.shape):
        for p, q in np.ndindex(w.shape):
            y[i + p, j + q] += x[i, j] * w[p, q]
    return y


# --8<-- [end:convolve_2d]


# --8<-- [start:correlate_2d]
def correlate_2d(x: Array, w: Array) -> Array:
    """y[i, j] = sum over p, q of w[p, q] x[i + p, j + q]."""
    height = x.shape[0] - w.shape[0] + 1
    width = x.shape[1] - w.shape[1] + 1
    y = np.zeros((height, width), np.result_type(x, w))
    for i, j in np.ndindex(y.shape):
        for p, q in np.ndindex(w.shape):
            y[i, j] += np.conj(w[p, q]) * x[i + p, j + q]
    return y


# --8<-- [end:correlate_2d]


# --8<-- [start:convolve]
def convolve(x: Array, w: Array, mode: str = "full") -> Array:
    """y[n] = sum over m of x[m] w[n - m], any rank."""
    y = np.zeros(
        np.add(x.shape, w.shape) - 1, np.result_type(x, w)
    )
    for m in np.ndindex(x.shape):
        for k in np.ndindex(w.shape):
            y[tuple(np.add(m, k))] += x[m] * w[k]
    return part(y, x, w, mode)


# --8<-- [end:convolve]


# --8<-- [start:correlate]
def correlate(x: Array, w: Array, mode: str = "full") -> Array:
    """y[lag] = sum over m of x[m + lag] conj(w[m]), any rank."""
    return convolve(x, np.conj(np.flip(w)), mode)


# --8<-- [end:correlate]


# --8<-- [start:part]
def part(y: Array, x: Array, w: Array, mode: str) -> Array:
    """The part of the full result that a mode keeps."""
    kept = []
    for full, n, k in zip(y.shape, x.shape, w.shape, strict=True):
        if mode == "full":
            kept.append(slice(0, full))
        elif mode == "same":  # as many as x, from the middle
            kept.append(slice((k - 1) // 2, (k - 1) // 2 + n))
        else:  # valid: where the shorter lies inside the longer
            kept.append(slice(min(n, k) - 1, max(n, k)))
    return y[tuple(kept)]


# --8<-- [end:part]
