"""What a lens does to straight lines, and how to undo it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging.sampling import sample

Array = NDArray[Any]


# --8<-- [start:distort]
def distort(
    points: ArrayLike,
    k1: float,
    k2: float = 0,
    *,
    centre: ArrayLike,
    radius: float,
) -> Array:
    """c + (p − c) (1 + k1 ρ² + k2 ρ⁴), ρ = |p − c| / radius.

    Where a lens puts the points (x, y) of a true picture: k1 < 0
    makes a barrel, k1 > 0 a pincushion.

    >>> distort([[7, 5]], -0.25, centre=(5, 5), radius=2)
    array([[6.5, 5. ]])
    """
    p, c = _lens("distort", points, (k1, k2), centre, radius)
    square = np.sum((p - c) ** 2, -1, keepdims=True) / radius**2
    return np.asarray(
        c + (p - c) * (1 + square * (k1 + square * k2))
    )


def undistort(
    points: ArrayLike,
    k1: float,
    k2: float = 0,
    *,
    centre: ArrayLike,
    radius: float,
) -> Array:
    """p with distort(p) = the point that is given.

    Only ρ changes, so one number is solved for, by Newton's
    method between two bounds. Of several answers it is the one
    nearest the centre; where the lens reaches no such point, NaN.

    >>> undistort([[6.5, 5]], -0.25, centre=(5, 5), radius=2)
    array([[7., 5.]])
    """
    p, c = _lens("undistort", points, (k1, k2), centre, radius)
    seen = np.linalg.norm(p - c, axis=-1) / radius
    true = true_radius(seen, k1, k2)
    ratio = np.divide(
        true, seen, out=np.ones_like(seen), where=seen > 0
    )
    return np.asarray(c + (p - c) * ratio[..., None])


# --8<-- [end:distort]


# --8<-- [start:true_radius]
def true_radius(seen: Array, k1: float, k2: float) -> Array:
    """The least ρ ≥ 0 with ρ (1 + k1 ρ² + k2 ρ⁴) = seen."""
    end = _turning(k1, k2)  # up to where the left side grows
    low = np.zeros_like(seen)
    high = np.minimum(end, _beyond(seen, k1, k2))
    lost = _bent(high, k1, k2) < seen
    rho = np.minimum(seen, high)
    for _ in range(60):
        over = _bent(rho, k1, k2) - seen
        low, high = (
            np.where(over < 0, rho, low),
            np.where(over < 0, high, rho),
        )
        slope = 1 + 3 * k1 * rho**2 + 5 * k2 * rho**4
        with np.errstate(divide="ignore", invalid="ignore"):
            new = rho - over / slope
        inside = (low <= new) & (new <= high)
        new = np.where(inside, new, (low + high) / 2)
        if np.array_equal(new, rho):
            break
        rho = new
    return np.where(lost, np.nan, rho)


# --8<-- [end:true_radius]


# --8<-- [start:radial_distortion]
def radial_distortion(
    image: ArrayLike,
    k1: float,
    k2: float = 0,
    inverse: bool = False,
    centre: ArrayLike | None = None,
    radius: float | None = None,
    order: int = 1,
    boundary: str = "constant",
    value: float = 0,
) -> Array:
    """y(p) = x(undistort(p)): the picture as the lens shows it.

    With `inverse`, y(p) = x(distort(p)) takes the picture of the
    lens back. The centre is that of the picture, and the radius
    half of its diagonal, if they are not given.

    >>> x = np.eye(5)
    >>> radial_distortion(x, 0.0).tolist() == x.tolist()
    True
    """
    x = np.asarray(image)
    if x.ndim not in (2, 3):
        raise ValueError(
            f"radial_distortion: the image has shape {x.shape}; "
            "it must be (rows, columns) or (…, channels)"
        )
    rows, columns = x.shape[:2]
    last = np.array([columns - 1, rows - 1])
    centre = last / 2 if centre is None else centre
    if radius is None:
        radius = float(max(np.hypot(*last) / 2, 0.5))
    places = np.stack(
        np.meshgrid(*map(np.arange, x.shape[1::-1])), -1
    )
    back = distort if inverse else undistort
    source = back(places, k1, k2, centre=centre, radius=radius)
    return sample(x, source, order, boundary, value)


# --8<-- [end:radial_distortion]


def _bent(rho: Array, k1: float, k2: float) -> Array:
    square = rho * rho
    return np.asarray(rho * (1 + square * (k1 + square * k2)))


def _turning(k1: float, k2: float) -> float:
    """The first radius at which the bent one stops growing: the least positive root of 1 + 3 k1 ρ² + 5 k2 ρ⁴."""
    roots = (
        np.roots([5 * k2, 3 * k1, 1])
        if k2 or k1
        else np.array([])
    )
    real = [
        r.real
        for r in roots
        if abs(r.imag) < 1e-12 and r.real > 0
    ]
    return float(np.sqrt(min(real))) if real else np.inf


def _beyond(seen: Array, k1: float, k2: float) -> Array:
    """A radius at which the bent one is past what is seen, if there is one before the turning point."""
    high = np.maximum(seen, 1e-300)
    end = _turning(k1, k2)
    for _ in range(1100):
        short = (_bent(np.minimum(high, end), k1, k2) < seen) & (
            high < end
        )
        if not short.any():
            break
        high = np.where(short, 2 * high, high)
    return high


def _lens(
    name: str,
    points: ArrayLike,
    strengths: tuple[float, float],
    centre: ArrayLike,
    radius: float,
) -> tuple[Array, Array]:
    p, c = np.asarray(points, float), np.asarray(centre, float)
    if p.ndim < 1 or p.shape[-1] != 2 or c.shape != (2,):
        raise ValueError(
            f"{name}: points have shape {p.shape} and centre {c.shape}; they must be (…, 2) and (2,)"
        )
    if not np.isfinite(strengths).all():
        raise ValueError(
            f"{name}: k1 and k2 are {strengths}; they must be finite numbers"
        )
    if not 0 < radius < np.inf:
        raise ValueError(
            f"{name}: radius is {radius}; it must be a positive number"
        )
    return p, c
