"""Smaller and larger pictures: a matrix for the rows and one for the columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging.places import (
    folded,
    like,
    reading_of,
    sizes,
    split,
    working,
)
from course.imaging.sampling import FOLDS, prefilter, weights
from course.linear import LinearOperator
from course.ops import convolve, pad_adjoint

Array = NDArray[Any]
Shape = tuple[int, ...]


# --8<-- [start:resize]
def resize(
    image: ArrayLike,
    shape: Iterable[int],
    order: int = 1,
    antialias: bool = True,
    boundary: str = "reflect",
) -> Array:
    """y = R x Cᵀ: a matrix for the rows, one for the columns.

    Pixels are squares: new pixel i has its centre at the place
    (i + ½) n/m − ½ of n old ones. Where an axis shrinks, n/m > 1,
    `antialias` first blurs along it with a Gaussian of standard
    deviation (n/m − 1) / 2, cut at 4 of them. That is
    skimage.transform.resize, unclipped and in the picture's dtype.

    >>> x = np.array([[1.0, 3.0, 5.0, 7.0]])
    >>> resize(x, (1, 2), antialias=False)
    array([[2., 6.]])
    """
    x = np.asarray(image)
    rows, columns = _axes(
        "resize",
        x.shape,
        x.dtype,
        shape,
        order,
        antialias,
        boundary,
    )
    y = _between(rows, x, columns)
    return like(y, x.dtype)


def resize_adjoint(
    g: ArrayLike,
    x_shape: Iterable[int],
    order: int = 1,
    antialias: bool = True,
    boundary: str = "reflect",
) -> Array:
    """h = Rᵀ g C: the adjoint of resize.

    >>> resize_adjoint(np.array([[2.0, 6.0]]), (1, 4), antialias=False)
    array([[1., 1., 3., 3.]])
    """
    name, given = "resize_adjoint", np.asarray(g)
    size = sizes(name, "x_shape", x_shape)
    if given.ndim != len(size) or given.shape[2:] != size[2:]:
        raise ValueError(
            f"{name}: g has shape {given.shape}, which no resize "
            f"makes of a picture of {size}"
        )
    out = given.shape[:2]
    rows, columns = _axes(
        name, size, given.dtype, out, order, antialias, boundary
    )
    return _between(rows.T, given, columns.T)


def _between(rows: Array, x: Array, columns: Array) -> Array:
    """R x Cᵀ, for every channel."""
    dtype = working(x.dtype, 1)
    y = np.tensordot(rows.astype(dtype), x.astype(dtype), 1)
    y = np.tensordot(y, columns.astype(dtype), (1, 1))
    return np.asarray(np.moveaxis(y, -1, 1))


# --8<-- [end:resize]


def resizing(
    in_shape: Iterable[int],
    shape: Iterable[int],
    order: int = 1,
    antialias: bool = True,
    boundary: str = "reflect",
) -> LinearOperator:
    """A x = resize(x, shape); the adjoint is resize_adjoint.

    >>> resizing((1, 4), (1, 2), antialias=False).to_matrix()
    array([[0.5, 0.5, 0. , 0. ],
           [0. , 0. , 0.5, 0.5]])
    """
    size = sizes("resizing", "in_shape", in_shape)
    out = sizes("resizing", "shape", shape)
    rows, columns = _axes(
        "resizing",
        size,
        np.dtype(float),
        out,
        order,
        antialias,
        boundary,
    )
    return LinearOperator(
        size,
        (*out, *size[2:]),
        lambda x: _between(rows, x, columns),
        lambda g: _between(rows.T, g, columns.T),
        "resizing",
    )


def _axes(
    name: str,
    x_shape: Shape,
    dtype: np.dtype[Any],
    shape: Iterable[int],
    order: int,
    antialias: bool,
    boundary: str,
) -> list[Array]:
    """The matrix of the rows and that of the columns."""
    reading_of(name, x_shape, dtype, order, boundary)
    antialias = (
        antialias and dtype.kind != "b"
    )  # a mask stays one
    size = sizes(name, "shape", shape)
    if len(size) != 2 or min(size) < 1:
        raise ValueError(
            f"{name}: shape is {size}; it must be (rows, columns), each at least 1"
        )
    return [
        axis_matrix(n, m, order, antialias, boundary)
        for n, m in zip(x_shape[:2], size, strict=True)
    ]


# --8<-- [start:axis_matrix]
def axis_matrix(
    n: int, m: int, order: int, antialias: bool, boundary: str
) -> Array:
    """The m×n matrix that takes n samples of a line to m.

    >>> axis_matrix(4, 2, 1, False, "reflect")
    array([[0.5, 0.5, 0. , 0. ],
           [0. , 0. , 0.5, 0.5]])
    """
    mode: Any = FOLDS[boundary]
    reading = reading_of(
        "resize", (n, n), np.dtype(float), order, boundary
    )
    places = (np.arange(m) + 0.5) * (n / m) - 0.5
    first, t = split(
        folded(places, n, reading, places[0], places[-1]), reading
    )
    rows, columns = np.arange(m), first.astype(np.intp)
    R = np.zeros((m, n + 2 * reading.margin))
    for k, weight in enumerate(weights(t, order)):
        R[rows, columns + k] += weight
    if order == 3:
        R = prefilter(R, 1)
    R = pad_adjoint(R, [(0, 0), (reading.margin,) * 2], mode=mode)
    sigma = (n / m - 1) / 2
    if antialias and sigma > 0:
        reach = int(4 * sigma + 0.5)
        blur = np.exp(
            -0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2
        )
        R = convolve(R, blur[None] / blur.sum())
        R = pad_adjoint(R, [(0, 0), (reach, reach)], mode=mode)
    return R


# --8<-- [end:axis_matrix]
