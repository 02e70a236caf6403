"""The convolution layers, named and called as in torch.nn.functional: thin, over one implementation of any rank."""

from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.ops import arguments
from course.ops.arguments import Sizes, conjugate
from course.ops.conv import (
    Padding,
    conv,
    conv_adjoint_x,
    geometry,
)
from course.ops.padding import pad
from course.ops.sizes import transposed_sizes
from course.ops.windows import Windows

Array = NDArray[Any]


def conv1d(
    x: ArrayLike,
    w: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: SupportsIndex = 1,
) -> Array:
    """y[n, m, i] = bias[m] + Σ_c Σ_t w[m, c, t] x[n, c, i·stride + t·dilation − padding]. No flip.

    >>> conv1d([[1, 2, 3, 4]], [[[1, 10]]])
    array([[21, 32, 43]])
    """
    return _conv(
        "conv1d", 1, x, w, bias, stride, padding, dilation, groups
    )


def conv2d(
    x: ArrayLike,
    w: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: SupportsIndex = 1,
) -> Array:
    """y[n, m, i, j] = bias[m] + Σ_c Σ_s,t w[m, c, s, t] x[n, c, i·stride + s·dilation − padding, and so for j].

    x is (N, C, H, W), or (C, H, W) without the batch; w is (M, C / groups, height, width); `padding` may be 'same' or
    'valid'. As in torch, nothing is flipped: this is a correlation. A real kernel may meet a complex x.

    >>> x = np.arange(9.0).reshape(1, 3, 3)
    >>> conv2d(x, np.ones((1, 1, 2, 2)))
    array([[[ 8., 12.],
            [20., 24.]]])
    """
    return _conv(
        "conv2d", 2, x, w, bias, stride, padding, dilation, groups
    )


def conv3d(
    x: ArrayLike,
    w: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: SupportsIndex = 1,
) -> Array:
    """y[n, m, i] = bias[m] + Σ_c Σ_t w[m, c, t] x[n, c, i·stride + t·dilation − padding], i and t over three axes.

    >>> conv3d(np.ones((1, 2, 2, 2)), np.ones((1, 1, 2, 2, 2)))
    array([[[[8.]]]])
    """
    return _conv(
        "conv3d", 3, x, w, bias, stride, padding, dilation, groups
    )


