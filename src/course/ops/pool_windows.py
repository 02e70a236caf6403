"""What a window of a pooling holds: where it lies, its sum, its largest entry and that one's place, and its count."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.ops import arguments
from course.ops.arguments import Shape, Sizes
from course.ops.sizes import windows_along
from course.ops.windows import Windows

Array = NDArray[Any]
Options = tuple[
    Sizes, Sizes | None, Sizes, Sizes, bool
]  # kernel_size, stride, padding, dilation, ceil_mode


# --8<-- [start:over_windows]
def over_windows(
    combine: np.ufunc, padded: Array, at: Windows
) -> Array:
    """The sum or the maximum of every window, axis after axis."""
    for axis in range(len(at.size)):
        first, *others = (padded[tap] for tap in at.along(axis))
        result = first.copy()
        for other in others:
            combine(result, other, out=result)
        padded = result
    return padded


# --8<-- [end:over_windows]


# --8<-- [start:largest_and_place]
def largest_and_place(
    padded: Array, at: Windows
) -> tuple[Array, Array]:
    """The maximum of every window, and its place in the plane.

    A later tap takes over only with a larger entry, or a NaN; the
    number of the last that did is the largest number that did.
    """
    first, offset, corner = _places(at)
    taps = [padded[tap] for tap in at.every_tap()]
    y = taps[0].copy()
    winner = np.broadcast_to(first, y.shape).copy()
    for number, x in enumerate(taps):
        takes_over = x > y
        if x.dtype.kind == "f":
            takes_over |= np.isnan(x)
        np.maximum(y, x, out=y)
        turn = takes_over * winner.dtype.type(number)
        np.maximum(winner, turn, out=winner)
    return y, offset.take(winner) + corner


# --8<-- [end:largest_and_place]


def _places(at: Windows) -> tuple[Array, Array, Array]:
    """Of every window its first tap inside the input, and where in the plane its taps are: offset + corner."""
    steps = [
        prod(at.size[axis + 1 :]) for axis in range(len(at.size))
    ]
    corner: Array = np.zeros(at.out, np.int64)
    offset: Array = np.zeros(at.kernel, np.int64)
    first: Array = np.zeros(at.out, np.int64)
    for axis, step in enumerate(steps):
        starts = (
            np.arange(at.out[axis]) * at.stride[axis]
            - at.low[axis]
        )
        d = at.dilation[axis]
        corner += np.expand_dims(
            starts * step, tuple(range(1, len(steps) - axis))
        )
        taps = np.arange(at.kernel[axis]) * d * step
        offset += np.expand_dims(
            taps, tuple(range(1, len(steps) - axis))
        )
        skipped = -(np.minimum(starts, 0) // d) * prod(
            at.kernel[axis + 1 :]
        )
        first += np.expand_dims(
            skipped, tuple(range(1, len(steps) - axis))
        )
    return (
        first.astype(np.min_scalar_type(at.taps)),
        offset.ravel(),
        corner,
    )


def pool_geometry(
    name: str, axes: int, x_shape: Shape, options: Options
) -> Windows:
    """Where the windows of a pooling lie; in ceil mode the padding grows until the last window fits."""
    kernel_size, stride, padding, dilation, ceil_mode = options
    if len(x_shape) not in (axes + 1, axes + 2):
        raise ValueError(
            f"{name}: x has {len(x_shape)} dimensions; it must have {axes + 2}, or {axes + 1} unbatched"
        )
    if min(x_shape[-axes - 1 :]) < 1:
        raise ValueError(
            f"{name}: x has shape {x_shape}; only the batch may be empty"
        )
    n = x_shape[-axes:]
    k = arguments.sizes(name, "kernel_size", kernel_size, axes, 1)
    s = (
        k
        if stride is None or stride == () or stride == []
        else arguments.sizes(name, "stride", stride, axes, 1)
    )
    p = arguments.sizes(name, "padding", padding, axes, 0)
    d = arguments.sizes(name, "dilation", dilation, axes, 1)
    if any(2 * a > b for a, b in zip(p, k, strict=True)):
        raise ValueError(
            f"{name}: padding is {p}; it must be at most half of kernel_size {k}"
        )
    lengths = zip(n, k, s, d, p, p, strict=True)
    out = [
        windows_along(a, b, c, e, lo, hi, bool(ceil_mode))
        for a, b, c, e, lo, hi in lengths
    ]
    if min(out) < 1:
        raise ValueError(
            f"{name}: no window of kernel_size {k} and dilation {d} fits in {n} with padding {p}"
        )
    ends = [
        (o - 1) * b + e * (a - 1) + 1
        for o, a, b, e in zip(out, k, s, d, strict=True)
    ]
    high = tuple(
        max(c, end - a - m)
        for c, end, a, m in zip(p, ends, p, n, strict=True)
    )
    return Windows(n, k, s, d, p, high)


def window_counts(
    name: str,
    at: Windows,
    count_include_pad: bool,
    divisor: int | None,
) -> Array:
    """By what each sum is divided: how many of its entries count."""
    if divisor is not None:
        if isinstance(divisor, bool | float):
            raise TypeError(
                f"{name}: divisor_override is {divisor!r}; it must be a whole number"
            )
        if divisor == 0:
            raise ValueError(
                f"{name}: divisor_override is 0; it must not be"
            )
        return np.full(at.out, divisor, np.int64)
    counts: Array = np.ones((), np.int64)
    for n, k, s, p, out in zip(
        at.size, at.kernel, at.stride, at.low, at.out, strict=True
    ):
        starts = np.arange(out) * s - p
        if count_include_pad:
            here = np.minimum(starts + k, n + p) - starts
        else:
            here = np.minimum(starts + k, n) - np.maximum(
                starts, 0
            )
        counts = counts[..., None] * here
    return counts
