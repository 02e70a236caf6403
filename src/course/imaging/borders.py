"""What a window reads beyond the border of a picture, by SciPy's names."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Boundary = Literal[
    "reflect", "mirror", "nearest", "wrap", "constant"
]
MODES: dict[str, str] = {
    "reflect": "symmetric",  # (d c b a | a b c d | d c b a)
    "mirror": "reflect",  # (d c b | a b c d | c b a)
    "nearest": "edge",  # (a a a | a b c d | d d d)
    "wrap": "wrap",  # (b c d | a b c d | a b c)
    "constant": "constant",  # (v v v | a b c d | v v v)
}


def extended(
    operation: str,
    image: NDArray[Any],
    widths: list[tuple[int, int]],
    boundary: str = "reflect",
    value: float = 0,
) -> NDArray[Any]:
    """Continue a picture over its border by `widths` pixels, (before, after) for each axis.

    >>> extended("mean", np.array([1, 2, 3]), [(2, 1)], "mirror")
    array([3, 2, 1, 2, 3, 2])
    """
    if boundary not in MODES:
        raise ValueError(
            f"{operation}: there is no boundary {boundary!r}; there are {', '.join(MODES)}"
        )
    if boundary != "constant":
        return np.pad(image, widths, MODES[boundary])  # type: ignore[call-overload, no-any-return]
    return np.pad(
        image, widths, "constant", constant_values=value
    )
