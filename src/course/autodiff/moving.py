"""How a sampled image changes as the places move: the derivative of grid_sample in its grid.

A read is a product of one weight an axis, so its slope along an axis has that axis's weight replaced by its slope. All
is written in primitives, so that it has derivatives too.
"""

from itertools import product
from typing import Any

import numpy as np

from course.autodiff.operators import Array, values
from course.autodiff.rules import stack, sum, transpose
from course.ops.warp import PaddingMode, SampleMode

Reads = list[
    tuple[Array, Any, Any]
]  # along one axis: the pixels, their weights, and the slopes of these


# --8<-- [start:moving]
def moving(
    g: Any,
    x: Any,
    grid: Any,
    mode: SampleMode = "bilinear",
    padding_mode: PaddingMode = "zeros",
    align_corners: bool | None = None,
) -> Any:
    """ĝ[n, i, d] = Σ_c g[n, c, i] ∂y[n, c, i] / ∂grid[n, i, d].

    Of y = grid_sample(x, grid). Where it jumps ("nearest"), and
    where the place is held at an edge, the slope is 0.
    """
    size = x.shape[2:]
    lines = []
    for axis, n in enumerate(size):
        place = grid[..., len(size) - 1 - axis]
        scale = (n - 1) / 2 if align_corners else n / 2
        pixel = (place + 1) * scale - (
            0 if align_corners else 0.5
        )
        read = _reads(pixel, n, mode, padding_mode, align_corners)
        lines.append([(i, w, s * scale) for i, w, s in read])
    slopes: list[Any] = [0] * len(size)
    image = np.arange(len(x)).reshape(-1, *(1,) * len(size))
    for choice in product(*lines):
        at = tuple(i for i, _, _ in choice)
        entries = x[(image, slice(None), *at)]
        seen = sum(entries * _channels_last(g), -1)
        for axis in range(len(size)):
            part = seen
            for other, (_, weight, slope) in enumerate(choice):
                part = part * (slope if other == axis else weight)
            slopes[axis] = slopes[axis] + part
    return stack(slopes[::-1], -1)


# --8<-- [end:moving]


def _channels_last(g: Any) -> Any:
    axes = (0, *range(2, g.ndim), 1)
    return transpose(g, axes)


def _reads(
    pixel: Any,
    n: int,
    mode: str,
    padding_mode: str,
    aligned: bool | None,
) -> Reads:
    """Along one axis: the pixels around a place, with their weights as functions of the place, and the slopes."""
    if mode == "bicubic":
        return _cubic_reads(pixel, n, padding_mode, aligned)
    place, slope = _held(values(pixel), n, padding_mode, aligned)
    if mode == "nearest":
        nearest = np.rint(place)
        inside = _inside(nearest, n).astype(place.dtype)
        return [
            (_index(nearest, n), inside, np.zeros_like(place))
        ]
    low = np.floor(place)
    t = pixel * slope + (place - low - slope * values(pixel))
    first = _inside(low, n).astype(place.dtype)
    second = _inside(low + 1, n).astype(place.dtype)
    return [
        (_index(low, n), (1 - t) * first, -slope * first),
        (_index(low + 1, n), t * second, slope * second),
    ]


def _cubic_reads(
    pixel: Any, n: int, padding_mode: str, aligned: bool | None
) -> Reads:
    low, a = np.floor(values(pixel)), -0.75
    reads: Reads = []
    for k in (-1, 0, 1, 2):
        sign = 1 if k < 1 else -1
        d = (pixel - (low + k)) * sign
        if k in (0, 1):
            weight = ((a + 2) * d - (a + 3)) * d * d + 1
            slope = (3 * (a + 2) * d - 2 * (a + 3)) * d
        else:
            weight = ((d - 5) * d + 8) * d * a - 4 * a
            slope = ((3 * d - 10) * d + 8) * a
        corner, _ = _held(low + k, n, padding_mode, aligned)
        inside = _inside(corner, n).astype(low.dtype)
        reads.append(
            (
                _index(corner, n),
                weight * inside,
                slope * (sign * inside),
            )
        )
    return reads


def _held(
    place: Array, n: int, padding_mode: str, aligned: bool | None
) -> tuple[Array, Array]:
    """The place that stands for one outside the image, and how fast it moves: 1, −1, or 0 where it is held."""
    slope = np.ones_like(place)
    if padding_mode == "zeros":
        return place, slope
    if padding_mode == "reflection":
        edge, span = (0.0, n - 1) if aligned else (-0.5, n)
        if not span:
            return np.zeros_like(place), np.zeros_like(place)
        way = np.abs(place - edge) % (2 * span)
        slope = np.where(
            (place > edge) == (way < span), slope, -slope
        )
        place = np.minimum(
            way, 2 * span - way
        ) + place.dtype.type(edge)
    return np.clip(place, 0, n - 1), slope * (
        (place > 0) & (place < n - 1)
    )


def _inside(pixel: Array, n: int) -> Array:
    return np.asarray((pixel >= 0) & (pixel <= n - 1))


def _index(pixel: Array, n: int) -> Array:
    return np.clip(pixel, 0, n - 1).astype(np.intp)
