"""Moving a whole picture by a matrix, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging.matrices import (
    about,
    apply,
    checked,
    rotation,
    translation,
)
from course.imaging.places import reading_of, sizes
from course.imaging.sampling import (
    BLOCK,
    Block,
    gather,
    scatter,
)
from course.linear import LinearOperator

Array = NDArray[Any]
Shape = tuple[int, ...]


# --8<-- [start:warp]
def warp(
    image: ArrayLike,
    matrix: ArrayLike,
    shape: Iterable[int] | None = None,
    order: int = 1,
    boundary: str = "constant",
    value: float = 0,
) -> Array:
    """y(p) = x(M⁻¹ p) for every pixel p of the new picture.

    The matrix maps points (x, y) of the picture to points of the
    new one; where a point came from, the picture is read as by
    `sample`. `shape` is (rows, columns) of the result. What lies
    behind the horizon of a homography, seen from the picture's
    centre, is `value`.

    >>> x = np.array([[1.0, 2.0, 3.0]])
    >>> warp(x, [[1, 0, 0.5], [0, 1, 0], [0, 0, 1]])
    array([[0.5, 1.5, 2.5]])
    """
    x = np.asarray(image)
    reading = reading_of(
        "warp", x.shape, x.dtype, order, boundary
    )
    back = _inverse("warp", matrix, x.shape)
    rows, columns = _size("warp", shape, x.shape)
    places = _places(back, rows, columns)
    y = gather(x, places, rows * columns, reading, value)
    return y.reshape(rows, columns, *x.shape[2:])


def warp_adjoint(
    g: ArrayLike,
    matrix: ArrayLike,
    x_shape: Iterable[int],
    order: int = 1,
    boundary: str = "constant",
) -> Array:
    """h(j) = Σ_p weight(M⁻¹ p, j) · g(p): a splat.

    The adjoint of warp in the image (for value 0): every pixel of
    the new picture gives back to those that it was read from.

    >>> g = np.array([[8.0, 0.0, 0.0]])
    >>> half = [[1, 0, 0.5], [0, 1, 0], [0, 0, 1]]
    >>> warp_adjoint(g, half, (1, 3))
    array([[4., 0., 0.]])
    """
    name, given = "warp_adjoint", np.asarray(g)
    size = sizes(name, "x_shape", x_shape)
    reading = reading_of(name, size, given.dtype, order, boundary)
    back = _inverse(name, matrix, size)
    if given.ndim != len(size) or given.shape[2:] != size[2:]:
        raise ValueError(
            f"{name}: g has shape {given.shape}, which no warp "
            f"makes of a picture of {size}"
        )
    places = _places(back, *given.shape[:2])
    return scatter(given, places, size, reading)


# --8<-- [end:warp]


def warping(
    matrix: ArrayLike,
    in_shape: Iterable[int],
    shape: Iterable[int] | None = None,
    order: int = 1,
    boundary: str = "constant",
) -> LinearOperator:
    """A x = warp(x, matrix), with value 0; the adjoint is warp_adjoint.

    >>> half = [[1, 0, 0.5], [0, 1, 0], [0, 0, 1]]
    >>> warping(half, (1, 3)).to_matrix()
    array([[0.5, 0. , 0. ],
           [0.5, 0.5, 0. ],
           [0. , 0.5, 0.5]])
    """
    size = sizes("warping", "in_shape", in_shape)
    out = _size("warping", shape, size)
    M = checked("warping", matrix).copy()
    return LinearOperator(
        size,
        (*out, *size[2:]),
        lambda x: warp(x, M, out, order, boundary),
        lambda g: warp_adjoint(g, M, size, order, boundary),
        "warping",
    )


# --8<-- [start:rotate]
def rotate(
    image: ArrayLike,
    angle: float,
    centre: ArrayLike | None = None,
    order: int = 1,
    boundary: str = "constant",
    value: float = 0,
    expand: bool = False,
) -> Array:
    """T(c) · R(angle) · T(−c), by default about the centre.

    In degrees, counter-clockwise on the screen. With `expand` the
    result is as large as the turned picture, rounded to pixels.

    >>> rotate(np.array([[1, 2], [3, 4]]), 90)
    array([[2, 4],
           [1, 3]])
    """
    x = np.asarray(image)
    reading_of("rotate", x.shape, x.dtype, order, boundary)
    last = np.array(x.shape[1::-1]) - 1.0
    M = about(
        rotation(angle), last / 2 if centre is None else centre
    )
    shape = x.shape[:2]
    if expand:
        corners = last * [[0, 0], [1, 0], [0, 1], [1, 1]]
        ends = apply(M, corners)
        low, high = ends.min(0), ends.max(0)
        M = translation(*-low) @ M
        columns, rows = np.rint(high - low).astype(int).tolist()
        shape = rows + 1, columns + 1
    return warp(x, M, shape, order, boundary, value)


# --8<-- [end:rotate]


# --8<-- [start:places]
def _places(
    back: Array, rows: int, columns: int
) -> Iterator[Block]:
    """Where the pixels of some rows at a time come from."""
    if columns == 0:
        return
    some = max(1, BLOCK // columns)
    j = np.arange(columns)
    affine = np.array_equal(back[2], [0, 0, 1])
    for start in range(0, rows, some):
        i = np.arange(start, min(start + some, rows))[:, None]
        x, y, *w = (
            (a * j + c) + b * i
            for a, b, c in back[: 2 if affine else 3]
        )
        if w:
            # at the horizon or behind it
            w[0][w[0] <= 0] = np.nan
            with np.errstate(over="ignore"):
                x, y = x / w[0], y / w[0]
        part = slice(start * columns, start * columns + x.size)
        yield part, x.reshape(-1), y.reshape(-1)


# --8<-- [end:places]


def _inverse(name: str, matrix: ArrayLike, shape: Shape) -> Array:
    """The inverse, with w > 0 in front of the horizon, on the side of the picture's centre."""
    M = checked(name, matrix)
    w = float(M[2] @ [(shape[1] - 1) / 2, (shape[0] - 1) / 2, 1])
    if w == 0:
        raise ValueError(
            f"{name}: the matrix sends the picture's centre to infinity"
        )
    if np.linalg.matrix_rank(M) < 3:
        raise ValueError(
            f"{name}: the matrix has no inverse: it maps the plane onto a line or a point"
        )
    back = np.linalg.inv(M * np.sign(w))
    if M[2, 0] == M[2, 1] == 0:
        back = back / back[2, 2]
        back[2] = 0, 0, 1
    return back


def _size(
    name: str, shape: Iterable[int] | None, image: Shape
) -> tuple[int, int]:
    size = sizes(
        name, "shape", image[:2] if shape is None else shape
    )
    if len(size) != 2 or min(size) < 0:
        raise ValueError(
            f"{name}: shape is {size}; it must be (rows, columns)"
        )
    return size[0], size[1]
