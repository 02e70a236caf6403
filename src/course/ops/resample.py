"""More pixels or fewer: interpolation along the axes, and its adjoint."""

from collections.abc import Sequence
from math import prod
from typing import Any, Literal, SupportsFloat, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.ops import arguments
from course.ops.arguments import Shape, Sizes
from course.ops.windows import chunks

Array = NDArray[Any]
Scale = SupportsFloat | Sequence[SupportsFloat]
Mode = Literal["nearest", "linear", "bilinear", "trilinear"]
Reads = list[
    tuple[Array, Array | None]
]  # for each entry of the output: an index of the input and its weight

AXES = {
    "linear": (1,),
    "bilinear": (2,),
    "trilinear": (3,),
    "nearest": (1, 2, 3),
}
SLAB = 2_000_000  # bytes of output at a time: its planes stay in the cache


# --8<-- [start:interpolate]
def interpolate(
    x: ArrayLike,
    size: Sizes | None = None,
    scale_factor: Scale | None = None,
    mode: Mode = "nearest",
    align_corners: bool | None = None,
) -> Array:
    """y[i] = (1 − t) x[j] + t x[j + 1], where i lies at j + t.

    Axis after axis, over all axes of (N, C, …) but the first two.
    Pixels are squares: the place of i is (i + ½) · in/out − ½,
    clipped at the edges; with `align_corners` they are points,
    and the first and the last stay where they are. "nearest"
    takes the one entry at ⌊i · in/out⌋. Give `size` or
    `scale_factor`, as in torch.

    >>> interpolate([[[0.0, 4.0]]], size=4, mode="linear")
    array([[[0., 1., 3., 4.]]])
    """
    name, x = "interpolate", np.asarray(x)
    reads, dtype = _plan(
        name,
        x.shape,
        x.dtype,
        size,
        scale_factor,
        mode,
        align_corners,
    )
    out = tuple(len(axis[0][0]) for axis in reads)
    planes = x.reshape(prod(x.shape[:2]), *x.shape[2:])
    y = np.empty((len(planes), *out), x.dtype)
    fit = SLAB // (prod(out) * y.itemsize)
    for some in chunks(len(planes), fit):
        part = planes[some].astype(dtype, copy=False)
        for axis in range(-1, -len(out) - 1, -1):
            part = _read(part, axis, reads[axis])
        y[some] = part if x.dtype.kind in "fc" else np.rint(part)
    return y.reshape(*x.shape[:2], *out)


# --8<-- [end:interpolate]


# --8<-- [start:interpolate_adjoint]
def interpolate_adjoint(
    g: ArrayLike,
    x_shape: Sequence[SupportsIndex],
    size: Sizes | None = None,
    scale_factor: Scale | None = None,
    mode: Mode = "nearest",
    align_corners: bool | None = None,
) -> Array:
    """h[j] = Σ_i weight(i, j) g[i]: the adjoint of interpolate.

    What output i read from entry j, with its weight, it gives
    back.

    >>> interpolate_adjoint([[[0.0, 4.0]]], (1, 1, 1), size=2)
    array([[[4.]]])
    """
    name, g = "interpolate_adjoint", np.asarray(g)
    shape = arguments.shape(name, "x_shape", x_shape, g.ndim)
    reads, dtype = _plan(
        name,
        shape,
        g.dtype,
        size,
        scale_factor,
        mode,
        align_corners,
    )
    out = tuple(len(axis[0][0]) for axis in reads)
    if g.shape != (*shape[:2], *out):
        raise ValueError(
            f"{name}: g has shape {g.shape}, but interpolate "
            f"returns {(*shape[:2], *out)}"
        )
    x = g.astype(dtype, copy=False)
    for axis in range(-len(out), 0):
        x = _give_back(x, axis, reads[axis], shape[axis])
    return x


# --8<-- [end:interpolate_adjoint]


# --8<-- [start:read]
def _read(x: Array, axis: int, reads: Reads) -> Array:
    """y[i] = Σ weight · x[index], along one axis."""
    y: Array | None = None
    for index, weight in reads:
        part = x.take(index, axis)
        if weight is not None:
            part *= _along(weight, axis)
        y = part if y is None else np.add(y, part, out=y)
    assert y is not None
    return y


def _give_back(
    g: Array, axis: int, reads: Reads, n: int
) -> Array:
    """h[j] = Σ weight · g, over the outputs that read j."""
    shape = list(g.shape)
    shape[axis] = n
    x = np.zeros(shape, g.dtype)
    for index, weight in reads:
        part = g if weight is None else g * _along(weight, axis)
        read, first = np.unique(index, return_index=True)
        if len(g):
            given = np.add.reduceat(part, first, axis)
            # the axis comes first, so that one index finds it
            np.moveaxis(x, axis, 0)[read] += np.moveaxis(
                given, axis, 0
            )
    return x


