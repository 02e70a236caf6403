"""Arguments as torch takes them: one number or one for each axis; and one sentence when they break a rule."""

import operator
from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]
Sizes = SupportsIndex | Sequence[SupportsIndex]


def sizes(
    name: str, what: str, value: Sizes, axes: int, least: int
) -> Shape:
    """One whole number for each axis, none below `least`; a single one counts for all axes."""
    given = (
        tuple(value)
        if isinstance(value, Sequence | np.ndarray)
        else (value,)
    )
    try:
        if any(isinstance(v, bool | np.bool_) for v in given):
            raise TypeError
        numbers = tuple(operator.index(v) for v in given)
    except TypeError:
        raise TypeError(
            f"{name}: {what} is {value!r}; it must be whole numbers"
        ) from None
    if len(numbers) not in (1, axes):
        raise ValueError(
            f"{name}: {what} is {value!r}; it must be one number or {axes}, one for each axis"
        )
    if min(numbers) < least:
        raise ValueError(
            f"{name}: {what} is {value!r}; it must be at least {least}"
        )
    return numbers * axes if len(numbers) == 1 else numbers


def shape(
    name: str,
    what: str,
    value: Sequence[SupportsIndex],
    axes: int,
) -> Shape:
    """A shape with one length for each axis."""
    lengths = tuple(operator.index(v) for v in value)
    if len(lengths) != axes or min(lengths, default=0) < 0:
        raise ValueError(
            f"{name}: {what} is {lengths}; it must be {axes} lengths, none negative"
        )
    return lengths


def batched(name: str, x: Array, axes: int) -> Array:
    """The array with its batch axis: (C, …) becomes (1, C, …)."""
    if x.ndim == axes + 1:
        return x[None]
    if x.ndim == axes + 2:
        return x
    raise ValueError(
        f"{name}: x has {x.ndim} dimensions; it must have {axes + 2} (N, C, …), or {axes + 1} without the batch"
    )


def one_dtype(name: str, **arrays: Array) -> None:
    """Floating-point arrays share one precision, and integers one dtype; a real kernel may meet a complex signal."""
    kinds = {
        what: _precision(a.dtype) for what, a in arrays.items()
    }
    if len(set(kinds.values())) > 1:
        found = ", ".join(
            f"{what} is {a.dtype}" for what, a in arrays.items()
        )
        raise TypeError(
            f"{name}: {found}; their precision must be the same"
        )


def _precision(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return (
        np.empty(0, dtype).real.dtype
        if dtype.kind == "c"
        else dtype
    )


def conjugate(a: Array) -> Array:
    """The complex conjugate; a real array is returned as it is, not copied."""
    return a.conj() if a.dtype.kind == "c" else a


def paddings(
    name: str,
    padding: Sizes | str,
    kernel: Shape,
    stride: Shape,
    dilation: Shape,
) -> tuple[Shape, Shape]:
    """The padding before and after each axis; 'same' puts the odd one after, as torch does."""
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise ValueError(
                f"{name}: padding is {padding!r}; it must be numbers, 'same' or 'valid'"
            )
        if padding == "same" and max(stride) > 1:
            raise ValueError(
                f"{name}: padding='same' needs stride 1, but stride is {stride}"
            )
        total = [
            d * (k - 1) if padding == "same" else 0
            for k, d in zip(kernel, dilation, strict=True)
        ]
        return tuple(t // 2 for t in total), tuple(
            t - t // 2 for t in total
        )
    low = sizes(name, "padding", padding, len(kernel), 0)
    return low, low
