"""Where the windows of a kernel lie: the one geometry of convolution, pooling and unfolding, and of their adjoints."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.ops.arguments import Shape

Array = NDArray[Any]


Scratch = dict[tuple[Any, ...], Array]


def take(
    scratch: Scratch | None,
    name: str,
    shape: Shape,
    dtype: np.dtype[Any],
) -> Array:
    """An array to compute in, the same one each time: taking new memory costs more than filling it."""
    key = name, shape, dtype
    if scratch is None or key not in scratch:
        array = np.empty(shape, dtype)
        if scratch is None:
            return array
        scratch[key] = array
    return scratch[key]


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

    @cached_property
    def padded(self) -> Shape:
        """The sizes of the input with its padding."""
        return tuple(
            low + n + high
            for low, n, high in zip(
                self.low, self.size, self.high, strict=True
            )
        )

    @cached_property
    def reach(self) -> Shape:
        """How far one window spans, its gaps included."""
        return tuple(
            d * (k - 1) + 1
            for k, d in zip(
                self.kernel, self.dilation, strict=True
            )
        )

    @cached_property
    def out(self) -> Shape:
        """How many windows there are."""
        axes = zip(
            self.padded, self.reach, self.stride, strict=True
        )
        return tuple((n - reach) // s + 1 for n, reach, s in axes)

    @cached_property
    def taps(self) -> int:
        """How many entries one window reads."""
        return prod(self.kernel)

    def pad(
        self,
        x: Array,
        value: Any = 0,
        scratch: Scratch | None = None,
    ) -> Array:
        """(…, size) within its padding; x itself where there is none."""
        if self.padded == self.size:
            return x
        shape = *x.shape[: -len(self.size)], *self.padded
        padded = take(scratch, "padded", shape, x.dtype)
        padded[...] = value
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

    # --8<-- [start:gather]
    def gather(
        self, padded: Array, scratch: Scratch | None = None
    ) -> Array:
        """Every window: from (…, padded) to (…, kernel, out).

        One axis after another, so that most copies are long.
        """
        lead = padded.shape[: padded.ndim - len(self.size)]
        for axis in reversed(range(len(self.size))):
            sizes = self.padded[:axis] + self.out[axis:]
            shape = lead + self.kernel[axis:] + sizes
            columns = take(
                scratch, "gathered", shape, padded.dtype
            )
            every: Any = (slice(None),) * len(lead)
            for tap, place in enumerate(self.along(axis)):
                columns[*every, tap] = padded[place]
            padded = columns
        return padded

    # --8<-- [end:gather]

    # --8<-- [start:scatter]
    def scatter(
        self, columns: Array, scratch: Scratch | None = None
    ) -> Array:
        """The adjoint of gather: entries are added back."""
        lead = columns.shape[: columns.ndim - 2 * len(self.size)]
        for axis in range(len(self.size)):
            sizes = self.padded[: axis + 1] + self.out[axis + 1 :]
            shape = lead + self.kernel[axis + 1 :] + sizes
            padded = take(
                scratch, "scattered", shape, columns.dtype
            )
            padded[...] = 0
            every: Any = (slice(None),) * len(lead)
            for tap, place in enumerate(self.along(axis)):
                padded[place] += columns[*every, tap]
            columns = padded
        return columns

    # --8<-- [end:scatter]

    # --8<-- [start:along]
    def along(self, axis: int) -> Iterator[tuple[Any, ...]]:
        """For each tap of an axis, its places.

        There the padded array has what all windows read.
        """
        d, s = self.dilation[axis], self.stride[axis]
        last = (self.out[axis] - 1) * s
        after = (slice(None),) * (len(self.size) - axis - 1)
        for tap in range(self.kernel[axis]):
            start = tap * d
            yield ..., slice(start, start + last + 1, s), *after

    # --8<-- [end:along]

    def every_tap(self) -> Iterator[tuple[Any, ...]]:
        """For each tap of the whole kernel, in order, its places."""
        for tap in np.ndindex(self.kernel):
            axes = zip(
                tap,
                self.dilation,
                self.stride,
                self.out,
                strict=True,
            )
            yield (
                ...,
                *(
                    slice(t * d, t * d + (n - 1) * s + 1, s)
                    for t, d, s, n in axes
                ),
            )

    # --8<-- [start:band]
    def band(self, rows: slice) -> "tuple[slice, Windows]":
        """Some rows of windows: the rows of the input they read,
        and where they lie in those."""
        s, (n, *others) = self.stride[0], self.size
        first = rows.start * s - self.low[0]
        height = (rows.stop - rows.start - 1) * s + self.reach[0]
        read = slice(
            max(first, 0), max(min(first + height, n), 0)
        )
        count = max(read.stop - read.start, 0)
        low = min(max(-first, 0), height)
        band = replace(
            self,
            size=(count, *others),
            low=(low, *self.low[1:]),
            high=(height - low - count, *self.high[1:]),
        )
        return read, band

    # --8<-- [end:band]


def chunks(total: int, size: int) -> Iterator[slice]:
    """The slices of a range, `size` long but for the last."""
    size = max(1, size)
    for start in range(0, total, size):
        yield slice(start, min(start + size, total))
