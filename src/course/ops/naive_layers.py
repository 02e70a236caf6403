"""The other layers by their definitions, in loops over every index; the tests hold the fast ones equal to them.

Images are (N, C, H, W), transforms one-dimensional; the adjoints have the forward's loops, with the arrow turned round.
"""

from collections.abc import Iterator, Sequence
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.ops.naive import inside, place

Array = NDArray[Any]
Sizes = Sequence[int]  # one for each axis


# --8<-- [start:max_pool]
def max_pool(
    x: Array,
    kernel: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    out: Sizes,
) -> tuple[Array, Array]:
    """The first largest entry of every window, and its place."""
    y = np.zeros((*x.shape[:2], *out), x.dtype)
    where = np.zeros(y.shape, np.int64)
    for n, c, *i in np.ndindex(y.shape):
        best = -np.inf
        for t in np.ndindex(*kernel):
            j = place(i, t, stride, padding, dilation)
            if inside(j, x.shape[2:]) and x[n, c, *j] > best:
                best = x[n, c, *j]
                where[n, c, *i] = np.ravel_multi_index(
                    j, x.shape[2:]
                )
        y[n, c, *i] = best
    return y, where


# --8<-- [end:max_pool]


# --8<-- [start:max_pool_adjoint]
def max_pool_adjoint(
    g: Array, where: Array, x_shape: tuple[int, ...]
) -> Array:
    """h[n, c, where[n, c, i]] += g[n, c, i]."""
    x = np.zeros(x_shape, g.dtype)
    for n, c, *i in np.ndindex(g.shape):
        j = np.unravel_index(where[n, c, *i], x_shape[2:])
        x[n, c, *j] += g[n, c, *i]
    return x


# --8<-- [end:max_pool_adjoint]


# --8<-- [start:avg_pool]
def avg_pool(
    x: Array,
    kernel: Sizes,
    stride: Sizes,
    padding: Sizes,
    out: Sizes,
) -> Array:
    """The mean of every window, the zeros around x included."""
    y = np.zeros((*x.shape[:2], *out), x.dtype)
    for n, c, *i in np.ndindex(y.shape):
        for t in np.ndindex(*kernel):
            j = place(i, t, stride, padding, (1,) * len(out))
            if inside(j, x.shape[2:]):
                y[n, c, *i] += x[n, c, *j] / np.prod(kernel)
    return y


# --8<-- [end:avg_pool]


# --8<-- [start:avg_pool_adjoint]
def avg_pool_adjoint(
    g: Array,
    kernel: Sizes,
    x_shape: tuple[int, ...],
    stride: Sizes,
    padding: Sizes,
) -> Array:
    """The loops of avg_pool: every mean hands back shares."""
    x = np.zeros(x_shape, g.dtype)
    for n, c, *i in np.ndindex(g.shape):
        for t in np.ndindex(*kernel):
            j = place(i, t, stride, padding, (1,) * len(kernel))
            if inside(j, x_shape[2:]):
                x[n, c, *j] += g[n, c, *i] / np.prod(kernel)
    return x


# --8<-- [end:avg_pool_adjoint]


# --8<-- [start:unfold]
def unfold(
    x: Array,
    kernel: Sizes,
    stride: Sizes,
    padding: Sizes,
    out: Sizes,
) -> Array:
    """Every window of every channel, written out as a column."""
    n_images, channels = x.shape[:2]
    y = np.zeros((n_images, channels, *kernel, *out), x.dtype)
    for n, c in np.ndindex(n_images, channels):
        for t in np.ndindex(*kernel):
            for i in np.ndindex(*out):
                j = place(i, t, stride, padding, (1, 1))
                if inside(j, x.shape[2:]):
                    y[n, c, *t, *i] = x[n, c, *j]
    taps, windows = np.prod(kernel), np.prod(out)
    return y.reshape(n_images, channels * taps, windows)


# --8<-- [end:unfold]


# --8<-- [start:fold]
def fold(
    y: Array,
    size: Sizes,
    kernel: Sizes,
    stride: Sizes,
    padding: Sizes,
    out: Sizes,
) -> Array:
    """The loops of unfold: every entry goes back, and adds."""
    channels = y.shape[1] // int(np.prod(kernel))
    y = y.reshape(len(y), channels, *kernel, *out)
    x = np.zeros((len(y), channels, *size), y.dtype)
    for n, c in np.ndindex(len(y), channels):
        for t in np.ndindex(*kernel):
            for i in np.ndindex(*out):
                j = place(i, t, stride, padding, (1, 1))
                if inside(j, size):
                    x[n, c, *j] += y[n, c, *t, *i]
    return x


# --8<-- [end:fold]


