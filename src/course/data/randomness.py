"""Random numbers that are the same on every machine: uniform draws, whole-number noise, smooth clouds.

Only `Generator.random` is used. Its doubles are 53 bits of the PCG64 stream, with no rounding left to the
compiler; `Generator.uniform` may fuse a product and a sum, and `Generator.normal` calls the machine's
logarithm in its tails.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Uniform = TypeVar("Uniform", float, Reals)
Seed = int | np.random.Generator | None


def generator(rng: Seed) -> np.random.Generator:
    """Turn what a caller gave as `rng` into a generator: `None` means seed 0, an integer is a seed."""
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None or (isinstance(rng, int | np.integer) and not isinstance(rng, bool) and rng >= 0):
        return np.random.default_rng(0 if rng is None else int(rng))
    raise TypeError(f"rng is {rng!r}, but must be None, a seed (0 or more) or a numpy.random.Generator")


def between(u: Uniform, low: float, high: float) -> Uniform:
    """Stretch uniform draws from [0, 1) to [low, high)."""
    return low + u * (high - low)


def noise(u: Reals) -> Reals:
    """Turn each uniform draw into bell-shaped noise, mean 0 and standard deviation 1, within ±3.5.

    The four bytes of the draw's first 32 bits are four independent dice; their sum is close to normal,
    and exact.
    """
    words = (u * 2.0**32).astype("<u4")
    dice = words.view(np.uint8).reshape(*u.shape, 4).astype(np.int32)
    total = dice[..., 0] + dice[..., 1] + dice[..., 2] + dice[..., 3]
    return (total - 510) / 147.8


def clouds(grid: Reals, shape: tuple[int, int]) -> Reals:
    """Enlarge a coarse grid of values to `shape` by bilinear interpolation, corners onto corners."""
    rows, columns = grid.shape[-2:]
    y = np.arange(shape[0]) * (rows - 1) / max(shape[0] - 1, 1)
    x = np.arange(shape[1]) * (columns - 1) / max(shape[1] - 1, 1)
    i = np.minimum(y.astype(np.int64), rows - 2)
    j = np.minimum(x.astype(np.int64), columns - 2)
    v, u = (y - i)[:, None], x - j
    left = grid[..., i, :] * (1 - v) + grid[..., i + 1, :] * v
    enlarged: Reals = left[..., j] * (1 - u) + left[..., j + 1] * u
    return enlarged


def to_uint8(levels: NDArray[Any]) -> NDArray[np.uint8]:
    """Round grey levels to the nearest of 0…255."""
    rounded: NDArray[np.uint8] = np.floor(np.clip(levels, 0, 255) + 0.5).astype(np.uint8)
    return rounded
