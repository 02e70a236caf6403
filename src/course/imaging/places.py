"""Which pixels a place reads: how far the picture is continued, where a place outside it lies, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from course.imaging.borders import MODES
from course.ops import arguments

Array = NDArray[Any]
Shape = tuple[int, ...]

REACH = 28  # |POLE|**28 of the cubic spline is 1e-16


class Reading(NamedTuple):
    """How a picture is read: its order, its boundary, its lengths, and how far it is continued."""

    name: str
    order: int
    boundary: str
    lengths: Shape
    margin: int


def located(
    x: Array, y: Array, reading: Reading, work: np.dtype[Any]
) -> tuple[Array, Array, Array, Array | None]:
    """The flat index of the first pixel that each place reads, how far beside it the place lies, and what is lost."""
    lost = None
    ends = [(p.min(), p.max()) for p in (x, y)]
    if not np.isfinite(ends).all():
        lost = ~(np.isfinite(x) & np.isfinite(y))
        x, y = np.where(lost, 0, x), np.where(lost, 0, y)
        ends = [(p.min(), p.max()) for p in (x, y)]
    (fx, tx), (fy, ty) = (
        split(folded(p, n, reading, *between), reading)
        for p, n, between in zip(
            (x, y), reading.lengths[::-1], ends, strict=True
        )
    )
    fy *= reading.lengths[1] + 2 * reading.margin
    fy += fx
    return (
        fy.astype(np.intp),
        tx.astype(work, copy=False),
        ty.astype(work, copy=False),
        lost,
    )


def folded(
    p: Array, n: int, reading: Reading, low: float, high: float
) -> Array:
    """The place near the picture that reads the same as p, which lies between low and high, counted with the margin."""
    margin, boundary = reading.margin, reading.boundary
    if low >= 0 and high <= n - 1:
        return p + margin
    if boundary in ("nearest", "constant"):
        far = (
            REACH
            if reading.order == 3
            else int(boundary == "constant")
        )
        p = np.clip(p, -far, n - 1 + far)
    elif boundary == "wrap":
        p = p % n
    else:
        edge, span = (
            (-0.5, n)
            if boundary == "reflect"
            else (0.0, max(n - 1, 1))
        )
        p = (p - edge) % (2 * span)
        p = np.minimum(p, 2 * span - p) + edge
    return np.asarray(p + margin)


def split(p: Array, reading: Reading) -> tuple[Array, Array]:
    """The first pixel that a place reads, and how far beyond it, or for order 3 beyond the next, the place lies."""
    if reading.order == 0:
        return np.floor(p + 0.5), np.zeros_like(p)
    whole = np.floor(p)
    p -= whole
    return whole - (reading.order == 3), p


def working(dtype: np.dtype[Any], order: int) -> np.dtype[Any]:
    """What is computed in: the same for order 0, single precision for single, and double else."""
    if order == 0 or dtype in (np.float32, np.float64):
        return dtype
    return np.dtype(
        np.float32 if dtype == np.float16 else np.float64
    )


def like(y: Array, dtype: np.dtype[Any]) -> Array:
    """In the picture's dtype; whole numbers are rounded, halves away from 0, and clipped. y may be changed."""
    if y.dtype == dtype:
        return y
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        y += 0.5 if dtype.kind == "u" else np.copysign(0.5, y)
        np.clip(y, float(limits.min), float(limits.max), out=y)
    return y.astype(dtype)


def reading_of(
    name: str,
    shape: Shape,
    dtype: np.dtype[Any],
    order: int,
    boundary: str,
) -> Reading:
    """How a picture of this shape is to be read, or the rule that is broken."""
    if len(shape) not in (2, 3) or min(shape[:2]) < 1:
        raise ValueError(
            f"{name}: the image has shape {shape}; it must be (rows, columns) or (rows, columns, channels), with pixels"
        )
    if dtype.kind not in "fiub" or (dtype.kind == "b" and order):
        raise TypeError(
            f"{name}: the image is {dtype}; it must be real numbers, or a mask read with order 0"
        )
    if isinstance(order, bool) or order not in (0, 1, 3):
        raise ValueError(
            f"{name}: order is {order!r}; it must be 0 (nearest), 1 (linear) or 3 (cubic)"
        )
    if boundary not in MODES:
        raise ValueError(
            f"{name}: there is no boundary {boundary!r}; there are {', '.join(MODES)}"
        )
    far = boundary in ("nearest", "constant")
    margin = 3 + REACH * (1 + far) if order == 3 else 2
    return Reading(name, int(order), boundary, shape[:2], margin)


def sizes(name: str, what: str, lengths: Iterable[int]) -> Shape:
    """A shape, of whole numbers that are not negative."""
    given = tuple(lengths)
    return arguments.shape(name, what, given, len(given))
