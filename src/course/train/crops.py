"""Crops of photographs, to learn from and to judge by."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.data import sample_image

Crops = NDArray[np.float64]
PHOTOGRAPHS = ("astronaut", "brick", "camera", "text")
SIDE, UNSEEN = 32, 64  # of a crop to learn from, and of one to judge by


# --8<-- [start:crops]
def crops(rng: np.random.Generator, count: int) -> tuple[Crops, Crops]:
    """Grey crops (N, 1, H, W) in [0, 1]: `count` to learn from, and others.

    The first lie anywhere left of a line in each photograph,
    the others side by side at the right of it.
    """
    learned: list[NDArray[Any]] = []
    unseen: list[NDArray[Any]] = []
    for k, name in enumerate(PHOTOGRAPHS):
        x = sample_image(name) / 255
        x = x.mean(-1) if x.ndim == 3 else x
        rows, line = x.shape[0], x.shape[1] - UNSEEN
        for _ in range(k, count, len(PHOTOGRAPHS)):
            i = rng.integers(rows - SIDE + 1)
            j = rng.integers(line - SIDE + 1)
            learned.append(x[i : i + SIDE, j : j + SIDE])
        for i in range(0, rows - UNSEEN + 1, UNSEEN):
            unseen.append(x[i : i + UNSEEN, line:])
    return np.stack(learned)[:, None], np.stack(unseen)[:, None]


# --8<-- [end:crops]
