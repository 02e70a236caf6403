"""Windows as columns, and columns added back: unfold and fold, an adjoint pair."""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.ops import arguments
from course.ops.arguments import Shape, Sizes
from course.ops.windows import Windows

Array = NDArray[Any]


# --8<-- [start:unfold]
def unfold(
    x: ArrayLike,
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Array:
    """y[n, (c, t), i] = x[n, c, i·stride + t·dilation − padding].

    Every window of (N, C, H, W) becomes a column: the result is
    (N, C · taps, windows). Without the batch, (C, H, W) works
    too.

    >>> unfold([[[1, 2, 3], [4, 5, 6]]], 2)
    array([[1, 2],
           [2, 3],
           [4, 5],
           [5, 6]])
    """
    name, x = "unfold", np.asarray(x)
    images = arguments.batched(name, x, 2)
    n, c = images.shape[:2]
    at = _geometry(
        name, images.shape, kernel_size, dilation, padding, stride
    )
    y = at.gather(images)
    y = y.reshape(n, c * at.taps, prod(at.out))
    return y if x.ndim == 4 else y[0]


# --8<-- [end:unfold]


# --8<-- [start:fold]
def fold(
    x: ArrayLike,
    output_size: Sizes,
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Array:
    """y[n, c, j] = Σ_i,t x[n, (c, t), i]: the adjoint of unfold.

    The sum is over all i·stride + t·dilation − padding = j:
    entries that came from one place are added there.
    `output_size` is the height and the width to go back to.

    >>> fold([[1, 2], [2, 3], [4, 5], [5, 6]], (2, 3), 2)
    array([[[ 1,  4,  3],
            [ 4, 10,  6]]])
    """
    name, x = "fold", np.asarray(x)
    size = _pair(name, "output_size", output_size, 1)
    columns = x[None] if x.ndim == 2 else x
    if columns.ndim != 3:
        raise ValueError(
            f"{name}: x has {x.ndim} dimensions, not 2 or 3"
        )
    taps = prod(_pair(name, "kernel_size", kernel_size, 1))
    n, c = len(columns), columns.shape[1] // taps
    at = _geometry(
        name,
        (n, c, *size),
        kernel_size,
        dilation,
        padding,
        stride,
    )
    if columns.shape[1:] != (c * taps, prod(at.out)):
        raise ValueError(
            f"{name}: x has shape {x.shape}, but there are "
            f"{prod(at.out)} windows of {taps} entries a channel"
        )
    spread = columns.reshape(n, c, *at.kernel, *at.out)
    y = at.scatter(spread)
    return y if x.ndim == 3 else y[0]


# --8<-- [end:fold]


def _pair(
    name: str, what: str, value: Sizes, least: int
) -> Shape:
    if isinstance(value, Sequence) and len(value) != 2:
        raise ValueError(
            f"{name}: {what} is {value!r}; it must be one number or 2"
        )
    return arguments.sizes(name, what, value, 2, least)


def _geometry(
    name: str,
    shape: Shape,
    kernel_size: Sizes,
    dilation: Sizes,
    padding: Sizes,
    stride: Sizes,
) -> Windows:
    if min(shape[1:]) < 1:
        raise ValueError(
            f"{name}: the images have shape {shape}; only the batch may be empty"
        )
    k = _pair(name, "kernel_size", kernel_size, 1)
    d = _pair(name, "dilation", dilation, 1)
    p = _pair(name, "padding", padding, 0)
    s = _pair(name, "stride", stride, 1)
    at = Windows(shape[2:], k, s, d, p, p)
    if min(at.out) < 1:
        raise ValueError(
            f"{name}: a window spans {at.reach}, more than the padded image of {at.padded}"
        )
    return at
