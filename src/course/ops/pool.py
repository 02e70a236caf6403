"""Pooling: the largest entry or the mean of every window, and the way back for each."""

from math import prod
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.ops import arguments
from course.ops.arguments import Shape, Sizes
from course.ops.sizes import windows_along
from course.ops.windows import Windows, chunks

Array = NDArray[Any]

Options = tuple[
    Sizes, Sizes | None, Sizes, Sizes, bool
]  # kernel_size, stride, padding, dilation, ceil_mode

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
            y[some], where[some] = _largest_and_place(padded, at)
        else:
            y[some] = _over_windows(np.maximum, padded, at)
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
        sums = _over_windows(np.add, at.pad(planes[some]), at)
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


# --8<-- [start:over_windows]
def _over_windows(
    combine: np.ufunc, padded: Array, at: Windows
) -> Array:
    """The sum or the maximum of every window, axis after axis."""
    for axis in range(len(at.size)):
        first, *others = (padded[tap] for tap in at.along(axis))
        result = first.copy()
        for other in others:
            combine(result, other, out=result)
        padded = result
    return padded


# --8<-- [end:over_windows]


# --8<-- [start:largest_and_place]
def _largest_and_place(
    padded: Array, at: Windows
) -> tuple[Array, Array]:
    """The maximum of every window, and its place in the plane.

    A later tap takes over only with a larger entry, or a NaN; the
    number of the last that did is the largest number that did.
    """
    first, offset, corner = _places(at)
    taps = [padded[tap] for tap in at.every_tap()]
    y = taps[0].copy()
    winner = np.broadcast_to(first, y.shape).copy()
    for number, x in enumerate(taps):
        takes_over = x > y
        if x.dtype.kind == "f":
            takes_over |= np.isnan(x)
        np.maximum(y, x, out=y)
        turn = takes_over * winner.dtype.type(number)
        np.maximum(winner, turn, out=winner)
    return y, offset.take(winner) + corner


# --8<-- [end:largest_and_place]


def _places(at: Windows) -> tuple[Array, Array, Array]:
    """Of every window its first tap inside the input, and where in the plane its taps are: offset + corner."""
    steps = [
        prod(at.size[axis + 1 :]) for axis in range(len(at.size))
    ]
    corner: Array = np.zeros(at.out, np.int64)
    offset: Array = np.zeros(at.kernel, np.int64)
    first: Array = np.zeros(at.out, np.int64)
    for axis, step in enumerate(steps):
        starts = (
            np.arange(at.out[axis]) * at.stride[axis]
            - at.low[axis]
        )
        d = at.dilation[axis]
        corner += np.expand_dims(
            starts * step, tuple(range(1, len(steps) - axis))
        )
        taps = np.arange(at.kernel[axis]) * d * step
        offset += np.expand_dims(
            taps, tuple(range(1, len(steps) - axis))
        )
        skipped = -(np.minimum(starts, 0) // d) * prod(
            at.kernel[axis + 1 :]
        )
        first += np.expand_dims(
            skipped, tuple(range(1, len(steps) - axis))
        )
    return (
        first.astype(np.min_scalar_type(at.taps)),
        offset.ravel(),
        corner,
    )


def pool_geometry(
    name: str, axes: int, x_shape: Shape, options: Options
) -> Windows:
    """Where the windows of a pooling lie; in ceil mode the padding grows until the last window fits."""
    kernel_size, stride, padding, dilation, ceil_mode = options
    if len(x_shape) not in (axes + 1, axes + 2):
        raise ValueError(
            f"{name}: x has {len(x_shape)} dimensions; it must have {axes + 2}, or {axes + 1} unbatched"
        )
    if min(x_shape[-axes - 1 :]) < 1:
        raise ValueError(
            f"{name}: x has shape {x_shape}; only the batch may be empty"
        )
    n = x_shape[-axes:]
    k = arguments.sizes(name, "kernel_size", kernel_size, axes, 1)
    s = (
        k
        if stride is None or stride == () or stride == []
        else arguments.sizes(name, "stride", stride, axes, 1)
    )
    p = arguments.sizes(name, "padding", padding, axes, 0)
    d = arguments.sizes(name, "dilation", dilation, axes, 1)
    if any(2 * a > b for a, b in zip(p, k, strict=True)):
        raise ValueError(
            f"{name}: padding is {p}; it must be at most half of kernel_size {k}"
        )
    lengths = zip(n, k, s, d, p, p, strict=True)
    out = [
        windows_along(a, b, c, e, lo, hi, bool(ceil_mode))
        for a, b, c, e, lo, hi in lengths
    ]
    if min(out) < 1:
        raise ValueError(
            f"{name}: no window of kernel_size {k} and dilation {d} fits in {n} with padding {p}"
        )
    ends = [
        (o - 1) * b + e * (a - 1) + 1
        for o, a, b, e in zip(out, k, s, d, strict=True)
    ]
    high = tuple(
        max(c, end - a - m)
        for c, end, a, m in zip(p, ends, p, n, strict=True)
    )
    return Windows(n, k, s, d, p, high)


def window_counts(
    name: str,
    at: Windows,
    count_include_pad: bool,
    divisor: int | None,
) -> Array:
    """By what each sum is divided: how many of its entries count."""
    if divisor is not None:
        if isinstance(divisor, bool | float):
            raise TypeError(
                f"{name}: divisor_override is {divisor!r}; it must be a whole number"
            )
        if divisor == 0:
            raise ValueError(
                f"{name}: divisor_override is 0; it must not be"
            )
        return np.full(at.out, divisor, np.int64)
    counts: Array = np.ones((), np.int64)
    for n, k, s, p, out in zip(
        at.size, at.kernel, at.stride, at.low, at.out, strict=True
    ):
        starts = np.arange(out) * s - p
        if count_include_pad:
            here = np.minimum(starts + k, n + p) - starts
        else:
            here = np.minimum(starts + k, n) - np.maximum(
                starts, 0
            )
        counts = counts[..., None] * here
    return counts