def conv_transpose1d(
    x: ArrayLike,
    w: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: SupportsIndex = 1,
    dilation: Sizes = 1,
) -> Array:
    """y[n, m, j] = bias[m] + Σ_c Σ_i,t w[c, m, t] x[n, c, i], over all i, t with i·stride + t·dilation − padding = j.

    >>> conv_transpose1d([[1, 2]], [[[1, 10, 100]]], stride=2)
    array([[  1,  10, 102,  20, 200]])
    """
    return _transpose(
        "conv_transpose1d",
        1,
        x,
        w,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose2d(
    x: ArrayLike,
    w: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: SupportsIndex = 1,
    dilation: Sizes = 1,
) -> Array:
    """y[n, m, j] = bias[m] + Σ_c Σ_i,t w[c, m, t] x[n, c, i], over all i, t with i·stride + t·dilation − padding = j.

    This is `conv_adjoint_x`, the adjoint of the convolution with the same kernel and geometry: x takes the role of the
    cotangent, and w, of shape (C, M / groups, height, width), is read as that convolution reads it.

    >>> conv_transpose2d([[[4, 3], [1, 7]]], [[[[2, 0], [1, -1]]]])
    array([[[ 8,  6,  0],
            [ 6, 13, -3],
            [ 1,  6, -7]]])
    """
    return _transpose(
        "conv_transpose2d",
        2,
        x,
        w,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose3d(
    x: ArrayLike,
    w: ArrayLike,
    bias: ArrayLike | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: SupportsIndex = 1,
    dilation: Sizes = 1,
) -> Array:
    """y[n, m, j] = bias[m] + Σ_c Σ_i,t w[c, m, t] x[n, c, i], over all i, t with i·stride + t·dilation − padding = j.

    >>> conv_transpose3d([[[[2]]]], np.ones((1, 1, 1, 2, 1), int))
    array([[[[2],
             [2]]]])
    """
    return _transpose(
        "conv_transpose3d",
        3,
        x,
        w,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def _conv(
    name: str,
    axes: int,
    x: ArrayLike,
    w: ArrayLike,
    bias: ArrayLike | None,
    stride: Sizes,
    padding: Padding,
    dilation: Sizes,
    groups: SupportsIndex,
) -> Array:
    x, w, bias, batch = _operands(name, axes, x, w, bias)
    at, count = geometry(
        name,
        batch.shape,
        w.shape,
        stride,
        padding,
        dilation,
        groups,
    )
    y = _with_bias(name, conv(batch, w, at, count), bias)
    return y if x.ndim == axes + 2 else y[0]


def _transpose(
    name: str,
    axes: int,
    x: ArrayLike,
    w: ArrayLike,
    bias: ArrayLike | None,
    stride: Sizes,
    padding: Sizes,
    output_padding: Sizes,
    groups: SupportsIndex,
    dilation: Sizes,
) -> Array:
    x, w, bias, batch = _operands(name, axes, x, w, bias)
    if isinstance(padding, str):
        raise TypeError(
            f"{name}: padding is {padding!r}; it must be numbers"
        )
    s, p, d = (
        arguments.sizes(name, what, value, axes, least)
        for what, value, least in (
            ("stride", stride, 1),
            ("padding", padding, 0),
            ("dilation", dilation, 1),
        )
    )
    extra = arguments.sizes(
        name, "output_padding", output_padding, axes, 0
    )
    (count,) = arguments.sizes(name, "groups", groups, 1, 1)
    if batch.shape[1] != len(w) or len(w) % count or not len(w):
        raise ValueError(
            f"{name}: x has {batch.shape[1]} channels and w {len(w)}; they must be equal, and groups={count} "
            "must share them equally"
        )
    if min(batch.shape[2:]) < 1 or min(w.shape[1:]) < 1:
        raise ValueError(
            f"{name}: x is {batch.shape} and w is {w.shape}; only the batch may be empty"
        )
    out = transposed_sizes(
        name, batch.shape[2:], w.shape[2:], s, p, extra, d
    )
    y_shape = (len(batch), w.shape[1] * count, *out)
    # An output_padding from the stride on makes room for windows that x has no entries for.
    windows = Windows(out, w.shape[2:], s, d, p, p).out
    more = [
        (0, b - a)
        for a, b in zip(batch.shape[2:], windows, strict=True)
    ]
    y = conv_adjoint_x(
        pad(batch, [(0, 0), (0, 0), *more])
        if windows != batch.shape[2:]
        else batch,
        conjugate(w),
        y_shape,
        stride=s,
        padding=p,
        dilation=d,
        groups=count,
    )
    y = _with_bias(name, y, bias)
    return y if x.ndim == axes + 2 else y[0]


def _operands(
    name: str,
    axes: int,
    x: ArrayLike,
    w: ArrayLike,
    bias: ArrayLike | None,
) -> tuple[Array, Array, Array | None, Array]:
    """Both operands and the bias as arrays of one dtype, and x with its batch axis."""
    x, w = np.asarray(x), np.asarray(w)
    if w.ndim != axes + 2:
        raise ValueError(
            f"{name}: w has {w.ndim} dimensions; it must have {axes + 2}"
        )
    arguments.one_dtype(name, x=x, w=w)
    if bias is not None:
        bias = np.asarray(bias)
        arguments.one_dtype(name, x=x, bias=bias)
    return x, w, bias, arguments.batched(name, x, axes)


def _with_bias(name: str, y: Array, bias: Array | None) -> Array:
    if bias is None:
        return y
    if bias.shape != y.shape[1:2]:
        raise ValueError(
            f"{name}: bias has shape {bias.shape}, but there are {y.shape[1]} output channels"
        )
    along = bias.reshape(-1, *(1,) * (y.ndim - 2))
    return (
        y + along
        if bias.dtype.kind == "c" and y.dtype.kind != "c"
        else np.add(y, along, out=y)
    )
