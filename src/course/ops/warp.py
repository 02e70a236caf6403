"""Reading an image at arbitrary places, and giving back: grid_sample, its adjoint, and the grids of affine maps."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Any, Literal, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.ops import arguments
from course.ops.arguments import Shape

Array = NDArray[Any]
SampleMode = Literal["bilinear", "nearest", "bicubic"]
PaddingMode = Literal["zeros", "border", "reflection"]


# --8<-- [start:affine_grid]
def affine_grid(
    theta: ArrayLike,
    size: Sequence[SupportsIndex],
    align_corners: bool | None = None,
) -> Array:
    """grid[n, i, j] = theta[n] @ (x_j, y_i, 1).

    Output (i, j) of `grid_sample` reads there. `theta` is (N, 2,
    3) for a `size` (N, C, H, W), or (N, 3, 4) for (N, C, D, H,
    W). x runs along the width; both run from −1 to 1, between the
    outer edges of the outer pixels, or their centres with
    `align_corners`.

    >>> affine_grid([[[1.0, 0, 0], [0, 1, 0]]], (1, 1, 1, 2))
    array([[[[-0.5,  0. ],
             [ 0.5,  0. ]]]])
    """
    name, theta = "affine_grid", np.asarray(theta)
    if theta.dtype.kind != "f":
        raise TypeError(
            f"{name}: theta is {theta.dtype}, not floating point"
        )
    lengths = arguments.shape(name, "size", size, len(size))
    axes = len(lengths) - 2
    if axes not in (2, 3) or min(lengths) < 1:
        raise ValueError(
            f"{name}: size is {lengths}; it must be 4 or 5 "
            "lengths above 0"
        )
    if theta.shape != (lengths[0], axes, axes + 1):
        raise ValueError(
            f"{name}: theta has shape {theta.shape}, but size "
            f"{lengths} expects {(lengths[0], axes, axes + 1)}"
        )
    lines = [
        _line(n, bool(align_corners), theta) for n in lengths[2:]
    ]
    places = np.meshgrid(*lines, indexing="ij")[::-1]
    points = np.stack([*places, np.ones_like(places[0])], -1)
    flat = points.reshape(-1, axes + 1) @ theta.swapaxes(1, 2)
    return np.asarray(
        flat.reshape(lengths[0], *lengths[2:], axes)
    )


# --8<-- [end:affine_grid]


# --8<-- [start:grid_sample]
def grid_sample(
    x: ArrayLike,
    grid: ArrayLike,
    mode: SampleMode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool | None = None,
) -> Array:
    """y[n, c, i] = Σ_j weight(grid[n, i], j) x[n, c, j].

    `grid` holds places as (x, y), or (x, y, z): see
    `affine_grid`. The weights are those of "bilinear"
    interpolation, of "bicubic", or 1 at the "nearest" pixel;
    outside is 0, or the "border", or the image's "reflection".
    Linear in x; of any real or complex dtype.

    >>> x = np.array([[[[0.0, 10.0]]]])
    >>> grid_sample(x, np.array([[[[0.25, 0.0]]]]))
    array([[[[7.5]]]])
    """
    x, grid = np.asarray(x), np.asarray(grid)
    name = "grid_sample"
    _check(name, x.shape, x.dtype, grid, mode, padding_mode)
    n, c, *size = x.shape
    planes = x.reshape(n, c, prod(size))
    y = np.zeros((n, c, prod(grid.shape[1:-1])), x.dtype)
    corners = _corners(
        grid, tuple(size), mode, padding_mode, align_corners
    )
    for index, weight in corners:
        for image in range(n):
            read = planes[image].take(index[image], 1)
            read *= weight[image].astype(x.real.dtype)
            y[image] += read
    return y.reshape(n, c, *grid.shape[1:-1])


# --8<-- [end:grid_sample]


# --8<-- [start:grid_sample_adjoint]
def grid_sample_adjoint(
    g: ArrayLike,
    grid: ArrayLike,
    x_shape: Sequence[SupportsIndex],
    *,
    mode: SampleMode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool | None = None,
) -> Array:
    """h[n, c, j] = Σ_i weight(grid[n, i], j) g[n, c, i].

    The adjoint of grid_sample in x: every place gives back to the
    pixels that it read.

    >>> grid = np.array([[[[0.25, 0.0]]]])
    >>> g = np.array([[[[8.0]]]])
    >>> grid_sample_adjoint(g, grid, (1, 1, 1, 2))
    array([[[[2., 6.]]]])
    """
    g, grid = np.asarray(g), np.asarray(grid)
    name = "grid_sample_adjoint"
    shape = arguments.shape(name, "x_shape", x_shape, grid.ndim)
    _check(name, shape, g.dtype, grid, mode, padding_mode)
    n, c, *size = shape
    if g.shape != (n, c, *grid.shape[1:-1]):
        raise ValueError(
            f"{name}: g has shape {g.shape}, but grid_sample "
            f"returns {(n, c, *grid.shape[1:-1])}"
        )
    given = g.reshape(n, c, prod(grid.shape[1:-1])).swapaxes(1, 2)
    x = np.zeros((n, prod(size), c), g.dtype)
    corners = _corners(
        grid, tuple(size), mode, padding_mode, align_corners
    )
    for index, weight in corners:
        share = weight[..., None].astype(g.real.dtype)
        for image in range(n):
            np.add.at(
                x[image],
                index[image],
                share[image] * given[image],
            )
    return np.ascontiguousarray(x.swapaxes(1, 2)).reshape(shape)


# --8<-- [end:grid_sample_adjoint]


def _line(n: int, align_corners: bool, like: Array) -> Array:
    """The places of n pixels from −1 to 1: their centres, between the edges or from centre to centre."""
    if align_corners:
        return (
            np.linspace(-1, 1, n, dtype=like.dtype)
            if n > 1
            else np.zeros(1, like.dtype)
        )
    return ((2 * np.arange(n) + 1) / n - 1).astype(like.dtype)


def _corners(
    grid: Array,
    size: Shape,
    mode: SampleMode,
    padding_mode: PaddingMode,
    align_corners: bool | None,
) -> Iterator[tuple[Array, Array]]:
    """The pixels that are read, as an index into the flattened image and a weight for each place of the grid."""
    aligned = bool(align_corners)
    places = grid.reshape(
        len(grid), prod(grid.shape[1:-1]), grid.shape[-1]
    )
    lines = []
    for axis, n in enumerate(size):
        place = places[..., len(size) - 1 - axis]
        pixel = (
            (place + 1) / 2 * (n - 1)
            if aligned
            else ((place + 1) * n - 1) / 2
        )
        if mode != "bicubic":
            pixel = _into(pixel, n, padding_mode, aligned)
        lines.append(
            [
                _bounded(i, w, n, mode, padding_mode, aligned)
                for i, w in _reads(pixel, mode)
            ]
        )
    for choice in product(*lines):
        index: Array = np.zeros(places.shape[:2], np.intp)
        weight: Array = np.ones(places.shape[:2], grid.dtype)
        for n, (i, w) in zip(size, choice, strict=True):
            index = index * n + i
            weight = weight * w
        yield index, weight


def _reads(
    pixel: Array, mode: SampleMode
) -> list[tuple[Array, Array]]:
    """Along one axis: the pixels around a place, and their weights."""
    if mode == "nearest":
        return [(np.rint(pixel), np.ones_like(pixel))]
    low = np.floor(pixel)
    with np.errstate(invalid="ignore"):
        t = pixel - low
    if mode == "bilinear":
        return [(low, 1 - t), (low + 1, t)]
    return [
        (low + k, _cubic(np.abs(t - k))) for k in (-1, 0, 1, 2)
    ]


def _cubic(d: Array) -> Array:
    """The cubic convolution kernel at distance d, with a = −3/4."""
    a = d.dtype.type(-0.75)
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((d - 5) * d + 8) * d * a - 4 * a
    return np.asarray(np.where(d <= 1, near, far))


def _bounded(
    pixel: Array,
    weight: Array,
    n: int,
    mode: SampleMode,
    padding_mode: PaddingMode,
    aligned: bool,
) -> tuple[Array, Array]:
    """A pixel inside the image, with weight 0 where the one asked for is outside."""
    if mode == "bicubic":
        pixel = _into(pixel, n, padding_mode, aligned)
    inside = (pixel >= 0) & (pixel <= n - 1)
    index = np.nan_to_num(np.clip(pixel, 0, n - 1)).astype(
        np.intp
    )
    return index, weight * inside


def _into(
    pixel: Array, n: int, padding_mode: PaddingMode, aligned: bool
) -> Array:
    """The place inside the image that stands for one outside, by the padding mode."""
    if padding_mode == "zeros":
        return pixel
    if padding_mode == "reflection":
        edge, span = (0.0, n - 1) if aligned else (-0.5, n)
        with np.errstate(invalid="ignore"):
            distance = (
                np.abs(pixel - edge) % (2 * span)
                if span
                else np.zeros_like(pixel)
            )
        pixel = np.minimum(
            distance, 2 * span - distance
        ) + pixel.dtype.type(edge)
    return np.asarray(np.nan_to_num(np.clip(pixel, 0, n - 1)))


def _check(
    name: str,
    x_shape: Shape,
    dtype: np.dtype[Any],
    grid: Array,
    mode: str,
    padding_mode: str,
) -> None:
    axes = len(x_shape) - 2
    if (
        axes not in (2, 3)
        or grid.ndim != axes + 2
        or grid.shape[-1] != axes
        or grid.shape[0] != x_shape[0]
    ):
        raise ValueError(
            f"{name}: x has shape {x_shape} and grid {grid.shape}; they must be (N, C, H, W) and (N, H', W', 2), or "
            "(N, C, D, H, W) and (N, D', H', W', 3)"
        )
    if min(x_shape[2:]) < 1:
        raise ValueError(
            f"{name}: x has shape {x_shape}; an image without pixels cannot be sampled"
        )
    if mode not in ("bilinear", "nearest", "bicubic") or (
        mode == "bicubic" and axes == 3
    ):
        raise ValueError(
            f"{name}: mode is {mode!r}; it must be 'bilinear', 'nearest', or for (N, C, H, W) 'bicubic'"
        )
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            f"{name}: padding_mode is {padding_mode!r}; it must be 'zeros', 'border' or 'reflection'"
        )
    real = np.empty(0, dtype).real.dtype
    if real.kind != "f" or real != grid.dtype:
        raise TypeError(
            f"{name}: x is {dtype} and grid is {grid.dtype}; they must be floating point of one precision"
        )
