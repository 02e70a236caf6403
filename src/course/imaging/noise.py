"""What a camera adds to a picture: Gaussian noise, impulses, waves, and the counting of light.

Chance comes from `rng`, a NumPy generator or a seed, and there is no default: whoever reads the call sees that the
picture can be made again. Nothing is clipped or rounded, so a noisy picture may leave 0..255.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "gaussian",
    "periodic",
    "poisson",
    "salt_and_pepper",
]

Array = NDArray[Any]
Random = np.random.Generator | int


# --8<-- [start:gaussian]
def gaussian(
    image: ArrayLike, sigma: float, rng: Random
) -> Array:
    """y[i, j] = x[i, j] + σ z[i, j], z standard normal.

    Every entry has its own z. The result is float64, or float32
    if the picture is; it is neither clipped nor rounded.

    >>> from course.imaging import noise
    >>> y = noise.gaussian(np.full((100, 100), 50), 10, rng=1)
    >>> print(round(y.mean()), round(y.std()))
    50 10
    """
    x = picture("gaussian", image)
    if not 0 <= sigma < np.inf:
        raise ValueError(
            f"gaussian: sigma is {sigma}; a standard deviation "
            "is a number, and not negative"
        )
    z = generator("gaussian", rng).standard_normal(x.shape)
    y: Array = x + (sigma * z).astype(x.dtype, copy=False)
    return y


# --8<-- [end:gaussian]


# --8<-- [start:salt_and_pepper]
def salt_and_pepper(
    image: ArrayLike,
    density: float,
    rng: Random,
    *,
    salt: float = 0.5,
    levels: tuple[float, float] = (0, 255),
) -> Array:
    """y = white with probability d·salt, black with d·(1 − salt).

    Every other entry stays what it was, and so does the dtype.
    `levels` are black and white. One uniform draw decides about
    an entry: u < d·salt is salt, d·salt ≤ u < d is pepper.

    >>> from course.imaging import noise
    >>> grey = np.full((2, 6), 128, np.uint8)
    >>> print(noise.salt_and_pepper(grey, 0.5, rng=8))
    [[  0 128   0 128 128   0]
     [  0   0 255   0 255   0]]
    """
    x = np.asarray(image)
    black, white = levels
    share("salt_and_pepper", "density", density)
    share("salt_and_pepper", "salt", salt)
    fits("salt_and_pepper", x.dtype, levels)
    u = generator("salt_and_pepper", rng).random(x.shape)
    y = x.copy()
    y[u < density] = black
    y[u < density * salt] = white
    return y


# --8<-- [end:salt_and_pepper]


# --8<-- [start:periodic]
def periodic(
    image: ArrayLike, waves: Iterable[Sequence[float]]
) -> Array:
    """y[i, j] = x[i, j] + Σ a sin(2π(p i/n + q j/k) + φ).

    Each wave is (a, p, q) or (a, p, q, φ): its amplitude, how
    often it repeats down the n rows and along the k columns, and
    where it begins. Whole p and q put it on two points of the
    spectrum, (p, q) and (−p, −q). The picture has two dimensions.

    >>> from course.imaging import noise
    >>> stripes = noise.periodic(np.zeros((1, 4)), [(5, 0, 1)])
    >>> print(stripes.round())
    [[ 0.  5.  0. -5.]]
    """
    x = picture("periodic", image)
    if x.ndim != 2:
        raise ValueError(
            f"periodic: the picture has shape {x.shape}; it must "
            "have two dimensions"
        )
    i, j = (np.arange(n) / max(n, 1) for n in x.shape)
    y = x.copy()
    for wave in waves:
        a, p, q, phase = one_wave(wave)
        turns = p * i[:, None] + q * j
        y += (a * np.sin(2 * np.pi * turns + phase)).astype(
            x.dtype
        )
    return y


# --8<-- [end:periodic]


# --8<-- [start:poisson]
def poisson(
    image: ArrayLike, rng: Random, *, photons: float = 1.0
) -> Array:
    """y[i, j] ~ Poisson(c x[i, j]) / c: c photons a grey level.

    The mean is x and the variance x / c: bright places are noisy
    in numbers, dark ones in proportion. With c = 1 grey levels
    are counts. The result is float64, or float32 if the picture
    is.

    >>> from course.imaging import noise
    >>> y = noise.poisson(np.full((100, 100), 50), rng=1)
    >>> print(round(y.mean()), round(y.var()))
    50 50
    """
    x = picture("poisson", image)
    if not (x >= 0).all():
        raise ValueError(
            f"poisson: the picture goes down to {x.min()}; a "
            "count has a mean of 0 or more"
        )
    if not 0 < photons < np.inf:
        raise ValueError(
            f"poisson: photons is {photons}; it must be a number "
            "more than 0"
        )
    counts = generator("poisson", rng).poisson(photons * x)
    return (counts / photons).astype(x.dtype, copy=False)


# --8<-- [end:poisson]


def generator(operation: str, rng: Random) -> np.random.Generator:
    """The generator itself, or a new one for a seed."""
    if isinstance(rng, np.random.Generator):
        return rng
    if (
        isinstance(rng, int | np.integer)
        and not isinstance(rng, bool)
        and rng >= 0
    ):
        return np.random.default_rng(int(rng))
    raise TypeError(
        f"{operation}: rng is {rng!r}; it must be a seed (0 or more) or a numpy.random.Generator"
    )


def picture(operation: str, image: ArrayLike) -> Array:
    """The picture as real floating-point numbers: float32 stays, everything else becomes float64."""
    x = np.asarray(image)
    if x.dtype.kind not in "buif":
        raise TypeError(
            f"{operation}: the picture is {x.dtype}; it must be real numbers"
        )
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        raise ValueError(
            f"{operation}: the picture has entries that are not finite; each must be a number"
        )
    return x if x.dtype == np.float32 else x.astype(np.float64)


def share(operation: str, name: str, value: float) -> None:
    """Refuse what is no probability."""
    if not 0 <= value <= 1:
        raise ValueError(
            f"{operation}: {name} is {value}; a share lies between 0 and 1"
        )


def fits(
    operation: str,
    dtype: np.dtype[Any],
    levels: tuple[float, float],
) -> None:
    """Refuse levels that the picture cannot hold."""
    if dtype.kind not in "uif":
        raise TypeError(
            f"{operation}: the picture is {dtype}; it must be integers or floating-point numbers"
        )
    for level in levels:
        if dtype.kind == "f":
            continue
        info = np.iinfo(dtype)
        if not info.min <= level <= info.max or level != int(
            level
        ):
            raise ValueError(
                f"{operation}: the level {level} is none of {dtype}, which has {info.min} to {info.max}"
            )


def one_wave(
    wave: Sequence[float],
) -> tuple[float, float, float, float]:
    """A wave with its phase, 0 if it has none."""
    numbers = tuple(float(v) for v in wave)
    if (
        len(numbers) not in (3, 4)
        or not np.isfinite(numbers).all()
    ):
        raise ValueError(
            f"periodic: a wave is {tuple(wave)}; it must be (a, p, q) or (a, p, q, phase), all numbers"
        )
    a, p, q, phase = (*numbers, 0.0)[:4]
    return a, p, q, phase
