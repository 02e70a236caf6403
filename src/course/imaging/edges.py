"""Canny's edges: smooth, take the gradient, keep its ridges, and follow them from the strong to the weak."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging.borders import extended
from course.imaging.labels import label
from course.imaging.picture import grey

__all__ = [
    "canny",
]

Array = NDArray[Any]
Bools = NDArray[np.bool_]
Gradient = tuple[Array, Array]


# --8<-- [start:canny]
def canny(
    image: ArrayLike,
    sigma: float = 1.0,
    low: float | None = None,
    high: float | None = None,
    boundary: str = "constant",
) -> Bools:
    """Edges one pixel wide: the ridges of |∇(G_σ * x)|, followed.

    A pixel is on a ridge if the slope, by Sobel's kernels, is
    nowhere larger one step along the gradient. A ridge of at
    least `low` is kept where it is connected, over corners too,
    to a pixel of at least `high`. Both are in the picture's grey
    levels; left out, they are 0.1 and 0.2 of the largest that its
    type can hold, which counts as 1 for floats. Past the border
    the blur reads zeros, and is divided by what it makes of a
    picture of ones; or it reads what `boundary` says.

    Equal to skimage.feature.canny, whose parameters `mask` and
    `use_quantiles` are left out.

    >>> x = np.repeat([[0, 0, 0, 1, 8, 9, 9]], 4, axis=0)
    >>> print(canny(x.astype(np.uint8), 0.5, 4, 8) * 1)
    [[0 0 0 0 0 0 0]
     [0 0 0 1 0 0 0]
     [0 0 0 1 0 0 0]
     [0 0 0 0 0 0 0]]
    """
    x, low, high = in_units(image, low, high)
    if not sigma >= 0:
        raise ValueError(
            f"canny: sigma is {sigma}, but it must be at least 0"
        )
    gradient = sobel_gradient(smoothed(x, sigma, boundary))
    strength = np.sqrt(gradient[0] ** 2 + gradient[1] ** 2)
    enough = (strength >= low) & (strength > 0)
    ridge = local_maxima(strength, gradient, enough)
    return hysteresis(ridge, ridge & (strength >= high))


# --8<-- [end:canny]


# --8<-- [start:local_maxima]
def local_maxima(
    strength: Array, gradient: Gradient, enough: Bools
) -> Bools:
    """Where no neighbour along the gradient is stronger.

    One step along the gradient lies between a side neighbour and
    a corner; the strength there is interpolated between the two.
    The rim of the picture has no neighbours, and is left out.
    """
    ridge = np.zeros(strength.shape, bool)
    i, j = np.nonzero(enough[1:-1, 1:-1])
    i, j = i + 1, j + 1
    down, right = (g[i, j] for g in gradient)
    di, dj = (np.where(g >= 0, 1, -1) for g in (down, right))
    down, right = np.abs(down), np.abs(right)
    steep = down > right
    w = np.minimum(down, right) / np.maximum(down, right)
    si, sj = np.where(steep, di, 0), np.where(steep, 0, dj)
    top = np.ones(len(i), bool)
    for way in (1, -1):
        corner = strength[i + way * di, j + way * dj]
        side = strength[i + way * si, j + way * sj]
        top &= corner * w + side * (1 - w) <= strength[i, j]
    ridge[i[top], j[top]] = True
    return ridge


# --8<-- [end:local_maxima]


# --8<-- [start:hysteresis]
def hysteresis(weak: Bools, strong: Bools) -> Bools:
    """The connected regions of `weak` that hold a pixel of `strong`."""
    labels, count = label(weak, connectivity=2)
    held = np.zeros(count + 1, bool)
    held[labels[strong & weak]] = True
    kept: Bools = held[labels]
    return kept


# --8<-- [end:hysteresis]


def in_units(
    image: ArrayLike, low: float | None, high: float | None
) -> tuple[Array, float, float]:
    """The picture and the two thresholds, divided by the largest value of its type."""
    x = grey("canny", image)
    largest = 1
    if x.dtype.kind in "ui":
        largest = np.iinfo(x.dtype).max
        if x.dtype.itemsize > 2:
            raise TypeError(
                f"canny: the picture is of type {x.dtype}, but it must hold floats, or whole numbers of at most 16 bits"
            )
    if x.dtype.kind != "f":
        x = np.multiply(x, 1 / largest)
    weak = 0.1 if low is None else low / largest
    strong = 0.2 if high is None else high / largest
    if not 0 <= weak <= strong:
        raise ValueError(
            f"canny: the thresholds are {weak * largest:g} and {strong * largest:g}, "
            "but low must be at least 0 and no more than high"
        )
    return x, weak, strong


def smoothed(x: Array, sigma: float, boundary: str) -> Array:
    """G_σ * x, cut off at 4σ."""
    half = int(4 * sigma + 0.5)
    square = float(sigma or 1) ** 2
    w = np.exp(-0.5 / square * np.arange(-half, half + 1) ** 2)
    w = (w / w.sum())[half:]

    def blurred(x: Array) -> Array:
        down = one_pass(x, w, 1, 0, boundary)
        return one_pass(down, w, 1, 1, boundary)

    if boundary != "constant":
        return blurred(x)
    there = blurred(np.ones_like(x)) + np.finfo(x.dtype).eps
    out: Array = blurred(x) / there
    return out


def sobel_gradient(x: Array) -> Gradient:
    """The slopes downwards and to the right by Sobel's kernels, for which a step of one counts as eight."""
    difference, mean = np.array([0.0, 1]), np.array([2.0, 1])

    def slope(axis: int) -> Array:
        along = one_pass(x, difference, -1, axis, "reflect")
        return one_pass(along, mean, 1, 1 - axis, "reflect")

    return slope(0), slope(1)


def one_pass(
    x: Array, w: Array, sign: int, axis: int, boundary: str
) -> Array:
    """y[i] = w[0] x[i] + Σ_k w[k] (x[i + k] + sign·x[i − k]), from the far taps to the near, as SciPy adds them."""
    half, widths = len(w) - 1, [(0, 0), (0, 0)]
    widths[axis] = half, half
    wide = np.moveaxis(
        extended("canny", x, widths, boundary).astype(float),
        axis,
        0,
    )
    n = x.shape[axis]
    y = wide[half : half + n] * w[0]
    for k in range(half, 0, -1):
        right = wide[half + k : half + k + n]
        y += (right + sign * wide[half - k : half - k + n]) * w[k]
    out: Array = np.moveaxis(y, 0, axis).astype(x.dtype)
    return out
