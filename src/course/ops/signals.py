"""Convolution and correlation of whole arrays, of any rank, as scipy.signal defines them."""

from functools import cache
from math import log2, prod
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.ops.arguments import Shape, conjugate
from course.ops.windows import chunks

Array = NDArray[Any]
Mode = Literal["full", "same", "valid"]
Method = Literal["auto", "direct", "fft"]
Range = tuple[int, int]

# How many products take as long as the transforms do, for each entry and each squared doubling of the size: for
# signals, and for images and volumes.
PRODUCTS = {
    "f": (0.6, 0.62),
    "d": (0.6, 0.29),
    "F": (0.4, 0.35),
    "D": (0.3, 0.15),
}
FEW = 5  # taps in a row of doubles: so few slide faster along a signal than in a matrix product
BLOCK = 500_000  # bytes of shifted copies at a time: they stay in the cache


# --8<-- [start:convolve]
def convolve(
    x: ArrayLike,
    w: ArrayLike,
    mode: Mode = "full",
    method: Method = "auto",
) -> Array:
    """y[i] = Σ_j w[j] x[i − j]: the kernel, flipped, slides.

    Any rank, and as scipy.signal.convolve: `mode` "full" keeps
    every overlap, "same" as many entries as x from the middle,
    "valid" only those where the smaller input lies inside the
    larger. `method` is chosen by the sizes: sums ("direct") or
    Fourier transforms ("fft"). Integers stay integers of their
    own type, and are always summed; a narrow type wraps around as
    in NumPy, so widen uint8 first.

    >>> convolve([1, 2, 3], [1, 10, 100])
    array([  1,  12, 123, 230, 300])
    >>> convolve([1, 2, 3], [1, 10, 100], mode="same")
    array([ 12, 123, 230])
    """
    x, w = _operands("convolve", x, w, mode)
    return _convolve("convolve", x, w, mode, method)


# --8<-- [end:convolve]


# --8<-- [start:correlate]
def correlate(
    x: ArrayLike,
    w: ArrayLike,
    mode: Mode = "full",
    method: Method = "auto",
) -> Array:
    """y[i] = Σ_j x[i + j] w̄[j]: the kernel slides, unflipped.

    Any rank, and as scipy.signal.correlate: every entry is the
    inner product of w with a window of x, so a complex w is
    conjugated. In mode "full" the lag i runs from −(len(w) − 1)
    to len(x) − 1.

    >>> correlate([1, 2, 3], [1, 10, 100])
    array([100, 210, 321,  32,   3])
    >>> correlate([0, 1, 2, 1, 0, 0], [1, 2, 1], mode="valid")
    array([4, 6, 4, 1])
    """
    x, w = _operands("correlate", x, w, mode)
    flipped = conjugate(np.flip(w))
    return _convolve("correlate", x, flipped, mode, method)


# --8<-- [end:correlate]


def _operands(
    name: str, x: ArrayLike, w: ArrayLike, mode: str
) -> tuple[Array, Array]:
    x, w = np.asarray(x), np.asarray(w)
    if x.ndim != w.ndim:
        raise ValueError(
            f"{name}: x has {x.ndim} dimensions and w has {w.ndim}; they must have the same"
        )
    if mode not in ("full", "same", "valid"):
        raise ValueError(
            f"{name}: mode is {mode!r}; it must be 'full', 'same' or 'valid'"
        )
    if not w.size or (not x.size and mode != "same"):
        raise ValueError(
            f"{name}: x has shape {x.shape} and w has shape {w.shape}; neither may be empty"
        )
    pairs = list(zip(x.shape, w.shape, strict=True))
    if (
        mode == "valid"
        and any(n < k for n, k in pairs)
        and any(n > k for n, k in pairs)
    ):
        raise ValueError(
            f"{name}: mode 'valid' needs one input inside the other, but x is {x.shape} and w is {w.shape}"
        )
    return x, w


