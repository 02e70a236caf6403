"""Sets of pictures drawn on demand: handwritten-looking digits, and shapes with their masks.

Both are fixed by the seed alone, on every machine, and the first k pictures of a longer set are the shorter set.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from course.data.randomness import Floats, Seed, between, clouds, generator, noise, to_uint8
from course.data.strokes import alphabet, ink

CHUNK = 256  # glyphs drawn at a time: few enough to stay in the processor's cache


# Cosine and sine of 0, 1, … 359 degrees, rounded to six decimals so that all machines agree.
COSINES = np.round(np.cos(np.deg2rad(np.arange(360))), 6)
SINES = np.round(np.sin(np.deg2rad(np.arange(360))), 6)


def turn(degrees: int) -> tuple[float, float]:
    """Cosine and sine of a whole number of degrees."""
    return float(COSINES[degrees]), float(SINES[degrees])


def whole(rng: np.random.Generator, n: int) -> int:
    """One of 0, 1, … n - 1."""
    return int(n * rng.random())


def checked_count(operation: str, n: int, size: int, smallest: int) -> None:
    """Refuse a number of pictures or a size that cannot be drawn."""
    if n < 0:
        raise ValueError(f"{operation}: n is {n}, but a set has 0 pictures or more")
    if size < smallest:
        raise ValueError(f"{operation}: size is {size}, but the pictures need at least {smallest} pixels a side")


def quantised(levels: NDArray[np.floating]) -> Floats:
    """Round grey levels in [0, 1] to one of the 256 that a picture file could hold."""
    return to_uint8(255 * levels) / np.float32(255)


def glyphs(n: int, size: int = 28, rng: Seed = None) -> tuple[Floats, NDArray[np.int64]]:
    """Draw `n` handwritten-looking digits, bright on dark: images (n, size, size) in [0, 1], and labels (n,).

    Each image is a digit drawn at random, in one of our ways of writing it (`strokes.DIGITS`), changed by

    - a turn of -15 to 15 whole degrees, a shear x' = x + s y with s in [-0.35, 0.35],
    - a width of 38 to 60% and a height of 58 to 78% of the size, a shift of up to 8% of it each way,
    - two bends of up to 14% of the digit's box: of the vertical (sideways) and of the horizontal (up and down),
    - a pen 5.5 to 13% of the size thick (1.5 to 3.6 pixels at 28), ink from 0.6 to 1,
    - noise with a standard deviation from 0 to 0.12.

    Images are float32, labels int64. `rng` is a seed or a `numpy.random.Generator`; `None` means seed 0.

    >>> images, labels = glyphs(100)
    >>> images.shape, labels[:8].tolist()
    ((100, 28, 28), [])
    """
    checked_count("glyphs", n, size, 8)
    rng = generator(rng)
    images = np.empty((n, size, size), dtype=np.float32)
    labels = np.empty(n, dtype=np.int64)
    for start in range(0, n, CHUNK):
        stop = min(start + CHUNK, n)
        u = rng.random((stop - start, 13 + size * size))
        lines, labels[start:stop] = handwriting(u[:, :10].T, size)
        width, strength, spread = between(u[:, 10], 0.055, 0.13), between(u[:, 11], 0.6, 1), between(u[:, 12], 0, 0.12)
        drawn = ink(lines, width * size, (size, size)) * strength[:, None, None]
        drawn += spread[:, None, None] * noise(u[:, 13:]).reshape(drawn.shape)
        images[start:stop] = quantised(drawn)
    return images, labels


def handwriting(u: NDArray[np.float64], size: int) -> tuple[Floats, NDArray[np.int64]]:
    """Turn ten uniform draws a glyph into its segments, in pixels, and its digit."""
    table, digits = alphabet()
    label = np.floor(10 * u[0]).astype(np.int64)
    first = np.searchsorted(digits, label)
    ways = np.searchsorted(digits, label, side="right") - first
    lines = table[first + np.floor(ways * u[1]).astype(np.int64)]

    def each(values: NDArray[np.float64]) -> Floats:
        return values.astype(np.float32)[:, None, None]

    x, y = lines[..., 0] - np.float32(0.5), lines[..., 1] - np.float32(0.5)
    x, y = x + each(between(u[2], -0.56, 0.56)) * (y * y - np.float32(0.1)), y + each(
        between(u[3], -0.56, 0.56)
    ) * (x * x - np.float32(0.05))
    x = each(between(u[4], 0.38, 0.6)) * x
    y = each(between(u[5], 0.58, 0.78)) * y
    x = x + each(between(u[6], -0.35, 0.35)) * y
    degrees = np.floor(31 * u[7]).astype(np.int64) - 15
    cosine, sine = each(COSINES[degrees]), each(SINES[degrees])
    x, y = cosine * x - sine * y, sine * x + cosine * y
    x = x + each(between(u[8], -0.08, 0.08))
    y = y + each(between(u[9], -0.08, 0.08))
    centre = np.float32((size - 1) / 2)
    return np.stack([size * x + centre, size * y + centre], axis=-1), label


# How a point (u, v) of a shape's own frame lies inside it (> 0) or outside (< 0); sizes are fractions of its radius.
def disc(u: Floats, v: Floats) -> Floats:
    """Inside a circle of radius 1."""
    return 1 - np.sqrt(u * u + v * v)


def ring(u: Floats, v: Floats) -> Floats:
    """Inside a circle of radius 1 and outside one of radius 0.45: a band 0.55 thick."""
    r = np.sqrt(u * u + v * v)
    return np.minimum(1 - r, r - np.float32(0.45))


def square(u: Floats, v: Floats) -> Floats:
    """Inside a square of half-side 0.85."""
    return np.float32(0.85) - np.maximum(np.abs(u), np.abs(v))


def triangle(u: Floats, v: Floats) -> Floats:
    """Inside an equilateral triangle whose sides are 0.6 from its centre."""
    slanted = np.float32(0.866025) * np.abs(u) - np.float32(0.5) * v
    return np.float32(0.6) - np.maximum(v, slanted)


KINDS = (disc, ring, square, triangle)


def shapes(n: int, size: int = 64, rng: Seed = None) -> tuple[Floats, NDArray[np.bool_]]:
    """Draw `n` pictures of bright shapes under uneven light: images (n, size, size) in [0, 1], and their masks.

    Each picture has two to four shapes (disc, ring, square, triangle), and its mask is True on all of them. A shape has

    - a radius of 13 to 25% of the size, of which one axis keeps 65 to 100%; a ring's band is 0.55 of its radius thick,
    - a turn of any whole number of degrees, a shear u' = u + s v with s in [-0.3, 0.3],
    - 0.2 to 0.35 more light than what is behind it,
    - at most 25% of its area over shapes drawn before it (else it is placed anew; after twenty trials it is left out).

    Behind them, the light rises by 0.4 to 0.55 across the picture, in any direction, with clouds of 0.1 on it; in front
    are two to five scratches, as bright as the shapes and 1.2 to 2.4% of the size thick, which belong to no shape; over
    all, noise with a standard deviation from 0.01 to 0.04. So no single threshold finds the shapes.

    Images are float32, masks bool. `rng` is a seed or a `numpy.random.Generator`; `None` means seed 0.

    >>> images, masks = shapes(10)
    >>> images.shape, masks.dtype.name
    ((10, 64, 64), 'bool')
    """
    checked_count("shapes", n, size, 16)
    rng = generator(rng)
    images = np.empty((n, size, size), dtype=np.float32)
    masks = np.zeros((n, size, size), dtype=np.bool_)
    for image, mask in zip(images, masks, strict=True):
        scene = daylight(rng, size)
        for _ in range(2 + whole(rng, 3)):
            cover = placed_shape(rng, mask)
            scene += between(rng.random(), 0.2, 0.35) * cover
            mask |= cover > 0.5
        scene += scratches(rng, size)
        spread = between(rng.random(), 0.01, 0.04)
        image[:] = quantised(scene + spread * noise(rng.random((size, size))))
    return images, masks


def daylight(rng: np.random.Generator, size: int) -> Floats:
    """Light that rises across the picture in some direction, with clouds on it."""
    cosine, sine = turn(whole(rng, 360))
    start, rise = between(rng.random(), 0, 0.1), between(rng.random(), 0.4, 0.55)
    across = np.arange(size, dtype=np.float32) / (size - 1) - np.float32(0.5)
    slope = (cosine * across + sine * across[:, None]) / (abs(cosine) + abs(sine)) + np.float32(0.5)
    return start + rise * slope + 0.1 * (clouds(rng.random((5, 5)), (size, size)) - np.float32(0.5))


def placed_shape(rng: np.random.Generator, mask: NDArray[np.bool_]) -> Floats:
    """Cover of one more shape that overlaps those in `mask` little enough; nothing where no place was found."""
    size = len(mask)
    for _ in range(20):
        inside = KINDS[whole(rng, len(KINDS))]
        radius = size * between(rng.random(), 0.13, 0.25)
        squeeze, shear = between(rng.random(), 0.65, 1), between(rng.random(), -0.3, 0.3)
        cosine, sine = turn(whole(rng, 360))
        x = np.arange(size, dtype=np.float32) - between(rng.random(), radius, size - 1 - radius)
        y = np.arange(size, dtype=np.float32)[:, None] - between(rng.random(), radius, size - 1 - radius)
        v = (cosine * y - sine * x) / (squeeze * radius)
        u = (cosine * x + sine * y) / radius - shear * v
        cover = np.clip(squeeze * radius * inside(u, v) + np.float32(0.5), 0, 1)
        drawn = cover > 0.5
        if 4 * np.count_nonzero(drawn & mask) <= np.count_nonzero(drawn):
            return cover
    return np.zeros(mask.shape, dtype=np.float32)


def scratches(rng: np.random.Generator, size: int) -> Floats:
    """Two to five thin bright lines."""
    light = np.zeros((size, size), dtype=np.float32)
    for _ in range(2 + whole(rng, 4)):
        cosine, sine = turn(whole(rng, 360))
        reach = size * between(rng.random(), 0.1, 0.3)
        x, y = size * rng.random(), size * rng.random()
        line = [[(x - reach * cosine, y - reach * sine), (x + reach * cosine, y + reach * sine)]]
        width = size * between(rng.random(), 0.012, 0.024)
        np.maximum(light, between(rng.random(), 0.2, 0.35) * ink(line, width, (size, size)), out=light)
    return light
