"""What a picture must be before it is taken apart: real numbers, in rows and columns, none missing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


def grey(
    operation: str,
    image: ArrayLike,
    channels: bool = False,
    infinite: bool = False,
) -> Array:
    """The picture as an array of two axes, or of three where channels are welcome; refuse it in one sentence."""
    x = np.asarray(image)
    if x.ndim != 2 and not (channels and x.ndim == 3):
        allowed = "2, or 3 with channels" if channels else "2"
        raise ValueError(
            f"{operation}: the picture has {x.ndim} axes, but it must have {allowed}"
        )
    if x.dtype.kind not in "buif":
        raise TypeError(
            f"{operation}: the picture is of type {x.dtype}, but it must hold real numbers"
        )
    if x.dtype.kind == "f":
        lost = np.isnan(x) if infinite else ~np.isfinite(x)
        if lost.any():
            raise ValueError(
                f"{operation}: the picture holds {x[lost][0]}, but every pixel must be a number"
            )
    return x


def floating(operation: str, image: ArrayLike) -> Array:
    """The picture in the type that is computed with: float32 as it is, everything else in double precision."""
    x = grey(operation, image)
    if not x.size:
        raise ValueError(
            f"{operation}: the picture has shape {x.shape}; it must have at least one pixel"
        )
    return x.astype(
        np.float32 if x.dtype == np.float32 else np.float64,
        copy=False,
    )


def reach(operation: str, connectivity: int) -> int:
    """How far a diagonal neighbour may lie: 0 with connectivity 1 (four neighbours), 1 with 2 (eight)."""
    if connectivity not in (1, 2):
        raise ValueError(
            f"{operation}: connectivity is {connectivity!r}, but it must be 1 (four neighbours) or 2 (eight)"
        )
    return connectivity - 1