def _convolve(
    name: str, x: Array, w: Array, mode: Mode, method: Method
) -> Array:
    if method not in ("auto", "direct", "fft"):
        raise ValueError(
            f"{name}: method is {method!r}; it must be 'auto', 'direct' or 'fft'"
        )
    dtype = np.result_type(x, w)
    if method == "fft" and dtype.char not in "fdgFDG":
        raise ValueError(
            f"{name}: method 'fft' computes in floating point, and would not keep {dtype} exact"
        )
    kept = [
        _part(n, k, mode)
        for n, k in zip(x.shape, w.shape, strict=True)
    ]
    if x.ndim == 0:
        return np.asarray(x * w)
    if x.size == 0:
        return np.zeros(x.shape, dtype)
    if (
        x.size < w.size
    ):  # x ∗ w = w ∗ x: the fewer taps, the less work
        x, w = w, x
    x = x.astype(dtype, copy=False)
    w = w.astype(dtype, copy=False)
    if method == "fft" or (
        method == "auto" and _fft_is_cheaper(x, w, kept)
    ):
        return by_fft(x, w, kept)
    read = [
        (a - (k - 1), b)
        for (a, b), k in zip(kept, w.shape, strict=True)
    ]
    shape = tuple(b - a for a, b in kept)
    x, w = _between(x, read), np.ascontiguousarray(np.flip(w))
    if x.ndim == 1:
        return np.correlate(x, conjugate(w), "valid")
    if dtype.char == "d" and w.shape[-1] <= FEW:
        return by_signals(x, w, shape)
    return (
        by_rows(x, w, shape)
        if dtype.char in "fdFD"
        else by_taps(x, w, shape)
    )


def _part(n: int, k: int, mode: Mode) -> Range:
    """Which entries of the n + k − 1 of the full result a mode keeps."""
    if mode == "same":
        return (k - 1) // 2, (k - 1) // 2 + n
    return (
        (min(n, k) - 1, max(n, k))
        if mode == "valid"
        else (0, n + k - 1)
    )


def _between(x: Array, ranges: list[Range]) -> Array:
    """x[start:stop] along each axis, with zeros where that is outside."""
    y = np.zeros(
        tuple(stop - start for start, stop in ranges), x.dtype
    )
    pairs = list(zip(x.shape, ranges, strict=True))
    source = tuple(
        slice(max(a, 0), min(b, n)) for n, (a, b) in pairs
    )
    target = tuple(
        slice(max(-a, 0), min(b, n) - a) for n, (a, b) in pairs
    )
    y[target] = x[source]
    return y


# --8<-- [start:by_taps]
def by_taps(x: Array, w: Array, shape: Shape) -> Array:
    """y[i] = Σ_j w[j] x[i + j]: one shifted view for each tap."""
    y = np.zeros(shape, np.result_type(x, w))
    for tap in np.ndindex(w.shape):
        moved = zip(tap, shape, strict=True)
        window = tuple(slice(j, j + n) for j, n in moved)
        y += w[tap] * x[window]
    return y


# --8<-- [end:by_taps]


# --8<-- [start:by_signals]
def by_signals(x: Array, w: Array, shape: Shape) -> Array:
    """y[i] = Σ_j w[j] x[i + j]: the rows end to end, one signal.

    Each row of w slides along all of it. What it finds where one
    row of x ends and the next begins is not kept.
    """
    signal = x.reshape(-1)
    y: Array = np.zeros_like(signal)
    ends = [n - 1 for n in shape]
    last = np.ravel_multi_index(ends, x.shape)
    for row in np.ndindex(w.shape[:-1]):
        start = np.ravel_multi_index((*row, 0), x.shape)
        part = signal[start : start + last + w.shape[-1]]
        y[: last + 1] += np.correlate(part, w[row], "valid")
    y = y.reshape(x.shape)
    return y[tuple(slice(n) for n in shape)]


# --8<-- [end:by_signals]


