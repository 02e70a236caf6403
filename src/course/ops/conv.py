"""Convolution of any rank: the forward map, and its adjoints in the input and in the kernel.

One geometry, three functions. Every window of the input becomes a column, a slab of columns at a time, and each of the
three is then a matrix product: of the kernel with the columns, of its adjoint with the cotangent, and of the cotangent
with the adjoint of the columns. The first can do with fewer copies where the windows of long lines overlap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, SupportsIndex

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from course.ops import arguments
from course.ops.arguments import Shape, Sizes, conjugate
from course.ops.windows import Scratch, Windows, chunks, take

Array = NDArray[Any]
Padding = Sizes | str

SLAB = 3_500_000  # bytes of copies at a time: enough for a fast product, and few beside the output
LINE = 48  # places in a line of the output that is worth a product of its own


@dataclass(frozen=True)
class Slab:
    """Some images, and some rows of their windows: the rows of the input that these read, where they lie in them, and
    their places in the flattened output."""

    images: slice
    read: slice
    at: Windows
    places: slice


def slabs(
    n: int,
    channels: int,
    at: Windows,
    dtype: np.dtype[Any],
    by_lines: bool = False,
) -> Iterator[Slab]:
    """All images and all windows, in slabs that take SLAB bytes: of lines, or of columns and the lines in them."""
    row = prod(at.out[1:])
    copies = at.stride[0] if by_lines else at.kernel[0] + 1
    entries = channels * copies * prod(at.kernel[1:])
    one = entries * row * dtype.itemsize
    fit = max(1, SLAB // max(1, one))
    for rows in chunks(at.out[0], fit):
        read, band = at.band(rows)
        places = slice(rows.start * row, rows.stop * row)
        for images in chunks(n, fit // at.out[0]):
            yield Slab(images, read, band, places)


# --8<-- [start:conv]
def conv(x: Array, w: Array, at: Windows, groups: int) -> Array:
    """y[n, m, i] = Σ_c,t w[m, c, t] x[n, c, tap t of i]."""
    n, m, c = len(x), len(w), w.shape[1]
    dtype = np.result_type(x, w)
    y = np.empty((n, groups, m // groups, prod(at.out)), dtype)
    x = x.reshape(n, groups, c, *at.size)
    first, *others = at.kernel
    kernels = w.reshape(m, c, first, prod(others))
    windows_of, by_lines = columns_of, share_lines(at)
    if by_lines:
        windows_of, kernels = lines_of, kernels.swapaxes(1, 2)
    rows = kernels.reshape(groups, 1, m // groups, c * at.taps)
    scratch: Scratch = {}
    for slab in slabs(n, c * groups, at, dtype, by_lines):
        windows = windows_of(x, slab, scratch)
        part_of_y = y[slab.images, ..., slab.places]
        shape = *part_of_y.shape[:3], *windows.shape[2::2]
        part_of_y = part_of_y.reshape(shape).swapaxes(2, 3)
        np.matmul(rows, windows, out=part_of_y)
    return y.reshape(n, m, *at.out)


# --8<-- [end:conv]


# --8<-- [start:columns_of]
def columns_of(x: Array, slab: Slab, scratch: Scratch) -> Array:
    """A slab's windows as the columns of one matrix.

    (images, groups, 1, c · taps, windows)
    """
    part = x[slab.images, :, :, slab.read]
    windows = slab.at.gather(part, scratch)
    n, groups, c = part.shape[:3]
    rows, columns = c * slab.at.taps, prod(slab.at.out)
    return windows.reshape(n, groups, 1, rows, columns)


# --8<-- [end:columns_of]


# --8<-- [start:lines_of]
def share_lines(at: Windows) -> bool:
    """Whether the lines are long, and windows read most of them
    together with the windows below."""
    return (
        prod(at.out[1:]) >= LINE
        and at.kernel[0] >= 2 * at.stride[0]
        and at.dilation[0] == 1
    )


def lines_of(x: Array, slab: Slab, scratch: Scratch) -> Array:
    """A slab's windows, one matrix for each line of the output.

    (images, groups, lines, tap · c · other taps, windows)

    The other taps read copies. From one line of the output to the
    next, the matrix moves by a line of the input: it is a view.
    """
    at, part = slab.at, x[slab.images, :, :, slab.read]
    n, groups, c, count = part.shape[:4]
    lead = n, groups, at.padded[0], c
    shape = *lead, *at.kernel[1:], *at.out[1:]
    lines = take(scratch, "lines", shape, x.dtype)
    start, stop = at.low[0], at.low[0] + count
    lines[:, :, :start] = 0  # padding
    lines[:, :, stop:] = 0
    inside = lines[:, :, start:stop]
    at.others.gather(part.swapaxes(2, 3), scratch, inside)
    taps, width = prod(at.kernel[1:]), prod(at.out[1:])
    lines = lines.reshape(*lead[:3], c * taps, width)
    views = sliding_window_view(lines, at.kernel[0], 2)
    views = np.moveaxis(views[:, :, :: at.stride[0]], -1, 3)
    return views.reshape(*views.shape[:3], c * at.taps, width)


# --8<-- [end:lines_of]


# --8<-- [start:conv_adjoint_x]
def conv_adjoint_x(
    g: ArrayLike,
    w: ArrayLike,
    x_shape: Sequence[SupportsIndex],
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: SupportsIndex = 1,
) -> Array:
    """h[n, c, j] = Σ w̄[m, c, t] g[n, m, i]: of conv, in x.

    The adjoint of conv in x. The sum is over all kernels m, and
    over all windows i that read entry j through their tap t, at j
    = i·stride + t·dilation − padding: every output goes back the
    way it came. Any rank.

    >>> w = np.array([[[1, 10, 100]]])  # one kernel, one channel
    >>> conv_adjoint_x([[1, 2]], w, (1, 5), stride=2)
    array([[  1,  10, 102,  20, 200]])
    """
    g, w = np.asarray(g), np.asarray(w)
    at, shape, groups = _adjoint_arguments(
        "conv_adjoint_x", g, w.shape, x_shape,
        stride, padding, dilation, groups,
    )  # fmt: skip
    n, c, m = shape[0], shape[1], len(w)
    shape_of_w = groups, m // groups, prod(w.shape[1:])
    kernels = conjugate(w.reshape(shape_of_w)).swapaxes(1, 2)
    y = g.reshape(n, groups, m // groups, prod(at.out))
    dtype = np.result_type(g, w)
    x = np.zeros((n, groups, c // groups, *at.size), dtype)
    scratch: Scratch = {}
    for slab in slabs(n, c, at, dtype):
        part = x[slab.images, :, :, slab.read]
        shape = *part.shape[:3], *at.kernel, *slab.at.out
        windows = take(scratch, "windows", shape, dtype)
        part_of_y = y[slab.images, ..., slab.places]
        rows, places = c // groups * at.taps, prod(slab.at.out)
        columns = windows.reshape(len(part), groups, rows, places)
        np.matmul(kernels, part_of_y, out=columns)
        part += slab.at.scatter(windows, scratch)
    return x.reshape(tuple(map(int, x_shape)))


# --8<-- [end:conv_adjoint_x]


# --8<-- [start:conv_adjoint_w]
def conv_adjoint_w(
    g: ArrayLike,
    x: ArrayLike,
    w_shape: Sequence[SupportsIndex],
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: SupportsIndex = 1,
) -> Array:
    """ŵ[m, c, t] = Σ g[n, m, i] x̄[n, c, j]: of conv, in w.

    The adjoint of conv in w. The sum is over all images n and all
    windows i; tap t of window i reads j = i·stride + t·dilation −
    padding. Any rank.

    >>> x = np.array([[1, 10, 100, 1000, 10000]])  # one channel
    >>> conv_adjoint_w([[1, 2]], x, (1, 1, 3), stride=2)
    array([[[  201,  2010, 20100]]])
    """
    g, x = np.asarray(g), np.asarray(x)
    at, shape, groups = _adjoint_arguments(
        "conv_adjoint_w", g, w_shape, x.shape,
        stride, padding, dilation, groups,
    )  # fmt: skip
    n, c, m = shape[0], shape[1], int(w_shape[0])
    y = g.reshape(n, groups, m // groups, prod(at.out))
    rows = c // groups * at.taps
    w = np.zeros(
        (groups, rows, m // groups), np.result_type(g, x)
    )
    x = x.reshape(n, groups, c // groups, *at.size)
    scratch: Scratch = {}
    for slab in slabs(n, c, at, w.dtype):
        columns = columns_of(x, slab, scratch)[:, :, 0]
        columns = conjugate(columns)
        part_of_y = y[slab.images, ..., slab.places]
        w += np.matmul(columns, part_of_y.swapaxes(2, 3)).sum(0)
    w = np.ascontiguousarray(w.swapaxes(1, 2))
    return w.reshape(tuple(map(int, w_shape)))


# --8<-- [end:conv_adjoint_w]


def _adjoint_arguments(
    name: str,
    g: Array,
    w_shape: Sequence[SupportsIndex],
    x_shape: Sequence[SupportsIndex],
    stride: Sizes,
    padding: Padding,
    dilation: Sizes,
    groups: SupportsIndex,
) -> tuple[Windows, Shape, int]:
    """The geometry of the forward convolution, the batched shape of x, and the groups; g must fit them."""
    axes = len(w_shape) - 2
    w_sizes = arguments.shape(
        name, "the shape of w", w_shape, len(w_shape)
    )
    x_sizes = arguments.shape(
        name, "the shape of x", x_shape, len(x_shape)
    )
    batched = (
        x_sizes if len(x_sizes) == axes + 2 else (1, *x_sizes)
    )
    at, count = geometry(
        name, batched, w_sizes, stride, padding, dilation, groups
    )
    expected = (
        *x_sizes[: len(x_sizes) - axes - 1],
        w_sizes[0],
        *at.out,
    )
    if g.shape != expected:
        raise ValueError(
            f"{name}: g has shape {g.shape}, but the convolution returns {expected}"
        )
    return at, batched, count


def geometry(
    name: str,
    x_shape: Shape,
    w_shape: Shape,
    stride: Sizes,
    padding: Padding,
    dilation: Sizes,
    groups: SupportsIndex,
) -> tuple[Windows, int]:
    """Where the windows lie, and the groups as a number; or the rule that the shapes break."""
    axes = len(w_shape) - 2
    if axes < 1 or len(x_shape) != axes + 2:
        raise ValueError(
            f"{name}: w has shape {w_shape} and x (batched) {x_shape}; they need (M, C, …) and (N, C, …) "
            "with one and the same number of axes after them"
        )
    (count,) = arguments.sizes(name, "groups", groups, 1, 1)
    if x_shape[1] != w_shape[1] * count:
        raise ValueError(
            f"{name}: x has {x_shape[1]} channels, but w with groups={count} expects {w_shape[1] * count}"
        )
    if w_shape[0] % count or not w_shape[0]:
        raise ValueError(
            f"{name}: w has {w_shape[0]} kernels, which groups={count} cannot share equally"
        )
    if min(w_shape[2:]) < 1 or min(x_shape[2:]) < 1:
        raise ValueError(
            f"{name}: x is {x_shape} and w is {w_shape}; only the batch and the channels may be empty"
        )
    kernel = w_shape[2:]
    s = arguments.sizes(name, "stride", stride, axes, 1)
    d = arguments.sizes(name, "dilation", dilation, axes, 1)
    low, high = arguments.paddings(name, padding, kernel, s, d)
    at = Windows(x_shape[2:], kernel, s, d, low, high)
    if any(
        reach > n
        for reach, n in zip(at.reach, at.padded, strict=True)
    ):
        raise ValueError(
            f"{name}: the kernel spans {at.reach}, more than the padded input of {at.padded}"
        )
    return at, count
