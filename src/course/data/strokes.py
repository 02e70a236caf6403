"""Ten digits as pen strokes of our own, and a pen that draws strokes into pixels, alike on every machine.

Floating-point numbers meet only `+ - * /`, comparisons and square roots, which IEEE 754 rounds in one way
only. Sums are written out, since the order in which `np.sum` or a matrix product adds is not ours to
choose.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
Point = tuple[float, float]

# Points (x, y) in a unit box, x to the right and y down. A stroke is a smooth curve through its points; a
# corner is where one stroke ends and the next begins. Some digits are written in two ways.
DIGITS: dict[int, list[list[list[Point]]]] = {
    0: [
        [[(0.52, 0.03), (0.24, 0.2), (0.17, 0.53), (0.29, 0.88), (0.52, 0.97),
          (0.76, 0.82), (0.84, 0.47), (0.74, 0.14), (0.52, 0.03)]],
    ],
    1: [
        [[(0.3, 0.24), (0.43, 0.16), (0.54, 0.03)], [(0.54, 0.03), (0.5, 0.97)]],
        [[(0.27, 0.27), (0.44, 0.18), (0.53, 0.03)], [(0.53, 0.03), (0.52, 0.95)],
         [(0.26, 0.96), (0.8, 0.95)]],
    ],
    2: [
        [[(0.2, 0.28), (0.29, 0.09), (0.53, 0.03), (0.77, 0.15), (0.76, 0.37), (0.55, 0.62), (0.17, 0.95)],
         [(0.17, 0.95), (0.5, 0.93), (0.86, 0.94)]],
        [[(0.17, 0.22), (0.38, 0.05), (0.66, 0.06), (0.78, 0.24), (0.66, 0.51), (0.33, 0.84),
          (0.2, 0.9), (0.22, 0.76), (0.4, 0.8), (0.62, 0.95), (0.87, 0.88)]],
    ],
    3: [
        [[(0.2, 0.14), (0.47, 0.03), (0.74, 0.14), (0.72, 0.35), (0.42, 0.47)],
         [(0.42, 0.47), (0.74, 0.55), (0.81, 0.75), (0.6, 0.95), (0.34, 0.96), (0.15, 0.85)]],
        [[(0.18, 0.06), (0.48, 0.07), (0.78, 0.05)], [(0.78, 0.05), (0.45, 0.4)],
         [(0.45, 0.4), (0.73, 0.48), (0.82, 0.69), (0.68, 0.9), (0.42, 0.97), (0.15, 0.87)]],
    ],
    4: [
        [[(0.62, 0.03), (0.36, 0.37), (0.12, 0.66)], [(0.12, 0.66), (0.9, 0.65)],
         [(0.64, 0.38), (0.62, 0.97)]],
        [[(0.27, 0.04), (0.18, 0.34), (0.17, 0.53)], [(0.17, 0.53), (0.5, 0.55), (0.86, 0.5)],
         [(0.74, 0.1), (0.7, 0.5), (0.68, 0.97)]],
    ],
    5: [
        [[(0.8, 0.05), (0.3, 0.05)], [(0.3, 0.05), (0.25, 0.44)],
         [(0.25, 0.44), (0.5, 0.37), (0.75, 0.47), (0.82, 0.69), (0.66, 0.91), (0.4, 0.97), (0.16, 0.86)]],
    ],
    6: [
        [[(0.74, 0.05), (0.45, 0.2), (0.25, 0.48), (0.21, 0.74), (0.35, 0.94), (0.6, 0.95), (0.79, 0.77),
          (0.7, 0.57), (0.48, 0.52), (0.24, 0.7)]],
    ],
    7: [
        [[(0.15, 0.07), (0.5, 0.07), (0.84, 0.05)], [(0.84, 0.05), (0.6, 0.45), (0.41, 0.97)]],
        [[(0.15, 0.07), (0.5, 0.07), (0.84, 0.05)], [(0.84, 0.05), (0.6, 0.45), (0.41, 0.97)],
         [(0.34, 0.51), (0.8, 0.48)]],
    ],
    8: [
        [[(0.5, 0.46), (0.26, 0.27), (0.33, 0.08), (0.52, 0.03), (0.72, 0.12), (0.71, 0.3), (0.5, 0.46),
          (0.24, 0.66), (0.27, 0.9), (0.51, 0.97), (0.76, 0.87), (0.77, 0.66), (0.5, 0.46)]],
    ],
    9: [
        [[(0.76, 0.27), (0.64, 0.07), (0.4, 0.05), (0.23, 0.25), (0.34, 0.47), (0.58, 0.46), (0.76, 0.27)],
         [(0.76, 0.27), (0.73, 0.6), (0.58, 0.97)]],
        [[(0.76, 0.24), (0.62, 0.05), (0.38, 0.06), (0.22, 0.27), (0.35, 0.49), (0.6, 0.45), (0.76, 0.24)],
         [(0.76, 0.24), (0.78, 0.62), (0.64, 0.92), (0.42, 0.96), (0.26, 0.87)]],
    ],
}  # fmt: skip

STEPS = 3  # line segments for each span between two neighbouring points of a stroke


def polyline(points: list[Point]) -> list[Point]:
    """Points along the Catmull-Rom curve through `points`; a closed one (first = last) closes smoothly."""
    if len(points) == 2:
        return points
    closed = points[0] == points[-1]
    first = points[-2] if closed else points[0]
    last = points[1] if closed else points[-1]
    padded = [first, *points, last]
    along = [points[0]]
    for i in range(len(points) - 1):
        for step in range(1, STEPS + 1):
            t = step / STEPS
            weights = (
                t * (t * (2 - t) - 1) / 2,
                (t * t * (3 * t - 5) + 2) / 2,
                t * (t * (4 - 3 * t) + 1) / 2,
                t * t * (t - 1) / 2,
            )
            x, y = 0.0, 0.0
            for weight, (px, py) in zip(weights, padded[i : i + 4], strict=True):
                x += weight * px
                y += weight * py
            along.append((x, y))
    return along


def segments(strokes: list[list[Point]]) -> list[tuple[Point, Point]]:
    """The line segments, start and end, that stand for `strokes`."""
    lines = [polyline(points) for points in strokes]
    return [pair for line in lines for pair in pairwise(line)]


@cache
def alphabet() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """All ways of writing all digits, as segments (way, segment, start or end, x or y), and each way's digit.

    Every way gets the same number of segments: the last one is repeated, which changes nothing in a picture.
    """
    ways = [(digit, segments(strokes)) for digit, forms in DIGITS.items() for strokes in forms]
    longest = max(len(lines) for _, lines in ways)
    table = np.array([lines + lines[-1:] * (longest - len(lines)) for _, lines in ways])
    return table, np.array([digit for digit, _ in ways])


def ink(lines: ArrayLike, width: ArrayLike, shape: tuple[int, int]) -> Floats:
    r"""Draw segments with a round pen: how much of each pixel the ink covers, from 0 to 1.

    $$\mathrm{ink}(p) = \min\bigl(1, \max\bigl(0, (\mathrm{width} + 1) / 2 - \min_s d(p, s)\bigr)\bigr)$$

    where d is the distance from a pixel's centre to a segment. `lines` has shape (..., segments, 2, 2): start
    and end, each (x, y) in pixels; `width` has the leading axes. The result has shape (..., rows, columns).
    """
    points = np.asarray(lines, dtype=np.float32)
    start, step = points[..., 0, :], points[..., 1, :] - points[..., 0, :]
    squared = step[..., 0] * step[..., 0] + step[..., 1] * step[..., 1]
    squared = np.maximum(squared, np.float32(1e-12))  # a segment may be a dot
    rows, columns = np.arange(shape[0], dtype=np.float32)[:, None], np.arange(shape[1], dtype=np.float32)
    nearest = np.full((*points.shape[:-3], *shape), np.inf, dtype=np.float32)
    for s in range(points.shape[-3]):
        x = columns - start[..., s, 0, None, None]
        y = rows - start[..., s, 1, None, None]
        dx, dy = step[..., s, 0, None, None], step[..., s, 1, None, None]
        along = np.clip((x * dx + y * dy) / squared[..., s, None, None], 0, 1)
        x, y = x - along * dx, y - along * dy
        np.minimum(nearest, x * x + y * y, out=nearest)
    reach = (np.asarray(width, dtype=np.float32)[..., None, None] + 1) / 2
    covered: Floats = np.clip(reach - np.sqrt(nearest), 0, 1)
    return covered