# --8<-- [start:by_rows]
def by_rows(x: Array, w: Array, shape: Shape) -> Array:
    """y[i] = Σ_j w[j] x[i + j]: a matrix product a block of rows.

    The rows of w times the shifted copies of the rows of x are
    what each row of x gives to the rows of y above it.
    """
    width, taps = shape[-1], w.shape[-1]
    rows = x.reshape(-1, x.shape[-1])
    y = np.zeros((len(rows), width), x.dtype)
    steps = [
        np.ravel_multi_index(tap, x.shape[:-1])
        for tap in np.ndindex(w.shape[:-1])
    ]
    height = max(1, BLOCK // (taps * width * x.itemsize))
    height = min(height, len(rows))
    moved = np.empty((taps, height, width), x.dtype)
    given = np.empty((len(steps), height, width), x.dtype)
    for block in chunks(len(rows), height):
        some = rows[block]
        for j in range(taps):
            moved[j, : len(some)] = some[:, j : j + width]
        np.matmul(
            w.reshape(-1, taps),
            moved.reshape(taps, -1),
            out=given.reshape(len(steps), -1),
        )
        for step, part in zip(steps, given, strict=True):
            end = max(block.stop - step, 0)
            start = max(block.start - step, 0)
            first = start - (block.start - step)
            y[start:end] += part[first : first + end - start]
    y = y.reshape(*x.shape[:-1], width)
    return y[tuple(slice(n) for n in shape)]


# --8<-- [end:by_rows]


# --8<-- [start:by_fft]
def by_fft(x: Array, w: Array, kept: list[Range]) -> Array:
    """y = F⁻¹(F x · F w): a product of spectra is a convolution.

    The transform wraps around; it is long enough that what wraps
    falls outside the part that is kept.
    """
    size = [
        _fast_length(max(n + k - 1 - start, stop, n, k))
        for n, k, (start, stop) in zip(
            x.shape, w.shape, kept, strict=True
        )
    ]
    product = _spectrum(x, size)
    product *= _spectrum(w, size)
    for axis in range(x.ndim - 1):
        np.fft.ifft(product, axis=axis, out=product)
    lines = product[tuple(slice(a, b) for a, b in kept[:-1])]
    back = np.fft.ifft if x.dtype.kind == "c" else np.fft.irfft
    return back(lines, size[-1])[..., slice(*kept[-1])]


def _spectrum(a: Array, size: list[int]) -> Array:
    """F a, of a with zeros up to the size, in one array."""
    along = np.fft.fft if a.dtype.kind == "c" else np.fft.rfft
    lines = along(a, size[-1])
    spectrum = np.zeros(
        (*size[:-1], lines.shape[-1]), lines.dtype
    )
    spectrum[tuple(slice(n) for n in lines.shape)] = lines
    for axis in range(a.ndim - 1):
        np.fft.fft(spectrum, axis=axis, out=spectrum)
    return spectrum


# --8<-- [end:by_fft]


@cache
def _fast_length(n: int) -> int:
    """The next length, from n on, whose prime factors are at most 11: those are transformed fastest."""
    while True:
        rest = n
        for prime in (2, 3, 5, 7, 11):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return n
        n += 1


# --8<-- [start:fft_is_cheaper]
def _fft_is_cheaper(
    x: Array, w: Array, kept: list[Range]
) -> bool:
    """Whether transforms take less time than sums.

    A model of both, fitted to benchmarks/results.json.
    """
    if x.dtype.char not in PRODUCTS:
        return False
    rate = PRODUCTS[x.dtype.char][x.ndim > 1]
    products = w.size * prod(b - a for a, b in kept)
    size = prod(
        n + k - 1 - start
        for n, k, (start, _) in zip(
            x.shape, w.shape, kept, strict=True
        )
    )
    if products < rate * size * log2(size + 1) ** 2 + 1e5:
        return False
    return bool(np.isfinite(x).all() and np.isfinite(w).all())


# --8<-- [end:fft_is_cheaper]