# --8<-- [start:pad_1d]
def pad_1d(x: Array, low: int, high: int, mode: str) -> Array:
    """Walk outwards from the edge, and read as the mode says."""
    y = np.zeros(low + len(x) + high, x.dtype)
    for i in range(len(y)):
        y[i] = x[source(i - low, len(x), mode)]
    return y


# --8<-- [end:pad_1d]


# --8<-- [start:pad_1d_adjoint]
def pad_1d_adjoint(
    g: Array, low: int, high: int, mode: str
) -> Array:
    """What was read from one place is added there."""
    x = np.zeros(len(g) - low - high, g.dtype)
    for i in range(len(g)):
        x[source(i - low, len(x), mode)] += g[i]
    return x


# --8<-- [end:pad_1d_adjoint]


# --8<-- [start:source]
def source(i: int, n: int, mode: str) -> int:
    """The place in 0 … n − 1 that stands for place i."""
    while not 0 <= i < n:
        if mode == "circular":
            i = i + n if i < 0 else i - n
        elif mode == "replicate":
            i = 0 if i < 0 else n - 1
        elif mode == "symmetric":
            i = -1 - i if i < 0 else 2 * n - 1 - i
        else:  # reflect: the edge itself is not repeated
            i = -i if i < 0 else 2 * (n - 1) - i
    return i


# --8<-- [end:source]


# --8<-- [start:interpolate_1d]
def interpolate_1d(
    x: Array, size: int, align_corners: bool
) -> Array:
    """y[i] = Σ_j weight(i, j) x[j]: the two nearest entries."""
    y = np.zeros(size, x.dtype)
    for i, j, weight in reads(len(x), size, align_corners):
        y[i] += weight * x[j]
    return y


# --8<-- [end:interpolate_1d]


# --8<-- [start:interpolate_1d_adjoint]
def interpolate_1d_adjoint(
    g: Array, n: int, align_corners: bool
) -> Array:
    """h[j] = Σ_i weight(i, j) g[i]."""
    x = np.zeros(n, g.dtype)
    for i, j, weight in reads(n, len(g), align_corners):
        x[j] += weight * g[i]
    return x


# --8<-- [end:interpolate_1d_adjoint]


# --8<-- [start:reads]
def reads(
    n: int, size: int, align_corners: bool
) -> Iterator[tuple[int, int, float]]:
    """Which of n entries each of size reads, with its weight."""
    for i in range(size):
        if align_corners:
            at = i * (n - 1) / (size - 1) if size > 1 else 0.0
        else:
            at = max((i + 0.5) * n / size - 0.5, 0.0)
        j = min(floor(at), n - 1)
        yield i, j, 1 - (at - j)
        yield i, min(j + 1, n - 1), at - j


# --8<-- [end:reads]


# --8<-- [start:dft_1d]
def dft_1d(x: Array) -> Array:
    """x̂[f] = Σ_j x[j] exp(−2πi f j / n)."""
    n = len(x)
    spectrum = np.zeros(n, complex)
    for f in range(n):
        for j in range(n):
            turn = np.exp(-2j * np.pi * f * j / n)
            spectrum[f] += x[j] * turn
    return spectrum


# --8<-- [end:dft_1d]


# --8<-- [start:grid_sample_2d]
def grid_sample_2d(x: Array, grid: Array) -> Array:
    """Bilinear: y[n, c, i] = Σ_j weight x[n, c, j]."""
    y = np.zeros((*x.shape[:2], *grid.shape[1:3]), x.dtype)
    for n, c, *i in np.ndindex(y.shape):
        for j, weight in corners(grid[n, *i], x.shape[2:]):
            y[n, c, *i] += weight * x[n, c, *j]
    return y


# --8<-- [end:grid_sample_2d]


# --8<-- [start:grid_sample_2d_adjoint]
def grid_sample_2d_adjoint(
    g: Array, grid: Array, x_shape: tuple[int, ...]
) -> Array:
    """The same loops: h[n, c, j] = Σ_i weight g[n, c, i]."""
    x = np.zeros(x_shape, g.dtype)
    for n, c, *i in np.ndindex(g.shape):
        for j, weight in corners(grid[n, *i], x_shape[2:]):
            x[n, c, *j] += weight * g[n, c, *i]
    return x


# --8<-- [end:grid_sample_2d_adjoint]


# --8<-- [start:corners]
def corners(
    point: Array, size: Sizes
) -> Iterator[tuple[Sizes, float]]:
    """The four pixels around a point (x, y), with weights."""
    (height, width), (x, y) = size, point
    down = ((y + 1) * height - 1) / 2
    right = ((x + 1) * width - 1) / 2
    for i in (floor(down), floor(down) + 1):
        for j in (floor(right), floor(right) + 1):
            if inside((i, j), size):
                yield (
                    (i, j),
                    (1 - abs(down - i)) * (1 - abs(right - j)),
                )


# --8<-- [end:corners]
