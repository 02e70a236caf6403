"""The way back from pooling: the adjoints of the mean, and of the choice that a maximum makes."""

from collections.abc import Sequence
from math import prod
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.ops import arguments
from course.ops.arguments import Shape, Sizes
from course.ops.pool_windows import (
    Options,
    pool_geometry,
    window_counts,
)
from course.ops.windows import Windows

Array = NDArray[Any]


# --8<-- [start:avg_pool_adjoint]
def avg_pool_adjoint(
    g: ArrayLike,
    kernel_size: Sizes,
    x_shape: Sequence[SupportsIndex],
    *,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
    axes: int | None = None,
) -> Array:
    """h[n, c, j] = Σ_i g[n, c, i] / count(i): of avg_pool.

    The adjoint of avg_pool1d and avg_pool2d: every window i that
    holds entry j hands back an equal share. `axes` says whether
    the windows have 1 axis or 2; it may be left out unless the
    shapes of x and g fit both, as those of (N, C, L) and
    (C, H, W) sometimes do.

    >>> avg_pool_adjoint([[4.0, 8.0]], 2, (1, 4))
    array([[2., 2., 4., 4.]])
    """
    name, g = "avg_pool_adjoint", np.asarray(g)
    options: Options = (
        kernel_size,
        stride,
        padding,
        1,
        ceil_mode,
    )
    shape = arguments.shape(
        name, "x_shape", x_shape, len(x_shape)
    )
    at = _geometry_between(name, shape, g.shape, options, axes)
    count = window_counts(
        name, at, count_include_pad, divisor_override
    )
    shares = g / count.astype(g.real.dtype)
    for axis in range(len(at.size)):
        wider = list(shares.shape)
        wider[axis - len(at.size)] = at.padded[axis]
        spread = np.zeros(wider, shares.dtype)
        for place in at.along(axis):
            spread[place] += shares
        shares = spread
    return at.inside(shares).copy()


# --8<-- [end:avg_pool_adjoint]


# --8<-- [start:max_pool_adjoint]
def max_pool_adjoint(
    g: ArrayLike,
    indices: ArrayLike,
    x_shape: Sequence[SupportsIndex],
    *,
    axes: int | None = None,
) -> Array:
    """h[n, c, indices[n, c, i]] += g[n, c, i]: of max_pool.

    Given where the maxima were found, reading x there is linear,
    and this is its adjoint: a sum, for windows that overlap may
    share a maximum. `axes` is 1 or 2, as in max_pool1d and
    max_pool2d; where three lengths leave it open, it is 1 if the
    second is kept.

    >>> max_pool_adjoint([[1, 10]], [[1, 1]], (1, 3))
    array([[ 0, 11,  0]])
    """
    name, g, indices = (
        "max_pool_adjoint",
        np.asarray(g),
        np.asarray(indices),
    )
    shape = arguments.shape(name, "x_shape", x_shape, g.ndim)
    kept = shape[:2] == g.shape[:2]
    axes = axes or (
        2 if g.ndim == 4 or (g.ndim == 3 and not kept) else 1
    )
    planes, places = in_planes(name, g, indices, shape, axes)
    x = np.zeros((len(planes), prod(shape[-axes:])), g.dtype)
    np.add.at(x, (np.arange(len(x))[:, None], places), planes)
    return x.reshape(shape)


# --8<-- [end:max_pool_adjoint]


