"""Sets of pictures drawn on demand: handwritten-looking digits, and shapes with their masks.

The seed alone fixes them, on every machine, and a longer set begins with the shorter one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.data.randomness import Reals, Seed, between, clouds, generator, noise, to_uint8
from course.data.strokes import Floats, alphabet, ink

CHUNK = 256  # glyphs drawn at a time: few enough to stay in the processor's cache


# Of 0, 1, … 359 degrees, rounded to six decimals so that all machines agree.
COSINES = np.round(np.cos(np.deg2rad(np.arange(360))), 6)
SINES = np.round(np.sin(np.deg2rad(np.arange(360))), 6)


def turn(degrees: int) -> tuple[float, float]:
    """Cosine and sine of a whole number of degrees."""
    return float(COSINES[degrees]), float(SINES[degrees])


def whole(rng: np.random.Generator, n: int) -> int:
    """One of 0, 1, … n - 1."""
    return int(n * rng.random())


def check_size(operation: str, n: int, size: int, smallest: int) -> None:
    """Refuse a number of pictures or a size that cannot be drawn."""
    if n < 0:
        raise ValueError(f"{operation}: n is {n}, but a set has 0 pictures or more")
    if size < smallest:
        raise ValueError(f"{operation}: size is {size}, but a picture needs {smallest} pixels a side or more")


def quantised(levels: NDArray[Any]) -> Floats:
    """Round grey levels in [0, 1] to one of the 256 that a picture file can hold."""
    return to_uint8(255 * levels).astype(np.float32) / np.float32(255)


def glyphs(n: int, size: int = 28, rng: Seed = None) -> tuple[Floats, NDArray[np.int64]]:
    """Draw `n` handwritten-looking digits, bright on dark: images (n, size, size) in [0, 1], labels (n,).

    Each image is a digit drawn at random, in one of our ways of writing it (`strokes.DIGITS`), changed by

    - a turn of -15 to 15 whole degrees, and a shear x' = x + s y with s from -0.35 to 0.35,
    - scales that make its box 38 to 60% of the size wide and 58 to 78% high, a shift of up to 8% each way,
    - two bends, of its verticals and of its horizontals, by up to 14% of its width and height,
    - a pen 5.5 to 13% of the size thick (1.5 to 3.6 pixels at 28), with ink of 0.6 to 1,
    - noise with a standard deviation of 0 to 0.12.

    There is one digit to an image and no overlap. Images are float32, labels int64. `rng` is a seed or a
    `numpy.random.Generator`; `None` is seed 0. The same seed gives the same bytes on every machine.

    >>> from course.data import glyphs
    >>> images, labels = glyphs(100)
    >>> images.shape, labels[:8].tolist()
    ((100, 28, 28), [6, 4, 8, 3, 3, 3, 9, 2])
    """
    check_size("glyphs", n, size, 8)
    rng = generator(rng)
    images = np.empty((n, size, size), dtype=np.float32)
    labels = np.empty(n, dtype=np.int64)
    for start in range(0, n, CHUNK):
        chunk = slice(start, min(start + CHUNK, n))
        u = rng.random((len(images[chunk]), 13 + size * size))
        lines, labels[chunk] = handwriting(u[:, :10].T, size)
        width = size * between(u[:, 10], 0.055, 0.13)
        strength = between(u[:, 11], 0.6, 1)[:, None, None]
        spread = between(u[:, 12], 0, 0.12)[:, None, None]
        grain = noise(u[:, 13:]).reshape(-1, size, size)
        images[chunk] = quantised(strength * ink(lines, width, (size, size)) + spread * grain)
    return images, labels


def handwriting(u: Reals, size: int) -> tuple[Reals, NDArray[np.int64]]:
    """Turn ten uniform draws a glyph into the segments to draw, in pixels, and the digit that they show."""
    table, written = alphabet()
    label = np.floor(10 * u[0]).astype(np.int64)
    first = np.searchsorted(written, label)
    ways = np.searchsorted(written, label, side="right") - first
    lines = table[first + np.floor(ways * u[1]).astype(np.int64)]

    x, y = lines[..., 0] - 0.5, lines[..., 1] - 0.5
    t = u[:, :, None, None]
    degrees = np.floor(31 * t[7]).astype(np.int64) - 15
    cosine, sine = COSINES[degrees], SINES[degrees]

    bent_x = x + between(t[2], -0.56, 0.56) * (y * y - 0.1)  # y * y reaches 1/4: up to 14%
    bent_y = y + between(t[3], -0.56, 0.56) * (x * x - 0.05)
    tall = between(t[5], 0.58, 0.78) * bent_y
    wide = between(t[4], 0.38, 0.6) * bent_x + between(t[6], -0.35, 0.35) * tall
    across = cosine * wide - sine * tall + between(t[8], -0.08, 0.08)
    down = sine * wide + cosine * tall + between(t[9], -0.08, 0.08)
    return size * np.stack([across, down], axis=-1) + (size - 1) / 2, label


# Below: how deep a point (u, v) of a shape's own frame lies inside it, in radii; less than 0 outside.


def disc(u: Reals, v: Reals) -> Reals:
    """Inside a circle of radius 1."""
    inside: Reals = 1 - np.sqrt(u * u + v * v)
    return inside


def ring(u: Reals, v: Reals) -> Reals:
    """Inside a circle of radius 1 and outside one of radius 0.45: a band 0.55 thick."""
    depth = disc(u, v)
    return np.minimum(depth, 0.55 - depth)


def square(u: Reals, v: Reals) -> Reals:
    """Inside a square of half-side 0.85."""
    return 0.85 - np.maximum(np.abs(u), np.abs(v))


def triangle(u: Reals, v: Reals) -> Reals:
    """Inside an equilateral triangle whose sides are 0.6 from its centre."""
    slanted = 0.866025 * np.abs(u) - 0.5 * v
    return 0.6 - np.maximum(v, slanted)


KINDS = (disc, ring, square, triangle)


def shapes(n: int, size: int = 64, rng: Seed = None) -> tuple[Floats, NDArray[np.bool_]]:
    """Draw `n` pictures of bright shapes in uneven light: images (n, size, size) in [0, 1], and masks.

    Each picture has two to four shapes (disc, ring, square, triangle); its mask is True on all of them.
    Each has

    - a radius of 13 to 25% of the size; a ring's band is 0.55 of its radius thick,
    - scales of 1 along one axis and 0.65 to 1 along the other, a turn of any whole number of degrees, and a
      shear u' = u + s v with s from -0.3 to 0.3,
    - 0.2 to 0.35 more light than what is behind it,
    - an overlap of at most 25% of its area with shapes drawn before it: where that fails it is drawn
      anew, and after twenty trials left out.

    Behind them the light rises by 0.4 to 0.55 across the picture, in any direction, with clouds of 0.1.
    In front are two to five scratches, 1.2 to 2.4% of the size thick and as bright as the shapes, which
    belong to no mask; over all, noise with a standard deviation of 0.01 to 0.04. So no one threshold
    finds the shapes.

    Images are float32, masks bool. `rng` is a seed or a `numpy.random.Generator`; `None` is seed 0. The same
    seed gives the same bytes on every machine.

    >>> from course.data import shapes
    >>> images, masks = shapes(10)
    >>> images.shape, masks.dtype.name
    ((10, 64, 64), 'bool')
    """
    check_size("shapes", n, size, 16)
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


def daylight(rng: np.random.Generator, size: int) -> Reals:
    """Light that rises across the picture in some direction, with clouds on it."""
    cosine, sine = turn(whole(rng, 360))
    start, rise = between(rng.random(), 0, 0.1), between(rng.random(), 0.4, 0.55)
    across = np.arange(size) / (size - 1) - 0.5
    slope = (cosine * across + sine * across[:, None]) / (abs(cosine) + abs(sine)) + 0.5
    return start + rise * slope + 0.1 * (clouds(rng.random((5, 5)), (size, size)) - 0.5)


def placed_shape(rng: np.random.Generator, mask: NDArray[np.bool_]) -> Reals:
    """Cover of one more shape, with little overlap over `mask`; nothing where no place was found."""
    size = len(mask)
    for _ in range(20):
        inside = KINDS[whole(rng, len(KINDS))]
        radius = size * between(rng.random(), 0.13, 0.25)
        squeeze, shear = between(rng.random(), 0.65, 1), between(rng.random(), -0.3, 0.3)
        cosine, sine = turn(whole(rng, 360))
        x = np.arange(size) - between(rng.random(), radius, size - 1 - radius)
        y = np.arange(size)[:, None] - between(rng.random(), radius, size - 1 - radius)
        v = (cosine * y - sine * x) / (squeeze * radius)
        u = (cosine * x + sine * y) / radius - shear * v
        cover = np.clip(squeeze * radius * inside(u, v) + 0.5, 0, 1)
        drawn = cover > 0.5
        if 4 * np.count_nonzero(drawn & mask) <= np.count_nonzero(drawn):
            return cover
    return np.zeros(mask.shape)


def scratches(rng: np.random.Generator, size: int) -> Reals:
    """Two to five thin bright lines."""
    light = np.zeros((size, size))
    for _ in range(2 + whole(rng, 4)):
        cosine, sine = turn(whole(rng, 360))
        reach = size * between(rng.random(), 0.1, 0.3)
        x, y = size * rng.random(), size * rng.random()
        line = [[(x - reach * cosine, y - reach * sine), (x + reach * cosine, y + reach * sine)]]
        width = size * between(rng.random(), 0.012, 0.024)
        np.maximum(light, between(rng.random(), 0.2, 0.35) * ink(line, width, (size, size)), out=light)
    return light
