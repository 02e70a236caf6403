"""Reading a picture between its pixels, and giving back: nearest, linear and cubic, with exact adjoints.

A picture is continued beyond its border as `course.imaging.borders` says, without end, and what is read is the
interpolation of the continued picture. That is scipy.ndimage's "grid-wrap" for "wrap" and "grid-constant" for
"constant"; the other three have one meaning only. (SciPy's cubic spline under "reflect" misses the pixels of pictures
with fewer than about 15 rows or columns; ours goes through them.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging.borders import extended
from course.imaging.places import (
    Reading,
    like,
    located,
    reading_of,
    sizes,
    working,
)
from course.ops import pad_adjoint

Array = NDArray[Any]
Shape = tuple[int, ...]
Block = tuple[
    slice, Array, Array
]  # some outputs, and the x and y that they read

POLE = 3**0.5 - 2  # of the cubic spline's prefilter
BLOCK = 8192  # places at a time: what they need fits the cache
FOLDS = {
    "reflect": "symmetric",
    "mirror": "reflect",
    "nearest": "replicate",
    "wrap": "circular",
    "constant": "constant",
}


# --8<-- [start:sample]
def sample(
    image: ArrayLike,
    points: ArrayLike,
    order: int = 1,
    boundary: str = "constant",
    value: float = 0,
) -> Array:
    """y[i] = Σ_j weight(points[i], j) · image[j].

    `points` is (…, 2), as (x, y); the image (rows, columns) or
    (rows, columns, channels). Order 0 takes the nearest pixel, 1
    the four around with linear weights, 3 the cubic spline
    through all pixels. A point that is not finite reads `value`.
    Whole numbers are rounded and clipped, as in SciPy.

    >>> sample(np.array([[0.0, 10.0], [20.0, 30.0]]), [0.5, 0.25])
    array(10.)
    """
    x, p = np.asarray(image), np.asarray(points, float)
    reading = reading_of(
        "sample", x.shape, x.dtype, order, boundary
    )
    _check_points("sample", p)
    y = gather(x, _pieces(p), p.size // 2, reading, value)
    return y.reshape((*p.shape[:-1], *x.shape[2:]))


def sample_adjoint(
    g: ArrayLike,
    points: ArrayLike,
    x_shape: Iterable[int],
    order: int = 1,
    boundary: str = "constant",
) -> Array:
    """h[j] = Σ_i weight(points[i], j) · g[i]: a splat.

    The adjoint of sample in the image: every point gives back to
    the pixels that it read, with the weights of its reading.

    >>> sample_adjoint([8.0], [[0.5, 0.25]], (2, 2))
    array([[3., 3.],
           [1., 1.]])
    """
    name = "sample_adjoint"
    given, p = np.asarray(g), np.asarray(points, float)
    shape = sizes(name, "x_shape", x_shape)
    reading = reading_of(
        name, shape, given.dtype, order, boundary
    )
    _check_points(name, p)
    if given.shape != (*p.shape[:-1], *shape[2:]):
        raise ValueError(
            f"{name}: g has shape {given.shape}, but sample "
            f"returns {(*p.shape[:-1], *shape[2:])}"
        )
    return scatter(given, _pieces(p), shape, reading)


# --8<-- [end:sample]


# --8<-- [start:gather]
def gather(
    image: Array,
    blocks: Iterable[Block],
    count: int,
    reading: Reading,
    value: float = 0,
) -> Array:
    """Read the picture at the places of every block."""
    channels = image.reshape(*image.shape[:2], -1)
    work = working(image.dtype, reading.order)
    y = np.empty((count, channels.shape[2]), work)
    planes = [
        _continued(channels[..., c].astype(work), reading, value)
        for c in range(channels.shape[2])
    ]
    for some, px, py in blocks:
        base, tx, ty, lost = located(px, py, reading, work)
        for c, plane in enumerate(planes):
            y[some, c] = _read(plane, base, tx, ty, reading)
            if lost is not None:
                y[some, c][lost] = value
    return like(y, image.dtype)


def scatter(
    g: Array,
    blocks: Iterable[Block],
    shape: Shape,
    reading: Reading,
) -> Array:
    """Give back to the picture what every place has read."""
    work = working(g.dtype, 1)
    rows, columns = shape[:2]
    given = g.reshape(-1, int(np.prod(shape[2:], dtype=int)))
    m = reading.margin
    x = np.zeros(
        (given.shape[1], rows + 2 * m, columns + 2 * m), work
    )
    for some, px, py in blocks:
        base, tx, ty, lost = located(px, py, reading, work)
        for c, plane in enumerate(x):
            part = given[some, c].astype(work)
            if lost is not None:
                part[lost] = 0
            _give(plane, part, base, tx, ty, reading)
    back = [_continued_adjoint(plane, reading) for plane in x]
    return np.stack(back, -1).reshape(shape)


# --8<-- [end:gather]


# --8<-- [start:read]
def _read(
    plane: Array,
    base: Array,
    tx: Array,
    ty: Array,
    reading: Reading,
) -> Array:
    """Σ weights · pixels, where base is the upper left one."""
    flat, width = plane.reshape(-1), plane.shape[1]
    if reading.order == 0:
        return _at(flat, base)
    if reading.order == 1:
        above = _mixed(_at(flat, base), _at(flat[1:], base), tx)
        flat = flat[width:]
        below = _mixed(_at(flat, base), _at(flat[1:], base), tx)
        return _mixed(above, below, ty)
    y = np.zeros_like(tx)
    across = _spline(tx)
    for i, down in enumerate(_spline(ty)):
        row = np.zeros_like(tx)
        for j, weight in enumerate(across):
            part = _at(flat[i * width + j :], base)
            part *= weight
            row += part
        row *= down
        y += row
    return y


def _at(flat: Array, base: Array) -> Array:
    """flat[base]; no index is outside, and "clip" is quickest."""
    return flat.take(base, mode="clip")


def _mixed(a: Array, b: Array, t: Array) -> Array:
    """(1 − t) a + t b, in place of b."""
    b -= a
    b *= t
    b += a
    return b


def _give(
    plane: Array,
    g: Array,
    base: Array,
    tx: Array,
    ty: Array,
    reading: Reading,
) -> None:
    """The adjoint of _read: g, added to the pixels it read."""
    flat, width = plane.reshape(-1), plane.shape[1]
    for i, down in enumerate(weights(ty, reading.order)):
        row = g * down
        for j, weight in enumerate(weights(tx, reading.order)):
            np.add.at(flat[i * width + j :], base, row * weight)


def weights(t: Array, order: int) -> list[Array]:
    """What the pixels beside a place weigh, t after the first."""
    if order == 0:
        return [np.ones_like(t)]
    return [1 - t, t] if order == 1 else _spline(t)


def _spline(t: Array) -> list[Array]:
    """The cubic B-spline at −1 − t, −t, 1 − t and 2 − t."""
    u = 1 - t
    first, last = u * u * u / 6, t * t * t / 6
    second = 2 / 3 - t * t * (1 + u) / 2
    return [first, second, 1 - first - second - last, last]


# --8<-- [end:read]


# --8<-- [start:prefilter]
def prefilter(x: Array, axis: int) -> Array:
    """c with (c[i − 1] + 4 c[i] + c[i + 1]) / 6 = x[i].

    One recursion forward and one back, over samples that are 0
    beyond both ends: a symmetric matrix, its own adjoint.
    """
    c = np.ascontiguousarray(np.moveaxis(x, axis, 0))
    c = c * c.dtype.type(-6 * POLE)
    for i in range(1, len(c)):
        c[i] += POLE * c[i - 1]
    for i in range(len(c) - 2, -1, -1):
        c[i] += POLE * c[i + 1]
    return np.moveaxis(c, 0, axis)


# --8<-- [end:prefilter]


def _continued(x: Array, reading: Reading, value: float) -> Array:
    """The picture with its margins; its coefficients for order 3."""
    widths = [(reading.margin, reading.margin)] * 2
    c = extended(reading.name, x, widths, reading.boundary, value)
    if reading.order == 3:
        c = prefilter(prefilter(c, 0), 1)
    return np.ascontiguousarray(c)


def _continued_adjoint(g: Array, reading: Reading) -> Array:
    """Prefilter, then add the margins back to their pixels."""
    if reading.order == 3:
        g = prefilter(prefilter(g, 1), 0)
    mode: Any = FOLDS[reading.boundary]
    return pad_adjoint(g, reading.margin, mode=mode)


def _pieces(points: Array) -> Iterator[Block]:
    """A block of points at a time."""
    flat = points.reshape(-1, 2)
    for start in range(0, len(flat), BLOCK):
        some = slice(start, min(start + BLOCK, len(flat)))
        yield some, flat[some, 0], flat[some, 1]


def _check_points(name: str, points: Array) -> None:
    if points.ndim < 1 or points.shape[-1] != 2:
        raise ValueError(
            f"{name}: points have shape {points.shape}; the last axis must hold x and y"
        )
