"""The layers as operators: convolution, pooling, resampling and their like, with what does not vary held fixed.

The arguments stand in the order of the function in course.ops, with the shape of x in the place of x's values last
among them: conv2d(x, w, …) becomes convolution(w, in_shape, …).
"""

from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course import ops
from course.linear.arrays import InShape, operator_of, shape_of
from course.linear.operator import LinearOperator
from course.ops.arguments import Sizes
from course.ops.conv import (
    Padding,
    conv,
    conv_adjoint_w,
    conv_adjoint_x,
    geometry,
)
from course.ops.fourier import Axes, Norm
from course.ops.resample import Mode, Scale
from course.ops.signals import Mode as Part
from course.ops.warp import PaddingMode, SampleMode

Array = NDArray[Any]


def convolution(
    w: ArrayLike,
    in_shape: InShape,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: SupportsIndex = 1,
) -> LinearOperator:
    """A x = conv(x, w), without a flip, as the layers compute it; the adjoint is conv_adjoint_x.

    w is (M, C / groups, …) and in_shape (C, …) or (N, C, …). A kernel of one or two axes acts on a signal or an image
    alone, without channels.

    >>> convolution([1.0, 2.0], 4, stride=2).to_matrix()
    array([[1., 2., 0., 0.],
           [0., 0., 1., 2.]])
    """
    w, shape = np.asarray(w), shape_of(in_shape)
    plain = w.ndim < 3
    kernel = w[None, None] if plain else w
    axes = kernel.ndim - 2
    x_shape = (
        (1, 1, *shape)
        if plain
        else (1,) * (axes + 2 - len(shape)) + shape
    )
    options: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }
    at, count = geometry(
        "convolution", x_shape, kernel.shape, *options.values()
    )
    y_shape = (x_shape[0], len(kernel), *at.out)

    def forward(x: Array) -> Array:
        one = kernel.astype(np.result_type(x, kernel), copy=False)
        return conv(
            x.reshape(x_shape).astype(one.dtype, copy=False),
            one,
            at,
            count,
        ).reshape(out_shape)

    def adjoint(g: Array) -> Array:
        return conv_adjoint_x(
            g.reshape(y_shape), kernel, x_shape, **options
        ).reshape(shape)

    out_shape = at.out if plain else y_shape[axes + 2 - len(shape) :]
    return LinearOperator(
        shape, out_shape, forward, adjoint, "convolution"
    )


def convolution_in_w(
    x: ArrayLike,
    w_shape: InShape,
    *,
    stride: Sizes = 1,
    padding: Padding = 0,
    dilation: Sizes = 1,
    groups: SupportsIndex = 1,
) -> LinearOperator:
    """A w = conv(x, w), linear in the kernel too; the adjoint is conv_adjoint_w.

    >>> convolution_in_w([[1.0, 2.0, 3.0]], (1, 1, 2)).to_matrix()
    array([[1., 2.],
           [2., 3.]])
    """
    x, shape = np.asarray(x), shape_of(w_shape)
    axes = len(shape) - 2
    batch = x.reshape((1,) * (axes + 2 - x.ndim) + x.shape)
    options: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
    }
    at, count = geometry(
        "convolution_in_w", batch.shape, shape, *options.values()
    )
    y_shape = (len(batch), shape[0], *at.out)

    def forward(w: Array) -> Array:
        one = batch.astype(np.result_type(batch, w), copy=False)
        return conv(
            one, w.astype(one.dtype, copy=False), at, count
        ).reshape(out_shape)

    def adjoint(g: Array) -> Array:
        return conv_adjoint_w(
            g.reshape(y_shape), batch, shape, **options
        )

    out_shape = y_shape[axes + 2 - x.ndim :]
    return LinearOperator(
        shape, out_shape, forward, adjoint, "convolution_in_w"
    )