# --8<-- [end:read]


def _along(weight: Array, axis: int) -> Array:
    return weight.reshape(-1, *(1,) * (-axis - 1))


def _plan(
    name: str,
    shape: Shape,
    dtype: np.dtype[Any],
    size: Sizes | None,
    scale_factor: Scale | None,
    mode: Mode,
    align_corners: bool | None,
) -> tuple[list[Reads], np.dtype[Any]]:
    """For each axis what each output reads, and the dtype to compute in; or the rule that is broken."""
    axes = len(shape) - 2
    if mode not in AXES or axes not in AXES[mode]:
        raise ValueError(
            f"{name}: mode is {mode!r} and x has {len(shape)} dimensions; the modes are {_modes()}"
        )
    if mode == "nearest" and align_corners is not None:
        raise ValueError(
            f"{name}: align_corners is {align_corners}, but mode 'nearest' has no such choice"
        )
    if min(shape[1:]) < 1:
        raise ValueError(
            f"{name}: x has shape {shape}; only the batch may be empty"
        )
    lengths = shape[2:]
    out, scales = _targets(name, lengths, size, scale_factor)
    if mode != "nearest":
        if dtype.kind not in "fc" and dtype != np.uint8:
            raise TypeError(
                f"{name}: x is {dtype}; mode {mode!r} takes fractions, so it must be floating point"
            )
        compute = (
            np.dtype(np.float32) if dtype == np.uint8 else dtype
        )
        real = np.empty(0, compute).real.dtype
        rows = zip(lengths, out, scales, strict=True)
        return [
            _between(n, m, s, bool(align_corners), real)
            for n, m, s in rows
        ], compute
    rows = zip(lengths, out, scales, strict=True)
    return [
        _nearest(n, m, s, axes == 2) for n, m, s in rows
    ], dtype


def _modes() -> str:
    return "'nearest', and 'linear', 'bilinear' or 'trilinear' for 3, 4 or 5"


def _targets(
    name: str,
    lengths: Shape,
    size: Sizes | None,
    scale_factor: Scale | None,
) -> tuple[Shape, tuple[float, ...]]:
    """The output's lengths, and how many input steps one output step is."""
    axes = len(lengths)
    if (size is None) == (scale_factor is None):
        raise ValueError(
            f"{name}: size is {size} and scale_factor {scale_factor}; give one of the two"
        )
    given = size if scale_factor is None else scale_factor
    if (
        isinstance(given, Sequence | np.ndarray)
        and len(given) != axes
    ):
        raise ValueError(
            f"{name}: {given} has {len(given)} entries, but x has {axes} axes to resample"
        )
    if size is not None:
        out = arguments.sizes(name, "size", size, axes, 1)
        return out, tuple(
            n / m for n, m in zip(lengths, out, strict=True)
        )
    factors = (
        given
        if isinstance(given, Sequence | np.ndarray)
        else (given,) * axes
    )
    try:
        scales = [float(f) for f in factors]  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(
            f"{name}: scale_factor is {scale_factor!r}; it must be numbers"
        ) from None
    out = tuple(
        int(n * f) for n, f in zip(lengths, scales, strict=True)
    )
    if min(out) < 1:
        raise ValueError(
            f"{name}: scale_factor {scale_factor} takes {lengths} to {out}; no length may be below 1"
        )
    return out, tuple(1 / f for f in scales)


def _nearest(
    n: int, m: int, step: float, two_axes: bool
) -> Reads:
    """⌊i · step⌋, in torch's precision; over two axes it takes an unchanged or a doubled length as just that."""
    i = np.arange(m)
    if not two_axes or m not in (n, 2 * n):
        places = i.astype(np.float32) * np.float32(step)
        i = np.minimum(places.astype(np.intp), n - 1)
        return [(i, None)]
    return [(i // 2 if m == 2 * n else i, None)]


def _between(
    n: int,
    m: int,
    step: float,
    align_corners: bool,
    real: np.dtype[Any],
) -> Reads:
    """The two entries beside each place, and their weights."""
    i = np.arange(m)
    if m == n:
        places = i.astype(float)
    elif align_corners:
        places = i * ((n - 1) / max(m - 1, 1))
    else:
        places = np.maximum((i + 0.5) * step - 0.5, 0.0)
    low = np.minimum(places.astype(np.intp), n - 1)
    t = np.minimum(places - low, 1.0)
    return [
        (low, (1 - t).astype(real)),
        (np.minimum(low + 1, n - 1), t.astype(real)),
    ]
