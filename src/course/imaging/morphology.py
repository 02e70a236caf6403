"""Erosion and dilation, the smallest and the largest under a footprint, and what is made of them.

Erosion reads the footprint as it lies, dilation turned by half a turn, as in SciPy. With what lies outside the
picture left out, they are an adjunction: dilation(a) ≤ b exactly where a ≤ erosion(b).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging.borders import extended
from course.imaging.picture import grey

__all__ = [
    "closing",
    "dilation",
    "erosion",
    "opening",
]

Array = NDArray[Any]
CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)


# --8<-- [start:erosion]
def erosion(
    image: ArrayLike,
    footprint: ArrayLike | None = None,
    boundary: str | None = None,
    value: float = 0,
) -> Array:
    """y[i, j] = min over (p, q) in S of x[i + p, j + q].

    S is where the footprint is not zero, counted from its middle,
    (k // 2, l // 2); the cross of a pixel and its four neighbours
    unless told otherwise. What lies outside the picture is left
    out of the minimum, or is as `boundary` says, by the names of
    scipy.ndimage. Equal to grey_erosion with that mode, and for
    a bool picture to binary_erosion: border_value=1 if nothing is
    said, and boundary="constant" with that value.

    >>> print(erosion([[5, 1, 7, 7, 7]], [[1, 1, 1]]))
    [[1 1 1 7 7]]
    """
    x, S = operands("erosion", image, footprint)
    return under(x, S, np.minimum, "erosion", boundary, value)


# --8<-- [end:erosion]


# --8<-- [start:dilation]
def dilation(
    image: ArrayLike,
    footprint: ArrayLike | None = None,
    boundary: str | None = None,
    value: float = 0,
) -> Array:
    """y[i, j] = max over (p, q) in S of x[i − p, j − q].

    The footprint and the boundary are as in `erosion`; here the
    footprint is read turned by half a turn, so that each pixel
    paints it as it is. Equal to grey_dilation of scipy.ndimage,
    and for a bool picture to binary_dilation, border_value=0.

    >>> print(dilation([[5, 1, 7, 0, 0]], [[1, 1, 1]]))
    [[5 7 7 7 0]]
    """
    x, S = operands("dilation", image, footprint)
    turned = np.flip(S)
    centre = tuple((k - 1) // 2 for k in S.shape)
    return under(
        x, turned, np.maximum, "dilation", boundary, value, centre
    )


# --8<-- [end:dilation]


# --8<-- [start:opening]
def opening(
    image: ArrayLike,
    footprint: ArrayLike | None = None,
    boundary: str | None = None,
    value: float = 0,
) -> Array:
    """Erode, then dilate: what remains has room for the footprint.

    >>> print(opening([[0, 1, 0, 1, 1, 1]], [[1, 1, 1]]))
    [[0 0 0 1 1 1]]
    """
    options = footprint, boundary, value
    return dilation(erosion(image, *options), *options)


# --8<-- [end:opening]


# --8<-- [start:closing]
def closing(
    image: ArrayLike,
    footprint: ArrayLike | None = None,
    boundary: str | None = None,
    value: float = 0,
) -> Array:
    """Dilate, then erode: gaps without room for it are filled.

    >>> print(closing([[1, 1, 0, 1, 0, 0, 0]], [[1, 1, 1]]))
    [[1 1 1 1 0 0 0]]
    """
    options = footprint, boundary, value
    return erosion(dilation(image, *options), *options)


# --8<-- [end:closing]


# --8<-- [start:under]
def under(
    x: Array,
    footprint: NDArray[np.bool_],
    better: np.ufunc,
    operation: str,
    boundary: str | None,
    value: float,
    centre: tuple[int, ...] | None = None,
) -> Array:
    """The least or the greatest pixel under a footprint.

    The whole picture is moved once for each pixel of it.
    """
    rows, columns = footprint.shape
    up, left = centre or (rows // 2, columns // 2)
    widths = [(up, rows - 1 - up), (left, columns - 1 - left)]
    if boundary is None:
        boundary, value = "constant", neutral(x.dtype, better)
    if not x.size:
        return x.copy()
    wide = extended(operation, x, widths, boundary, value)
    height, width = x.shape
    if footprint.all():  # a rectangle: its rows, then its columns
        return running(
            running(wide, columns, better, 1), rows, better, 0
        )
    (p, q), *others = np.argwhere(footprint).tolist()
    out = wide[p : p + height, q : q + width].copy()
    for p, q in others:
        better(out, wide[p : p + height, q : q + width], out=out)
    return out


# --8<-- [end:under]


# --8<-- [start:running]
def running(
    x: Array, size: int, better: np.ufunc, axis: int
) -> Array:
    """The least or the greatest of every `size` neighbours.

    Windows of 1, 2, 4, … are made of two of half the size; the
    last one of two that overlap.
    """
    x, have = np.moveaxis(x, axis, 0), 1
    while have < size:
        step = min(have, size - have)
        x = better(x[:-step], x[step:])
        have += step
    return np.moveaxis(x, 0, axis)


# --8<-- [end:running]


def neutral(dtype: np.dtype[Any], better: np.ufunc) -> Any:
    """What never wins: the greatest value of the type for a minimum, the least for a maximum."""
    greatest = better is np.minimum
    if dtype.kind == "b":
        return greatest
    if dtype.kind == "f":
        return np.inf if greatest else -np.inf
    ends = np.iinfo(dtype)
    return ends.max if greatest else ends.min


def operands(
    operation: str, image: ArrayLike, footprint: ArrayLike | None
) -> tuple[Array, NDArray[np.bool_]]:
    """The picture, and the footprint as a mask."""
    x = grey(operation, image, infinite=True)
    mask = (
        CROSS if footprint is None else np.asarray(footprint) != 0
    )
    if mask.ndim != 2 or not mask.any():
        raise ValueError(
            f"{operation}: the footprint has shape {mask.shape} and {np.count_nonzero(mask)} pixels; "
            "it must have 2 axes, and a pixel that is not zero"
        )
    return x, mask
