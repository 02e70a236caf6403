"""Pooling: the largest entry or the mean of every window, and the way back for each."""

from math import prod
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.ops.arguments import Sizes
from course.ops.pool_windows import (
    Options,
    largest_and_place,
    over_windows,
    pool_geometry,
    window_counts,
)
from course.ops.windows import chunks

Array = NDArray[Any]

SLAB = 500_000  # bytes of input at a time: its planes stay in the cache


@overload
def max_pool1d(
    x: ArrayLike,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Array: ...
@overload
def max_pool1d(
    x: ArrayLike,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    *,
    return_indices: Literal[True],
) -> tuple[Array, Array]: ...
def max_pool1d(
    x: ArrayLike,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Array | tuple[Array, Array]:
    """y[n, c, i] = max_t x[n, c, i·stride + t·dilation − padding]: the largest entry of every window.

    >>> max_pool1d([[1, 5, 2, 4]], 2)
    array([[5, 4]])
    """
    return _max_pool(
        "max_pool1d",
        1,
        x,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        return_indices,
    )


@overload
def max_pool2d(
    x: ArrayLike,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: Literal[False] = False,
) -> Array: ...
@overload
def max_pool2d(
    x: ArrayLike,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    *,
    return_indices: Literal[True],
) -> tuple[Array, Array]: ...
def max_pool2d(
    x: ArrayLike,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Array | tuple[Array, Array]:
    """y[n, c, i] = max_t x[n, c, i·stride + t·dilation − padding], i and t over two axes.

    The stride is the kernel size unless given. With `return_indices` also where each maximum stands in its
    flattened plane of x; of equal ones, the first. The padding never wins.

    >>> max_pool2d([[[1, 5], [2, 4]]], 2, return_indices=True)
    (array([[[5]]]), array([[[1]]]))
    """
    return _max_pool(
        "max_pool2d",
        2,
        x,
        kernel_size,
        stride,
        padding,
        dilation,
        ceil_mode,
        return_indices,
    )


def avg_pool1d(
    x: ArrayLike,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """y[n, c, i] = (1 / count(i)) Σ_t x[n, c, i·stride + t − padding]: the mean of every window.

    >>> avg_pool1d([[1.0, 5.0, 2.0, 4.0]], 2)
    array([[3., 3.]])
    """
    options = (kernel_size, stride, padding, 1, ceil_mode)
    return _avg_pool(
        "avg_pool1d", 1, x, options, count_include_pad, None
    )


def avg_pool2d(
    x: ArrayLike,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    """y[n, c, i] = (1 / count(i)) Σ_t x[n, c, i·stride + t − padding], i and t over two axes.

    The count is that of the window's entries, with those in the padding unless `count_include_pad` is false; or it
    is `divisor_override`. The mean of integers is an integer, rounded towards zero, as in torch.

    >>> avg_pool2d([[[1.0, 5.0], [2.0, 4.0]]], 2)
    array([[[3.]]])
    """
    options = (kernel_size, stride, padding, 1, ceil_mode)
    return _avg_pool(
        "avg_pool2d",
        2,
        x,
        options,
        count_include_pad,
        divisor_override,
    )


def _max_pool(
    name: str,
    axes: int,
    x: ArrayLike,
    kernel: Sizes,
    stride: Sizes | None,
    padding: Sizes,
    dilation: Sizes,
    ceil_mode: bool,
    return_indices: bool,
) -> Array | tuple[Array, Array]:
    x = np.asarray(x)
    if x.dtype.kind not in "iuf":
        raise TypeError(
            f"{name}: x is {x.dtype}; only real numbers have a largest"
        )
    at = pool_geometry(
        name,
        axes,
        x.shape,
        (kernel, stride, padding, dilation, ceil_mode),
    )
    lowest = (
        -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    )
    planes = x.reshape(-1, *at.size)
    y = np.empty((len(planes), *at.out), x.dtype)
    where = np.empty(
        y.shape if return_indices else (0,), np.int64
    )
    for some in chunks(
        len(planes), SLAB // (prod(at.padded) * x.itemsize)
    ):
        padded = at.pad(planes[some], lowest)
        if return_indices:
            y[some], where[some] = largest_and_place(padded, at)
        else:
            y[some] = over_windows(np.maximum, padded, at)
    shape = (*x.shape[:-axes], *at.out)
    return (
        (y.reshape(shape), where.reshape(shape))
        if return_indices
        else y.reshape(shape)
    )


def _avg_pool(
    name: str,
    axes: int,
    x: ArrayLike,
    options: Options,
    count_include_pad: bool,
    divisor: int | None,
) -> Array:
    x = np.asarray(x)
    if x.dtype.kind not in "iufc":
        raise TypeError(
            f"{name}: x is {x.dtype}; it must hold numbers"
        )
    at = pool_geometry(name, axes, x.shape, options)
    count = window_counts(name, at, count_include_pad, divisor)
    planes = x.reshape(-1, *at.size)
    y = np.empty((len(planes), *at.out), x.dtype)
    for some in chunks(
        len(planes), SLAB // (prod(at.padded) * x.itemsize)
    ):
        sums = over_windows(np.add, at.pad(planes[some]), at)
        if x.dtype.kind in "iu":
            shares = abs(sums) // abs(count)
            y[some] = np.where(
                (sums < 0) != (count < 0), -shares, shares
            )
        else:
            np.divide(
                sums, count.astype(x.real.dtype), out=y[some]
            )
    return y.reshape(*x.shape[:-axes], *at.out)
