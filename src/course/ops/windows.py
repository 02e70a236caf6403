"""Where the windows of a kernel lie: the one geometry of convolution, pooling and unfolding, and of their adjoints."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from course.ops.arguments import Shape

Array = NDArray[Any]


@dataclass(frozen=True)
class Windows:
    """Along each axis, window i reads through tap t the entry i·stride + t·dilation − low of the input.

    >>> Windows((7,), (3,), stride=(2,), dilation=(1,), low=(1,), high=(1,)).out
    (4,)
    """

    size: Shape
    kernel: Shape
    stride: Shape
    dilation: Shape
    low: Shape
    high: Shape

    @property
    def padded(self) -> Shape:
        """The sizes of the input with its padding."""
        return tuple(
            low + n + high
            for low, n, high in zip(
                self.low, self.size, self.high, strict=True
            )
        )

    @property
    def reach(self) -> Shape:
        """How far one window spans, its gaps included."""
        return tuple(
            d * (k - 1) + 1
            for k, d in zip(
                self.kernel, self.dilation, strict=True
            )
        )

    @property
    def out(self) -> Shape:
        """How many windows there are."""
        axes = zip(
            self.padded, self.reach, self.stride, strict=True
        )
        return tuple((n - reach) // s + 1 for n, reach, s in axes)

    @property
    def taps(self) -> int:
        """How many entries one window reads."""
        return prod(self.kernel)

    def pad(self, x: Array, value: Any = 0) -> Array:
        """(…, size) within its padding; x itself where there is none."""
        if self.padded == self.size:
            return x
        padded = np.full(
            (*x.shape[: -len(self.size)], *self.padded),
            value,
            x.dtype,
        )
        self.inside(padded)[...] = x
        return padded

    def inside(self, padded: Array) -> Array:
        """The view of the input within its padding."""
        axes = zip(self.low, self.size, strict=True)
        where: tuple[Any, ...] = (
            ...,
            *(slice(low, low + n) for low, n in axes),
        )
        view: Array = padded[where]
        return view

    # --8<-- [start:over]
    def over(self, padded: Array) -> Array:
        """All windows as one view, nothing copied.

        (…, padded) becomes (…, kernel, out).
        """
        lead = padded.ndim - len(self.size)
        step = padded.strides[lead:]
        taps = zip(step, self.dilation, strict=True)
        moves = zip(step, self.stride, strict=True)
        return as_strided(
            padded,
            (*padded.shape[:lead], *self.kernel, *self.out),
            (
                *padded.strides[:lead],
                *(bytes_ * d for bytes_, d in taps),
                *(bytes_ * s for bytes_, s in moves),
            ),
        )

    # --8<-- [end:over]


def along(axis: int, at: Windows) -> Iterator[tuple[Any, ...]]:
    """For each tap of one axis, counted from the end: where the padded array holds what all windows read through it."""
    d, s, n = at.dilation[axis], at.stride[axis], at.out[axis]
    for tap in range(at.kernel[axis]):
        yield (
            ...,
            slice(tap * d, tap * d + (n - 1) * s + 1, s),
            *(slice(None),) * (-axis - 1),
        )


def chunks(total: int, size: int) -> Iterator[slice]:
    """The slices of a range, `size` long but for the last."""
    size = max(1, size)
    for start in range(0, total, size):
        yield slice(start, min(start + size, total))
