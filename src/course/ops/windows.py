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

    def pad(self, x: Array, value: Any = 0) -> Array:
        """(…, size) within its padding; x itself where there is none."""
        if self.padded == self.size:
            return x
        shape = *x.shape[: -len(self.size)], *self.padded
        padded = np.full(shape, value, x.dtype)
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
        self,
        x: Array,
        scratch: Scratch | None = None,
        out: Array | None = None,
    ) -> Array:
        """Every window: from (…, size) to (…, kernel, out).

        One axis after another, so that most copies are long. The
        last ones go into `out`, if it is given.
        """
        lead = x.shape[: x.ndim - len(self.size)]
        every: Any = (slice(None),) * len(lead)
        for axis in reversed(range(len(self.size))):
            rest: Any = (slice(None),) * (
                len(self.size) - axis - 1
            )
            sizes = self.size[:axis] + self.out[axis:]
            shape = lead + self.kernel[axis:] + sizes
            columns = (
                take(scratch, "gathered", shape, x.dtype)
                if axis or out is None
                else out
            )
            for tap, (here, there) in enumerate(self.reads(axis)):
                column = columns[*every, tap]
                column[..., : here.start, *rest] = 0  # padding
                column[..., here.stop :, *rest] = 0
                column[..., here, *rest] = x[..., there, *rest]
            x = columns
        return x

    # --8<-- [end:gather]

    # --8<-- [start:scatter]
    def scatter(
        self, columns: Array, scratch: Scratch | None = None
    ) -> Array:
        """The adjoint of gather: entries are added back.

        The first tap that reaches a place sets it, others add.
        """
        lead = columns.shape[: columns.ndim - 2 * len(self.size)]
        every: Any = (slice(None),) * len(lead)
        for axis, s in enumerate(self.stride):
            rest: Any = (slice(None),) * (
                len(self.size) - axis - 1
            )
            sizes = self.size[: axis + 1] + self.out[axis + 1 :]
            shape = lead + self.kernel[axis + 1 :] + sizes
            x = take(scratch, "scattered", shape, columns.dtype)
            # places not set yet, by their remainder
            fresh = set(range(s))
            for tap, (here, there) in enumerate(self.reads(axis)):
                part = columns[*every, tap][..., here, *rest]
                first = there.start % s
                if first not in fresh:
                    x[..., there, *rest] += part
                elif here.start < here.stop:
                    fresh.remove(first)
                    after = there.stop - 1 + s
                    x[..., first : there.start : s, *rest] = 0
                    x[..., there, *rest] = part
                    x[..., after::s, *rest] = 0
            for first in fresh:
                x[..., first::s, *rest] = 0
            columns = x
        return columns

    # --8<-- [end:scatter]

    # --8<-- [start:reads]
    def reads(self, axis: int) -> Iterator[tuple[slice, slice]]:
        """For each tap of an axis: which windows read the input
        with it, not the padding, and which entries they read."""
        s, n = self.stride[axis], self.size[axis]
        for tap in range(self.kernel[axis]):
            shift = tap * self.dilation[axis] - self.low[axis]
            start = max(0, -(shift // s))
            stop = min(self.out[axis], (n - 1 - shift) // s + 1)
            if start < stop:
                first = start * s + shift
                last = (stop - 1) * s + shift
                there = slice(first, last + 1, s)
                yield slice(start, stop), there
            else:
                yield slice(0, 0), slice(0, 0)

    # --8<-- [end:reads]

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

    @cached_property
    def others(self) -> "Windows":
        """The same along all axes but the first."""
        return Windows(
            self.size[1:],
            self.kernel[1:],
            self.stride[1:],
            self.dilation[1:],
            self.low[1:],
            self.high[1:],
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
