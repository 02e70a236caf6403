"""Filters made in the frequency plane: bands, notches, and the optimum notch.

Frequencies are counted in periods a picture, (down, across), as the places of np.fft.fft2; masks are centred, with the
frequency (0, 0) at (M // 2, N // 2), where `spectrum` shows it. All of them live on the ring: what a wave does at one
border goes on at the opposite one. Pictures are 2-D; the results are floats, float32 for float32, and are not clipped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging import filters
from course.imaging.borders import Boundary
from course.imaging.picture import floating

__all__ = [
    "band_mask",
    "band_reject",
    "notch_mask",
    "notch_pass",
    "notch_reject",
    "notch_weight",
    "optimum_notch",
    "spectrum",
]

Array = NDArray[Any]
Shape = tuple[int, int]
Kind = Literal["ideal", "gaussian", "butterworth"]
Centres = Sequence[tuple[float, float]]
SCALES: dict[str, Callable[[Array], Array]] = {
    "log": lambda waves: np.log1p(np.abs(waves)),
    "modulus": np.abs,
    "power": lambda waves: np.abs(waves) ** 2,
    "phase": np.angle,
}
EVEN = 1e-10  # of the mean square: a smaller variance is rounding


# --8<-- [start:spectrum]
def spectrum(
    image: ArrayLike,
    scale: Literal["log", "modulus", "power", "phase"] = "log",
) -> Array:
    """ln(1 + |x̂[f]|), with the frequency (0, 0) in the middle.

    Or |x̂|, |x̂|², or the angle of x̂, by `scale`. The middle is
    at (M // 2, N // 2), as np.fft.fftshift puts it.

    >>> wave = np.cos(np.pi * np.arange(4) / 2)
    >>> spectrum([wave], "modulus").round(9)
    array([[0., 2., 0., 2.]])
    """
    if scale not in SCALES:
        raise ValueError(
            f"spectrum: there is no scale {scale!r}; "
            f"there are {', '.join(SCALES)}"
        )
    waves = np.fft.fft2(floating("spectrum", image))
    return np.roll(
        SCALES[scale](waves),
        [n // 2 for n in waves.shape],
        (0, 1),
    )


# --8<-- [end:spectrum]


# --8<-- [start:notch_mask]
def notch_mask(
    shape: Shape,
    centres: Centres,
    radius: float,
    kind: Kind = "gaussian",
    order: int = 2,
) -> Array:
    """1 − Π (1 − h(D_k)) over the centres k and their opposites.

    D is the distance to a centre, in periods. One notch passes
    h = 1 up to the radius r ("ideal"), exp(−D²/2r²) ("gaussian"),
    or 1 / (1 + (D/r)^(2 order)) ("butterworth"). A wave of a real
    picture is two points, so (p, q) brings (−p, −q) along.

    >>> notch_mask((1, 8), [(0, 2)], 0.5, "ideal")
    array([[0., 0., 1., 0., 0., 0., 1., 0.]])
    """
    _check("notch_mask", shape, radius, kind, order)
    stays = np.ones(shape)
    for centre in centres:
        p, q = _pair("notch_mask", centre)
        for place in {(p, q), (-p, -q)}:
            away = _distance(shape, place)
            if kind == "ideal":
                h: Array = np.where(away <= radius, 1.0, 0.0)
            elif kind == "gaussian":
                h = np.exp(-0.5 * (away / radius) ** 2)
            else:
                h = 1 / (1 + (away / radius) ** (2 * order))
            stays = stays * (1 - h)
    return 1 - stays


# --8<-- [end:notch_mask]


# --8<-- [start:band_mask]
def band_mask(
    shape: Shape,
    radius: float,
    width: float,
    kind: Kind = "gaussian",
    order: int = 2,
) -> Array:
    """h(D): what a band of frequencies keeps, D periods from 0.

    With t = (D² − r²) / (D width), h is 1 for |D − r| ≤ width/2
    ("ideal"), exp(−t²) ("gaussian"), 1 / (1 + t^(2 order))
    ("butterworth"). Reject is 1 − h. For a picture that is not
    square, a circle in periods is an ellipse in fineness.

    >>> band_mask((1, 8), 2, 1, "ideal")
    array([[0., 0., 1., 0., 0., 0., 1., 0.]])
    """
    _check("band_mask", shape, radius, kind, order)
    if not 0 < width < np.inf:
        raise ValueError(
            f"band_mask: width is {width}; it must be more than 0"
        )
    D = _distance(shape, (0.0, 0.0))
    if kind == "ideal":
        return np.where(np.abs(D - radius) <= width / 2, 1.0, 0.0)
    with np.errstate(divide="ignore"):
        t = (D**2 - radius**2) / (D * width)  # −∞ in the middle
    kept: Array = (
        np.exp(-(t**2))
        if kind == "gaussian"
        else 1 / (1 + t ** (2 * order))
    )
    return kept


# --8<-- [end:band_mask]


# --8<-- [start:band_reject]
def band_reject(
    image: ArrayLike,
    radius: float,
    width: float,
    kind: Kind = "gaussian",
    order: int = 2,
) -> Array:
    """x̃[f] = (1 − band_mask) ŷ[f]: without that ring of waves.

    >>> y = 5 + np.cos(2 * np.pi * np.arange(8) / 4)
    >>> band_reject([y], 2, 1, "ideal").round(9)
    array([[5., 5., 5., 5., 5., 5., 5., 5.]])
    """
    y = floating("band_reject", image)
    return y - _passed(
        y, band_mask(y.shape, radius, width, kind, order)
    )


# --8<-- [end:band_reject]


# --8<-- [start:notch_pass]
def notch_pass(
    image: ArrayLike,
    centres: Centres,
    radius: float,
    kind: Kind = "gaussian",
    order: int = 2,
) -> Array:
    """η[f] = notch_mask · ŷ[f]: what the notches let through.

    >>> y = 5 + np.cos(2 * np.pi * np.arange(8) / 4)
    >>> notch_pass([y], [(0, 2)], 0.5, "ideal").round(9) + 0
    array([[ 1.,  0., -1.,  0.,  1.,  0., -1.,  0.]])
    """
    y = floating("notch_pass", image)
    return _passed(
        y, notch_mask(y.shape, centres, radius, kind, order)
    )


# --8<-- [end:notch_pass]


# --8<-- [start:notch_reject]
def notch_reject(
    image: ArrayLike,
    centres: Centres,
    radius: float,
    kind: Kind = "gaussian",
    order: int = 2,
) -> Array:
    """x̃ = y − η, η = notch_pass: the notches' waves taken out.

    >>> y = 5 + np.cos(2 * np.pi * np.arange(8) / 4)
    >>> notch_reject([y], [(0, 2)], 0.5, "ideal").round(9)
    array([[5., 5., 5., 5., 5., 5., 5., 5.]])
    """
    y = floating("notch_reject", image)
    return y - notch_pass(y, centres, radius, kind, order)


# --8<-- [end:notch_reject]


# --8<-- [start:optimum_notch]
def optimum_notch(
    image: ArrayLike,
    centres: Centres,
    radius: float,
    size: int = 15,
    kind: Kind = "gaussian",
    order: int = 2,
    boundary: Boundary = "reflect",
) -> Array:
    """x̃ = y − w η, with w = cov(y, η) / var(η) around each pixel.

    η = notch_pass is the pattern; w is its weight at each pixel,
    which makes the variance of y − w η least over the window of
    size×size around it. Where η does not vary, nothing of it can
    be seen, and w is 0.

    >>> y = 5 + np.cos(2 * np.pi * np.arange(8) / 4)
    >>> optimum_notch([y], [(0, 2)], 0.5, 5, "ideal").round(9)
    array([[5., 5., 5., 5., 5., 5., 5., 5.]])
    """
    y = floating("optimum_notch", image)
    eta = notch_pass(y, centres, radius, kind, order)
    x: Array = y - notch_weight(y, eta, size, boundary) * eta
    return x


# --8<-- [end:optimum_notch]


# --8<-- [start:notch_weight]
def notch_weight(
    image: ArrayLike,
    pattern: ArrayLike,
    size: int = 15,
    boundary: Boundary = "reflect",
) -> Array:
    """w = (⟨y η⟩ − ⟨y⟩⟨η⟩) / (⟨η²⟩ − ⟨η⟩²), ⟨·⟩ a window's mean.

    Where the window has no variance of η, w is 0.

    >>> notch_weight([[3, 5, 3, 5]], [[-1, 1, -1, 1]], 3, "wrap")
    array([[1., 1., 1., 1.]])
    """
    name = "notch_weight"
    y, eta = floating(name, image), floating(name, pattern)
    if y.shape != eta.shape:
        raise ValueError(
            f"{name}: the picture has shape {y.shape} and the "
            f"pattern {eta.shape}; they must be the same"
        )

    def mean(a: Array) -> Array:
        return filters.mean(a, size, boundary)

    y = y - y.mean()  # the weight is the same, with less rounding
    middle, square = mean(eta), mean(eta**2)
    common = mean(y * eta) - mean(y) * middle
    variance = square - middle**2
    varies = variance > EVEN * square
    weight: Array = np.zeros_like(y)
    np.divide(common, variance, out=weight, where=varies)
    return weight


# --8<-- [end:notch_weight]


def _passed(y: Array, mask: Array) -> Array:
    """What a centred mask lets through of a picture."""
    m, n = y.shape
    kept = np.roll(mask, (-(m // 2), -(n // 2)), (0, 1))
    waves = np.fft.rfft2(y)
    waves *= kept[:, : n // 2 + 1]
    x: Array = np.fft.irfft2(waves, y.shape)
    return x


def _distance(shape: Shape, place: tuple[float, float]) -> Array:
    """How far each frequency is from a place, around the ring of frequencies."""
    down, across = (
        (np.arange(n) - n // 2 - p + n / 2) % n - n / 2
        for n, p in zip(shape, place, strict=True)
    )
    distance: Array = np.hypot(down[:, None], across)
    return distance


def _pair(name: str, centre: Any) -> tuple[float, float]:
    place = np.asarray(centre, float)
    if place.shape != (2,) or not np.isfinite(place).all():
        raise ValueError(
            f"{name}: a centre is {centre!r}; it must be a pair of frequencies (down, across)"
        )
    return float(place[0]), float(place[1])


def _check(
    name: str, shape: Shape, radius: float, kind: str, order: int
) -> None:
    if len(shape) != 2:
        raise ValueError(
            f"{name}: the shape is {shape}; it must have two lengths"
        )
    if not 0 < radius < np.inf:
        raise ValueError(
            f"{name}: radius is {radius}; it must be more than 0"
        )
    if kind not in ("ideal", "gaussian", "butterworth"):
        raise ValueError(
            f"{name}: there is no kind {kind!r}; there are ideal, gaussian, butterworth"
        )
    if order < 1:
        raise ValueError(
            f"{name}: order is {order}; it must be at least 1"
        )
