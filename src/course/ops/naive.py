"""Convolution by its definitions, word for word: loops over every index, nothing clever, slow on purpose.

Each function computes what the fast ones in `course.ops` compute, and the tests hold them equal. The other layers have
theirs in `naive_layers`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Sizes = Sequence[int]  # one for each axis


# --8<-- [start:inner]
def inner(x: Array, y: Array) -> Any:
    """⟨x, y⟩ = sum over all places of x[place] ȳ[place]."""
    places = np.ndindex(x.shape)
    return sum(x[place] * np.conj(y[place]) for place in places)


# --8<-- [end:inner]


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


# --8<-- [start:convolve_1d_adjoint]
def convolve_1d_adjoint(g: Array, w: Array) -> Array:
    """h[k] = Σ_j w̄[j] g[k + j]: slide, without the flip."""
    size = len(g) - len(w) + 1
    x = np.zeros(size, np.result_type(g, w))
    for k in range(size):
        for j in range(len(w)):
            x[k] += np.conj(w[j]) * g[k + j]
    return x


# --8<-- [end:convolve_1d_adjoint]


# --8<-- [start:correlate_1d]
def correlate_1d(x: Array, w: Array) -> Array:
    """y[lag] = Σ_m x[m + lag] w̄[m], from −(len(w) − 1) on."""
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
    """y[m, n] = Σ_i,j x[i, j] w[m − i, n − j]."""
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
    """y[i] = Σ_j w[j] x[i − j], of any rank."""
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
    """y[lag] = Σ_m x[m + lag] w̄[m], of any rank."""
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


# --8<-- [start:conv]
def conv(
    x: Array,
    w: Array,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    groups: int,
) -> Array:
    """y[n, m, i] = Σ_c,t w[m, c, t] x[n, c, place(i, t)]."""
    y = np.zeros(
        shape_of_y(x.shape, w.shape, stride, padding, dilation)
    )
    y = y.astype(np.result_type(x, w))
    for n, m, *i in np.ndindex(y.shape):
        for c, *t in np.ndindex(w.shape[1:]):
            channel = c + m // (len(w) // groups) * w.shape[1]
            j = place(i, t, stride, padding, dilation)
            if inside(j, x.shape[2:]):
                y[n, m, *i] += w[m, c, *t] * x[n, channel, *j]
    return y


# --8<-- [end:conv]


# --8<-- [start:conv_adjoint_x]
def conv_adjoint_x(
    g: Array,
    w: Array,
    x_shape: tuple[int, ...],
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    groups: int,
) -> Array:
    """The same loops as conv's, and the arrow turned round."""
    x = np.zeros(x_shape, np.result_type(g, w))
    for n, m, *i in np.ndindex(g.shape):
        for c, *t in np.ndindex(w.shape[1:]):
            channel = c + m // (len(w) // groups) * w.shape[1]
            j = place(i, t, stride, padding, dilation)
            if inside(j, x.shape[2:]):
                x[n, channel, *j] += (
                    np.conj(w[m, c, *t]) * g[n, m, *i]
                )
    return x


# --8<-- [end:conv_adjoint_x]


# --8<-- [start:conv_adjoint_w]
def conv_adjoint_w(
    g: Array,
    x: Array,
    w_shape: tuple[int, ...],
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    groups: int,
) -> Array:
    """The same loops again: what does w receive?"""
    w = np.zeros(w_shape, np.result_type(g, x))
    for n, m, *i in np.ndindex(g.shape):
        for c, *t in np.ndindex(w.shape[1:]):
            channel = c + m // (len(w) // groups) * w.shape[1]
            j = place(i, t, stride, padding, dilation)
            if inside(j, x.shape[2:]):
                w[m, c, *t] += (
                    np.conj(x[n, channel, *j]) * g[n, m, *i]
                )
    return w


# --8<-- [end:conv_adjoint_w]


# --8<-- [start:place]
def place(
    i: Sizes,
    t: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
) -> list[int]:
    """j = i·stride + t·dilation − padding, on every axis."""
    axes = zip(i, t, stride, padding, dilation, strict=True)
    return [a * s + b * d - p for a, b, s, p, d in axes]


# --8<-- [end:place]


# --8<-- [start:inside]
def inside(j: Sizes, shape: Sizes) -> bool:
    """Is j a place in an array of this shape?"""
    return all(0 <= a < n for a, n in zip(j, shape, strict=True))


# --8<-- [end:inside]


def shape_of_y(
    x_shape: Sizes,
    w_shape: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
) -> list[int]:
    """The batch, the kernels, and how many windows fit on every axis."""
    axes = zip(
        x_shape[2:],
        w_shape[2:],
        stride,
        padding,
        dilation,
        strict=True,
    )
    fit = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in axes
    ]
    return [x_shape[0], w_shape[0], *fit]
