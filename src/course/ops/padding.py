"""More at the edges, and less: padding, cropping, and every other entry; each with its adjoint."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.ops import arguments
from course.ops.arguments import Shape, Sizes

Array = NDArray[Any]
PadMode = Literal[
    "constant", "reflect", "symmetric", "replicate", "circular"
]
PadWidth = Any  # a number, a pair, or a pair for each axis: whatever numpy.pad takes

MODES = {
    "reflect": "reflect",
    "symmetric": "symmetric",
    "replicate": "edge",
    "circular": "wrap",
}


# --8<-- [start:pad]
def pad(
    x: ArrayLike,
    pad_width: PadWidth,
    mode: PadMode = "constant",
    value: Any = 0,
) -> Array:
    """y[i] = x[source(i − before)], and the value outside x.

    The widths are those of numpy.pad: n, (before, after), or a
    pair for each axis. Past the edge of a b c d come, by mode,
    "constant" v v v, "reflect" c b a, "symmetric" d c b,
    "replicate" d d d, and "circular" a b c.

    >>> pad([1, 2, 3], 2, mode="reflect")
    array([3, 2, 1, 2, 3, 2, 1])
    >>> pad([1, 2, 3], (0, 2), value=9)
    array([1, 2, 3, 9, 9])
    """
    x = np.asarray(x)
    widths = _widths("pad", x.ndim, pad_width)
    if _is_constant("pad", mode):
        sizes = zip(widths, x.shape, strict=True)
        shape = [low + n + high for (low, high), n in sizes]
        y = np.full(shape, value, x.dtype)
        y[_inside(widths, y.shape)] = x
        return y
    for axis, (low, high) in enumerate(widths):
        if low or high:
            source = _sources(x.shape[axis], low, high, mode)
            x = x.take(source, axis)
    return (
        x.copy() if max(map(max, widths), default=0) == 0 else x
    )


# --8<-- [end:pad]


# --8<-- [start:pad_adjoint]
def pad_adjoint(
    g: ArrayLike,
    pad_width: PadWidth,
    x_shape: Sequence[SupportsIndex] | None = None,
    *,
    mode: PadMode = "constant",
    value: Any = 0,
) -> Array:
    """h[j] = Σ g[i] over the copies of j: adjoint of `pad`.

    What was copied out is added back. The shape follows from g's,
    and is checked if given; the constant `value` has no say, for
    it was not copied from x.

    >>> pad_adjoint([1, 10, 100, 1000], (1, 0), mode="reflect")
    array([  10,  101, 1000])
    """
    name, g = "pad_adjoint", np.asarray(g)
    widths = _widths(name, g.ndim, pad_width)
    sizes = zip(widths, g.shape, strict=True)
    shape = tuple(n - low - high for (low, high), n in sizes)
    if x_shape is not None and shape != tuple(map(int, x_shape)):
        raise ValueError(
            f"{name}: g of {g.shape} less {widths} is {shape}, "
            f"but x_shape is {tuple(x_shape)}"
        )
    if min(shape, default=0) < 0:
        raise ValueError(
            f"{name}: g of {g.shape} is less than {widths}"
        )
    if _is_constant(name, mode):
        return g[_inside(widths, g.shape)].copy()
    for axis, (low, high) in enumerate(widths):
        source = _sources(shape[axis], low, high, mode)
        first = np.moveaxis(g, axis, 0)
        x = first[low : low + shape[axis]].copy()
        for i in (
            *range(low),
            *range(low + shape[axis], len(first)),
        ):
            x[source[i]] += first[i]
        g = np.moveaxis(x, 0, axis)
    return np.ascontiguousarray(g)


# --8<-- [end:pad_adjoint]


# --8<-- [start:crop]
def crop(x: ArrayLike, pad_width: PadWidth) -> Array:
    """y[i] = x[i + before]: without the margins that pad adds.

    The left inverse of `pad` in every mode, and the adjoint of
    padding with zeros; its own adjoint is that padding.

    >>> crop([0, 0, 1, 2, 3, 0], (2, 1))
    array([1, 2, 3])
    """
    x = np.asarray(x)
    widths = _widths("crop", x.ndim, pad_width)
    if any(
        low + high > n
        for (low, high), n in zip(widths, x.shape, strict=True)
    ):
        raise ValueError(
            f"crop: x of {x.shape} is less than {widths}"
        )
    return x[_inside(widths, x.shape)].copy()


# --8<-- [end:crop]


# --8<-- [start:subsample]
def subsample(x: ArrayLike, stride: Sizes) -> Array:
    """y[i] = x[stride·i]: every stride-th entry, from the first.

    One number holds for all axes; fewer strides than axes are
    those of the last axes, so that (2, 2) keeps the channels of
    an image.

    >>> subsample([1, 2, 3, 4, 5], 2)
    array([1, 3, 5])
    """
    x = np.asarray(x)
    return x[_every("subsample", stride, x.ndim)].copy()


# --8<-- [end:subsample]


# --8<-- [start:zero_insert]
def zero_insert(
    g: ArrayLike,
    stride: Sizes,
    x_shape: Sequence[SupportsIndex] | None = None,
) -> Array:
    """h[stride·i] = g[i], else 0: the adjoint of `subsample`.

    Several shapes lead to that of g; without `x_shape`, it is the
    smallest, stride·(n − 1) + 1 along every axis.

    >>> zero_insert([1, 2, 3], 2)
    array([1, 0, 2, 0, 3])
    >>> zero_insert([1, 2, 3], 2, (6,))
    array([1, 0, 2, 0, 3, 0])
    """
    name, g = "zero_insert", np.asarray(g)
    every = _every(name, stride, g.ndim)
    if x_shape is None:
        ends = zip(g.shape, every, strict=True)
        x_shape = [max(0, (n - 1) * s.step + 1) for n, s in ends]
    x = np.zeros(
        arguments.shape(name, "x_shape", x_shape, g.ndim), g.dtype
    )
    if x[every].shape != g.shape:
        raise ValueError(
            f"{name}: g has shape {g.shape}, but subsampling "
            f"{x.shape} by {stride} gives {x[every].shape}"
        )
    x[every] = g
    return x


# --8<-- [end:zero_insert]


def _widths(
    name: str, axes: int, pad_width: PadWidth
) -> list[tuple[int, int]]:
    """A pair (before, after) for each axis, from any form that numpy.pad takes."""
    if isinstance(pad_width, Mapping):
        given = [(0, 0)] * axes
        for axis, width in pad_width.items():
            low, high = np.broadcast_to(
                np.asarray(width), 2
            ).tolist()
            given[axis] = (low, high)
        pad_width = given
    numbers = np.asarray(pad_width)
    if numbers.size and numbers.dtype.kind not in "iu":
        raise TypeError(
            f"{name}: pad_width is {pad_width!r}; it must be whole numbers"
        )
    try:
        pairs = np.broadcast_to(numbers, (axes, 2)).tolist()
    except ValueError:
        raise ValueError(
            f"{name}: pad_width is {pad_width!r}; it must be a number, a pair, or a pair for each of {axes} axes"
        ) from None
    if numbers.size and numbers.min() < 0:
        raise ValueError(
            f"{name}: pad_width is {pad_width!r}; it must not be negative"
        )
    return [(low, high) for low, high in pairs]


def _is_constant(name: str, mode: str) -> bool:
    if mode != "constant" and mode not in MODES:
        raise ValueError(
            f"{name}: mode is {mode!r}; it must be 'constant' or one of {', '.join(map(repr, MODES))}"
        )
    return mode == "constant"


def _sources(n: int, low: int, high: int, mode: str) -> Array:
    """Which of n entries each entry of the padded axis is a copy of."""
    if n == 0 and (low or high):
        raise ValueError(
            f"pad: an axis without entries has none to copy in mode {mode!r}"
        )
    i = np.arange(-low, n + high)
    if mode == "circular":
        return i % max(n, 1)
    if mode == "replicate":
        return i.clip(0, max(n - 1, 0))
    if mode == "symmetric":
        back = i % (2 * max(n, 1))
        return np.minimum(back, 2 * n - 1 - back)
    back = i % max(2 * (n - 1), 1)
    return np.minimum(back, 2 * (n - 1) - back)


def _inside(
    widths: list[tuple[int, int]], padded: Shape
) -> tuple[slice, ...]:
    return tuple(
        slice(low, n - high)
        for (low, high), n in zip(widths, padded, strict=True)
    )


def _every(
    name: str, stride: Sizes, axes: int
) -> tuple[slice, ...]:
    given = len(stride) if isinstance(stride, Sequence) else axes
    if given > axes:
        raise ValueError(
            f"{name}: stride is {stride!r}, but the array has {axes} axes"
        )
    steps = (
        arguments.sizes(name, "stride", stride, given, 1)
        if given
        else ()
    )
    return (slice(None, None, 1),) * (axes - given) + tuple(
        slice(None, None, s) for s in steps
    )
