"""How far apart two pictures are: the mean squared error, its decibels, and the structural similarity.

All are symmetric, and equal to scikit-image's `mean_squared_error`, `peak_signal_noise_ratio` and
`structural_similarity` with their defaults. Where scikit-image guesses the range of floating-point or signed
pictures, these ask for it.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "mse",
    "psnr",
    "ssim",
    "ssim_map",
]

Array = NDArray[Any]
Reals = NDArray[np.float64]
BAND = (
    2**14
)  # entries that are worked on at a time, so that a dozen arrays of them stay in the cache


# --8<-- [start:mse]
def mse(a: ArrayLike, b: ArrayLike) -> float:
    """The mean of (a − b)², taken in float64.

    So uint8 pictures do not wrap around. Any shape, as long as
    both have it.

    >>> from course.imaging import metrics
    >>> metrics.mse([[0, 255]], [[3, 255]])
    4.5
    """
    a, b = pair("mse", a, b)
    return float(np.mean((reals(a) - reals(b)) ** 2))


# --8<-- [end:mse]


# --8<-- [start:psnr]
def psnr(
    a: ArrayLike,
    b: ArrayLike,
    *,
    data_range: float | None = None,
) -> float:
    """10 log10(R² / mse) decibels, R the range of grey levels.

    Two pictures of one unsigned type have its range, 255 for
    uint8; all others must say theirs. Equal pictures: infinity.

    >>> from course.imaging import metrics
    >>> black = np.zeros((4, 4), np.uint8)
    >>> print(round(metrics.psnr(black, black + 25), 2))
    20.17
    """
    a, b = pair("psnr", a, b)
    levels = full_range("psnr", a, b, data_range)
    error = mse(a, b)
    if error == 0:
        return float("inf")
    return float(10 * np.log10(levels**2 / error))


# --8<-- [end:psnr]


# --8<-- [start:ssim]
def ssim(
    a: ArrayLike,
    b: ArrayLike,
    *,
    data_range: float | None = None,
    window: int = 7,
    channel_axis: int | None = None,
) -> float:
    """The mean of `ssim_map` over all windows inside the picture.

    1 for equal pictures, less for all others. With a
    `channel_axis` it is the mean over the channels.

    >>> from course.data import sample_image
    >>> from course.imaging import metrics
    >>> x = sample_image("camera")
    >>> print(metrics.ssim(x, x))
    1.0
    >>> print(round(metrics.ssim(x, x // 2), 3))
    0.725
    """
    a, b = pair("ssim", a, b)
    if channel_axis is None:
        return float(
            ssim_map(
                a, b, data_range=data_range, window=window
            ).mean()
        )
    channel = axis_of("ssim", a, channel_axis)
    scores = [
        ssim(p, q, data_range=data_range, window=window)
        for p, q in zip(
            np.moveaxis(a, channel, 0),
            np.moveaxis(b, channel, 0),
            strict=True,
        )
    ]
    return float(np.mean(scores))


# --8<-- [end:ssim]


# --8<-- [start:ssim_map]
def ssim_map(
    a: ArrayLike,
    b: ArrayLike,
    *,
    data_range: float | None = None,
    window: int = 7,
) -> Reals:
    """(2 μa μb + c₁)(2 σab + c₂) / ((μa² + μb² + c₁)(σa² + σb² + c₂)).

    μ, σ² and σab are the means, sample variances and covariance
    of each window that lies inside; c₁ = (R / 100)² and
    c₂ = (3R / 100)² for a range of R. All is done in float64.

    >>> from course.imaging import metrics
    >>> a = np.arange(72).reshape(8, 9)
    >>> print(metrics.ssim_map(a, a[::-1], data_range=71).round(2))
    [[-0.93 -0.93 -0.93]
     [-0.93 -0.93 -0.93]]
    """
    a, b = pair("ssim", a, b)
    levels = full_range("ssim", a, b, data_range)
    fits_window(a, window)
    c1, c2 = (0.01 * levels) ** 2, (0.03 * levels) ** 2
    bands = [
        band(a[rows], b[rows], window, c1, c2)
        for rows in row_bands(a.shape, window)
    ]
    return np.concatenate(bands)


def band(
    a: Array, b: Array, window: int, c1: float, c2: float
) -> Reals:
    """The similarity of some rows, few enough for the cache."""
    a, b = reals(a), reals(b)
    size = window**a.ndim
    ma, mb = sums(a, window) / size, sums(b, window) / size
    unbiased = size / (size - 1)
    power = sums(a * a + b * b, window) / size
    both = ma * ma + mb * mb
    variances = unbiased * (power - both)
    product = sums(a * b, window) / size
    covariance = unbiased * (product - ma * mb)
    above = (2 * ma * mb + c1) * (2 * covariance + c2)
    below = (both + c1) * (variances + c2)
    similarity: Reals = above / below
    return similarity


# --8<-- [end:ssim_map]


# --8<-- [start:sums]
def sums(x: Reals, window: int) -> Reals:
    """The sum of every window that lies inside, axis by axis.

    Of 7 entries by runs of 4, 2 and 1: four additions, not six.
    """
    for axis in range(x.ndim):
        run, length, start = np.moveaxis(x, axis, 0), 1, 0
        places = len(run) - window + 1
        total: Reals = np.zeros((places, *run.shape[1:]))
        while length <= window:
            if window & length:
                total += run[start : start + places]
                start += length
            run = run[: len(run) - length] + run[length:]
            length *= 2
        x = np.moveaxis(total, 0, axis)
    return x


# --8<-- [end:sums]


def row_bands(shape: tuple[int, ...], window: int) -> list[slice]:
    """Bands of rows, each with the window's reach below it, of about BAND entries."""
    places = shape[0] - window + 1
    step = max(window, BAND // max(1, prod(shape[1:])))
    return [
        slice(start, min(start + step, places) + window - 1)
        for start in range(0, places, step)
    ]


def reals(x: Array) -> Reals:
    """The same numbers in float64."""
    return x.astype(np.float64, copy=False)


def pair(
    operation: str, a: ArrayLike, b: ArrayLike
) -> tuple[Array, Array]:
    """Two arrays of real numbers, of one shape."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(
            f"{operation}: the pictures have shapes {a.shape} and {b.shape}; they must be equal"
        )
    if a.size == 0:
        raise ValueError(
            f"{operation}: the pictures have shape {a.shape}; there must be at least one pixel"
        )
    for x in (a, b):
        if x.dtype.kind not in "buif":
            raise TypeError(
                f"{operation}: a picture is {x.dtype}; it must be real numbers"
            )
        if x.dtype.kind == "f" and np.isnan(x).any():
            raise ValueError(
                f"{operation}: a picture has entries that are not a number; each must be one"
            )
    return a, b


def full_range(
    operation: str,
    a: Array,
    b: Array,
    data_range: float | None,
) -> float:
    """The range of grey levels: as given, or that of an unsigned type that both have."""
    if data_range is None:
        if a.dtype == b.dtype and a.dtype.kind == "u":
            return float(np.iinfo(a.dtype).max)
        types = " and ".join(sorted({str(a.dtype), str(b.dtype)}))
        raise ValueError(
            f"{operation}: data_range is missing; pictures that are {types} must say it, such as 255"
        )
    if not 0 < data_range < np.inf:
        raise ValueError(
            f"{operation}: data_range is {data_range}; it must be a number more than 0"
        )
    return float(data_range)


def fits_window(a: Array, window: int) -> None:
    """Refuse a window that has no middle, or that no place in the picture has room for."""
    if window < 3 or window % 2 == 0:
        raise ValueError(
            f"ssim: the window is {window}; it must be odd, and at least 3"
        )
    if a.ndim < 1 or min(a.shape) < window:
        raise ValueError(
            f"ssim: the pictures have shape {a.shape}; a window of {window} needs at least {window} along each axis "
            "(for colour, say channel_axis)"
        )


def axis_of(operation: str, a: Array, axis: int) -> int:
    """The axis counted from the front."""
    if not -a.ndim <= axis < a.ndim:
        raise ValueError(
            f"{operation}: channel_axis is {axis}; the pictures have {a.ndim} dimensions"
        )
    return axis % a.ndim