def convolving(
    w: ArrayLike, in_shape: InShape, mode: Part = "full"
) -> LinearOperator:
    """A x = w ∗ x, with the flip, as convolve computes it; the adjoint correlates.

    >>> convolving([1.0, 2.0], 3).to_matrix()
    array([[1., 0., 0.],
           [2., 1., 0.],
           [0., 2., 1.],
           [0., 0., 2.]])
    """
    w, shape = np.asarray(w), shape_of(in_shape)
    full = tuple(n + k - 1 for n, k in zip(shape, w.shape, strict=True))
    out_shape = ops.convolve(np.zeros(shape), w, mode).shape
    starts = {
        "full": [0] * w.ndim,
        "same": [(k - 1) // 2 for k in w.shape],
    }
    before = starts.get(
        mode,
        [min(n, k) - 1 for n, k in zip(shape, w.shape, strict=True)],
    )
    widths = [
        (a, f - a - n)
        for a, f, n in zip(before, full, out_shape, strict=True)
    ]

    def adjoint(g: Array) -> Array:
        return ops.correlate(ops.pad(g, widths), w, "valid")

    return LinearOperator(
        shape,
        out_shape,
        lambda x: ops.convolve(x, w, mode),
        adjoint,
        "convolving",
    )


def pooling(
    kernel_size: Sizes,
    in_shape: InShape,
    *,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
    axes: int | None = None,
) -> LinearOperator:
    """A x = avg_pool(x, kernel_size); the adjoint is avg_pool_adjoint. (The maximum is not linear: see gathering.)

    The windows go over 2 axes, or over 1 if in_shape has only two lengths or `axes` says so.

    >>> pooling(2, (1, 4)).to_matrix()
    array([[0.5, 0.5, 0. , 0. ],
           [0. , 0. , 0.5, 0.5]])
    """
    shape = shape_of(in_shape)
    axes = axes or (1 if len(shape) == 2 else 2)
    options: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "ceil_mode": ceil_mode,
        "count_include_pad": count_include_pad,
    }
    if axes == 2 or divisor_override is not None:
        options["divisor_override"] = divisor_override
    forward = ops.avg_pool1d if axes == 1 else ops.avg_pool2d
    return operator_of(
        "pooling",
        shape,
        lambda x: forward(x, kernel_size, **options),
        lambda g: ops.avg_pool_adjoint(
            g, kernel_size, shape, **options, axes=axes
        ),
    )


def resampling(
    in_shape: InShape,
    size: Sizes | None = None,
    scale_factor: Scale | None = None,
    mode: Mode = "nearest",
    align_corners: bool | None = None,
) -> LinearOperator:
    """A x = interpolate(x, size or scale_factor, mode); the adjoint is interpolate_adjoint.

    >>> resampling((1, 1, 2), size=4).H([[[1, 2, 3, 4]]])
    array([[[3, 7]]])
    """
    shape = shape_of(in_shape)
    options: dict[str, Any] = {
        "size": size,
        "scale_factor": scale_factor,
        "mode": mode,
        "align_corners": align_corners,
    }
    return operator_of(
        "resampling",
        shape,
        lambda x: ops.interpolate(x, **options),
        lambda g: ops.interpolate_adjoint(g, shape, **options),
    )


def unfolding(
    kernel_size: Sizes,
    in_shape: InShape,
    *,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> LinearOperator:
    """A x = unfold(x, kernel_size); the adjoint is fold.

    >>> unfolding(2, (1, 2, 3))
    <unfolding: (1, 2, 3) -> (4, 2)>
    """
    shape = shape_of(in_shape)
    options: dict[str, Any] = {
        "dilation": dilation,
        "padding": padding,
        "stride": stride,
    }
    return operator_of(
        "unfolding",
        shape,
        lambda x: ops.unfold(x, kernel_size, **options),
        lambda g: ops.fold(g, shape[-2:], kernel_size, **options),
    )


def fourier(
    in_shape: InShape, axes: Axes = None, norm: Norm = "backward"
) -> LinearOperator:
    """A x = dft(x); the adjoint is N · idft, with N the entries transformed. With norm="ortho" A* A is the identity.

    >>> fourier(4, norm="ortho").H @ fourier(4, norm="ortho")
    <fourier.H @ fourier: (4,) -> (4,)>
    """
    shape = shape_of(in_shape)
    other: dict[Norm, Norm] = {
        "backward": "forward",
        "ortho": "ortho",
        "forward": "backward",
    }
    return LinearOperator(
        shape,
        shape,
        lambda x: ops.dft(x, axes, norm),
        lambda g: ops.idft(g, axes, other[norm]),
        "fourier",
    )


def warping(
    grid: ArrayLike,
    in_shape: InShape,
    mode: SampleMode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool | None = None,
) -> LinearOperator:
    """A x = grid_sample(x, grid); the adjoint is grid_sample_adjoint.

    >>> from course.ops import affine_grid
    >>> grid = affine_grid([[[1.0, 0, 0], [0, 1, 0]]], (1, 1, 3, 5))
    >>> warping(grid, (1, 1, 2, 4))
    <warping: (1, 1, 2, 4) -> (1, 1, 3, 5)>
    """
    places, shape = np.asarray(grid), shape_of(in_shape)
    options: dict[str, Any] = {
        "mode": mode,
        "padding_mode": padding_mode,
        "align_corners": align_corners,
    }

    def like(x: Array) -> Array:
        return places.astype(x.real.dtype, copy=False)

    return operator_of(
        "warping",
        shape,
        lambda x: ops.grid_sample(x, like(x), **options),
        lambda g: ops.grid_sample_adjoint(g, like(g), shape, **options),
    )