# --8<-- [start:max_unpool2d]
def max_unpool2d(
    x: ArrayLike,
    indices: ArrayLike,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[SupportsIndex] | None = None,
) -> Array:
    """y[n, c, indices[n, c, i]] = x[n, c, i], and 0 elsewhere.

    It puts every entry back where max_pool2d found it. Where
    windows overlap and share a maximum, the last one stays, as in
    torch; the adjoint, which sums them, is `max_pool_adjoint`.
    Where no two share one, the two are the same.

    >>> max_unpool2d([[[5]]], [[[1]]], 2)
    array([[[0, 5],
            [0, 0]]])
    """
    name, x, indices = (
        "max_unpool2d",
        np.asarray(x),
        np.asarray(indices),
    )
    size = _unpooled_size(
        name, x, kernel_size, stride, padding, output_size
    )
    shape = (*x.shape[:-2], *size)
    planes, places = in_planes(name, x, indices, shape, 2)
    y = np.zeros((len(planes), prod(size)), x.dtype)
    y[np.arange(len(y))[:, None], places] = planes
    return y.reshape(shape)


# --8<-- [end:max_unpool2d]


def in_planes(
    name: str, x: Array, indices: Array, shape: Shape, axes: int
) -> tuple[Array, Array]:
    """The entries and their places, one row for each flattened plane of the shape."""
    if indices.dtype.kind not in "iu":
        raise TypeError(
            f"{name}: indices are {indices.dtype}; they must be whole numbers"
        )
    if (
        indices.shape != x.shape
        or shape[:-axes] != x.shape[:-axes]
    ):
        raise ValueError(
            f"{name}: the values have shape {x.shape} and the indices {indices.shape}; they must be equal, "
            f"and begin as the shape {shape} of the result"
        )
    if (
        indices.size
        and not 0
        <= indices.min()
        <= indices.max()
        < prod(shape[-axes:])
    ):
        raise ValueError(
            f"{name}: indices go from {indices.min()} to {indices.max()}, outside planes of {shape[-axes:]}"
        )
    rows = (prod(x.shape[:-axes]), prod(x.shape[-axes:]))
    return x.reshape(rows), indices.reshape(rows)


def _geometry_between(
    name: str,
    x_shape: Shape,
    g_shape: Shape,
    options: Options,
    axes: int | None,
) -> Windows:
    """The pooling that takes x_shape to g_shape, over 1 axis or 2."""
    fitting, problem = (
        [],
        f"g has shape {g_shape}, which no pooling of x_shape {x_shape} gives",
    )
    for some in (1, 2) if axes is None else (axes,):
        try:
            at = pool_geometry(name, some, x_shape, options)
        except ValueError as error:
            problem = str(error) if axes else problem
            continue
        if (*x_shape[:-some], *at.out) == g_shape:
            fitting.append(at)
    if len(fitting) == 2:
        raise ValueError(
            f"{name}: x_shape {x_shape} may be (N, C, L) or (C, H, W); say axes=1 or axes=2"
        )
    if not fitting:
        raise ValueError(
            problem
            if problem.startswith(name)
            else f"{name}: {problem}"
        )
    return fitting[0]


def _unpooled_size(
    name: str,
    x: Array,
    kernel_size: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    output_size: Sequence[SupportsIndex] | None,
) -> Shape:
    if x.ndim not in (3, 4):
        raise ValueError(
            f"{name}: x has {x.ndim} dimensions; it must have 4, or 3 without the batch"
        )
    k = arguments.sizes(name, "kernel_size", kernel_size, 2, 1)
    s = (
        k
        if stride is None
        else arguments.sizes(name, "stride", stride, 2, 1)
    )
    p = arguments.sizes(name, "padding", padding, 2, 0)
    usual = tuple(
        (n - 1) * b - 2 * c + a
        for n, a, b, c in zip(x.shape[-2:], k, s, p, strict=True)
    )
    if output_size is None:
        return usual
    size = arguments.shape(
        name, "output_size", output_size, len(output_size)
    )[-2:]
    if len(output_size) not in (2, x.ndim):
        raise ValueError(
            f"{name}: output_size is {output_size}; it must have 2 or {x.ndim} lengths"
        )
    if any(
        abs(got - n) >= b
        for got, n, b in zip(size, usual, s, strict=True)
    ):
        raise ValueError(
            f"{name}: output_size is {size}; it must be within a stride {s} of {usual}"
        )
    return size
