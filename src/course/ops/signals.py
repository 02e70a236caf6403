"""Convolution and correlation of whole arrays, of any rank, as scipy.signal defines them."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Mode = Literal["full", "same", "valid"]


def convolve(x: ArrayLike, w: ArrayLike, mode: Mode = "full") -> Array:
    r"""y[n] = Σ_m x[m] w[n − m]: the kernel is flipped, then slides over the input.

    >>> convolve([1, 2, 3], [1, 10, 100])
    array([  1,  12, 123, 230, 300])
    """
    x, w = _operands("convolve", x, w, mode)
    full = np.zeros(np.add(x.shape, w.shape) - 1, np.result_type(x, w))
    for k in np.ndindex(w.shape):
        full[tuple(slice(i, i + n) for i, n in zip(k, x.shape, strict=True))] += x * w[k]
    return full[_kept(x.shape, w.shape, mode)]


def correlate(x: ArrayLike, w: ArrayLike, mode: Mode = "full") -> Array:
    r"""y[n] = Σ_m x[n + m] conj(w[m]): the kernel slides over the input as it is, without a flip.

    The entries run from lag n = −(len(w) − 1) to len(x) − 1, along every axis. As in scipy.signal.correlate, a complex
    kernel is conjugated: entry by entry, y is the inner product of a window of x with w.

    >>> correlate([1, 2, 3], [1, 10, 100])
    array([100, 210, 321,  32,   3])
    """
    x, w = _operands("correlate", x, w, mode)
    return convolve(x, np.conj(np.flip(w)), mode)


def _operands(name: str, x: ArrayLike, w: ArrayLike, mode: str) -> tuple[Array, Array]:
    x, w = np.asarray(x), np.asarray(w)
    if x.ndim != w.ndim:
        raise ValueError(f"{name}: x has {x.ndim} dimensions and w has {w.ndim}; both need the same number")
    if mode not in ("full", "same", "valid"):
        raise ValueError(f"{name}: mode is {mode!r}; it must be 'full', 'same' or 'valid'")
    larger = [
        all(a >= b for a, b in zip(p, q, strict=True)) for p, q in ((x.shape, w.shape), (w.shape, x.shape))
    ]
    if mode == "valid" and not any(larger):
        raise ValueError(
            f"{name}: mode 'valid' needs one input inside the other, but x is {x.shape} and w is {w.shape}"
        )
    return x, w


def _kept(x_shape: tuple[int, ...], w_shape: tuple[int, ...], mode: str) -> tuple[slice, ...]:
    """The part of the full result that a mode keeps."""
    pairs = list(zip(x_shape, w_shape, strict=True))
    if mode == "same":
        return tuple(slice((k - 1) // 2, (k - 1) // 2 + n) for n, k in pairs)
    if mode == "valid":
        return tuple(slice(min(n, k) - 1, max(n, k)) for n, k in pairs)
    return tuple(slice(0, n + k - 1) for n, k in pairs)
