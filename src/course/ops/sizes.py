"""How large an output is, and how much of the input one of its entries sees."""

import itertools
from collections.abc import Iterable, Sequence
from typing import SupportsIndex, overload

from course.ops import arguments
from course.ops.arguments import Shape, Sizes


@overload
def output_size(
    size: SupportsIndex,
    kernel_size: SupportsIndex,
    stride: SupportsIndex = 1,
    padding: SupportsIndex | str = 0,
    dilation: SupportsIndex = 1,
    ceil_mode: bool = False,
) -> int: ...
@overload
def output_size(
    size: Sequence[SupportsIndex],
    kernel_size: Sizes,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> Shape: ...
def output_size(
    size: Sizes,
    kernel_size: Sizes,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
) -> int | Shape:
    """out = ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1: how many windows fit.

    A number for a number, a tuple for a tuple. With `ceil_mode`, as in pooling, the last window may hang over the end
    of the padded input, if it begins before the padding at the end.

    >>> output_size(7, 3, stride=2)
    3
    >>> output_size((7, 8), 3, stride=2, padding=(0, 1))
    (3, 4)
    """
    name = "output_size"
    axes = len(size) if isinstance(size, Sequence) else 1
    n = arguments.sizes(name, "size", size, axes, 0)
    k = arguments.sizes(name, "kernel_size", kernel_size, axes, 1)
    s = arguments.sizes(name, "stride", stride, axes, 1)
    d = arguments.sizes(name, "dilation", dilation, axes, 1)
    low, high = arguments.paddings(name, padding, k, s, d)
    axis = zip(
        n, k, s, d, low, high, (ceil_mode,) * axes, strict=True
    )
    out = tuple(itertools.starmap(windows_along, axis))
    if min(out) < 1:
        raise ValueError(
            f"{name}: no window fits: size {size} with padding {padding} is smaller than "
            f"kernel_size {kernel_size} with dilation {dilation}"
        )
    return out if isinstance(size, Sequence) else out[0]


# --8<-- [start:output_size]
def windows_along(
    n: int,
    k: int,
    s: int,
    d: int,
    low: int,
    high: int,
    ceil: bool,
) -> int:
    """How many windows of k taps fit along n entries."""
    room = low + n + high - (d * (k - 1) + 1)
    if not ceil:
        return room // s + 1
    out = -(-room // s) + 1
    begins_inside = (out - 1) * s < low + n
    return out if begins_inside else out - 1


# --8<-- [end:output_size]


@overload
def transposed_output_size(
    size: SupportsIndex,
    kernel_size: SupportsIndex,
    stride: SupportsIndex = 1,
    padding: SupportsIndex = 0,
    output_padding: SupportsIndex = 0,
    dilation: SupportsIndex = 1,
) -> int: ...
@overload
def transposed_output_size(
    size: Sequence[SupportsIndex],
    kernel_size: Sizes,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
) -> Shape: ...
def transposed_output_size(
    size: Sizes,
    kernel_size: Sizes,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    dilation: Sizes = 1,
) -> int | Shape:
    """out = (size − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1.

    A convolution takes several sizes to the same one; `output_padding` says which of them to go back to. It must be
    smaller than the stride or than the dilation.

    >>> transposed_output_size(3, 3, stride=2)
    7
    >>> transposed_output_size(3, 3, stride=2, output_padding=1)
    8
    """
    name = "transposed_output_size"
    axes = len(size) if isinstance(size, Sequence) else 1
    n = arguments.sizes(name, "size", size, axes, 1)
    k = arguments.sizes(name, "kernel_size", kernel_size, axes, 1)
    s = arguments.sizes(name, "stride", stride, axes, 1)
    p = arguments.sizes(name, "padding", padding, axes, 0)
    extra = arguments.sizes(
        name, "output_padding", output_padding, axes, 0
    )
    d = arguments.sizes(name, "dilation", dilation, axes, 1)
    out = transposed_sizes(name, n, k, s, p, extra, d)
    return out if isinstance(size, Sequence) else out[0]


def transposed_sizes(
    name: str,
    n: Shape,
    k: Shape,
    s: Shape,
    p: Shape,
    extra: Shape,
    d: Shape,
) -> Shape:
    """The sizes that a transposed convolution returns, or the rule that they break."""
    if any(
        e >= max(a, b)
        for e, a, b in zip(extra, s, d, strict=True)
    ):
        raise ValueError(
            f"{name}: output_padding is {extra}; it must be smaller than the stride {s} or than the dilation {d}"
        )
    axes = zip(n, k, s, p, extra, d, strict=True)
    out = tuple(
        (m - 1) * s - 2 * p + d * (k - 1) + e + 1
        for m, k, s, p, e, d in axes
    )
    if min(out) < 1:
        raise ValueError(
            f"{name}: the output would have size {out}; its padding {p} is too large"
        )
    return out


def receptive_field(layers: Iterable[Sizes]) -> int:
    """r = 1 + Σ_l dilation_l·(kernel_l − 1)·Π_{i<l} stride_i: the inputs that one output depends on, along one axis.

    Each layer, from the input on, is (kernel, stride, dilation); the last two may be left out, and are then 1.

    >>> receptive_field([3, 3, 3])
    7
    >>> receptive_field([(3, 1), (2, 2), (3, 1, 2)])
    12
    """
    field, step = 1, 1
    for layer in layers:
        given = (
            tuple(layer)
            if isinstance(layer, Sequence)
            else (layer,)
        )
        if not 1 <= len(given) <= 3:
            raise ValueError(
                f"receptive_field: a layer is {layer!r}; it must be (kernel, stride, dilation)"
            )
        numbers = arguments.sizes(
            "receptive_field", "a layer", given, len(given), 1
        )
        kernel, stride, dilation = (*numbers, 1, 1)[:3]
        field += dilation * (kernel - 1) * step
        step *= stride
    return field
