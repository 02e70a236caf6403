"""Arranging arrays, as operators: padding, choosing, repeating and summing; and what the catalogue shares."""

from collections.abc import Sequence
from math import prod
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course import ops
from course.linear.operator import LinearOperator, Map
from course.ops.arguments import Shape, Sizes
from course.ops.padding import PadMode, PadWidth

Array = NDArray[Any]
InShape = SupportsIndex | Sequence[SupportsIndex]


def padding(
    pad_width: PadWidth, in_shape: InShape, mode: PadMode = "constant"
) -> LinearOperator:
    """A x = pad(x, pad_width, mode), with zeros where the mode is "constant"; the adjoint is pad_adjoint.

    >>> padding((1, 0), 2, "replicate").to_matrix()
    array([[1., 0.],
           [1., 0.],
           [0., 1.]])
    """
    shape = shape_of(in_shape)
    return operator_of(
        "padding",
        shape,
        lambda x: ops.pad(x, pad_width, mode),
        lambda g: ops.pad_adjoint(g, pad_width, shape, mode=mode),
    )


def cropping(pad_width: PadWidth, in_shape: InShape) -> LinearOperator:
    """A x = crop(x, pad_width); the adjoint pads with zeros.

    >>> cropping((1, 0), 3)
    <cropping: (3,) -> (2,)>
    """
    return operator_of(
        "cropping",
        shape_of(in_shape),
        lambda x: ops.crop(x, pad_width),
        lambda g: ops.pad(g, pad_width),
    )


def subsampling(stride: Sizes, in_shape: InShape) -> LinearOperator:
    """A x = subsample(x, stride); the adjoint is zero_insert.

    >>> subsampling(2, 5).H([1, 2, 3])
    array([1, 0, 2, 0, 3])
    """
    shape = shape_of(in_shape)
    return operator_of(
        "subsampling",
        shape,
        lambda x: ops.subsample(x, stride),
        lambda g: ops.zero_insert(g, stride, shape),
    )


def summing(
    in_shape: InShape,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
) -> LinearOperator:
    """A x = x.sum(axis); the adjoint broadcasts.

    >>> summing((2, 3), axis=0).H([1, 2, 3])
    array([[1, 2, 3],
           [1, 2, 3]])
    """
    shape = shape_of(in_shape)
    kept = np.zeros(shape).sum(axis, keepdims=True).shape

    def adjoint(g: Array) -> Array:
        return np.broadcast_to(g.reshape(kept), shape).copy()

    return operator_of(
        "summing",
        shape,
        lambda x: np.asarray(x.sum(axis, keepdims=keepdims)),
        adjoint,
    )


def broadcasting(
    in_shape: InShape, out_shape: InShape
) -> LinearOperator:
    """A x = x, repeated along new axes and axes of length 1, as NumPy does; the adjoint sums over them.

    >>> broadcasting((3, 1), (2, 3, 2)).H([[[1, 2], [3, 4], [5, 6]]] * 2)
    array([[ 6],
           [14],
           [22]])
    """
    shape, out = shape_of(in_shape), shape_of(out_shape)
    aligned = (1,) * (len(out) - len(shape)) + shape
    if len(aligned) != len(out) or any(
        n not in (1, m) for n, m in zip(aligned, out, strict=True)
    ):
        raise ValueError(
            f"broadcasting: an array of shape {shape} does not broadcast to {out}"
        )
    repeated = tuple(
        i
        for i, (n, m) in enumerate(zip(aligned, out, strict=True))
        if n == 1 and m != 1
    )
    return LinearOperator(
        shape,
        out,
        lambda x: np.broadcast_to(x, out).copy(),
        lambda g: np.asarray(g.sum(repeated)).reshape(shape),
        "broadcasting",
    )


def gathering(
    indices: ArrayLike, in_shape: InShape, axis: int | None = None
) -> LinearOperator:
    """A x = x.take(indices, axis): entries of the flattened x, or slices along an axis; the adjoint adds them back.

    >>> gathering([0, 2, 2], 3).H([1, 10, 100])
    array([  1,   0, 110])
    """
    places, shape = np.asarray(indices), shape_of(in_shape)
    if places.dtype.kind not in "iu":
        raise TypeError(
            f"gathering: indices are {places.dtype}; they must be whole numbers"
        )
    length = prod(shape) if axis is None else shape[axis]
    if (
        places.size
        and not -length <= places.min() <= places.max() < length
    ):
        raise ValueError(
            f"gathering: indices go from {places.min()} to {places.max()}, but there are {length} entries"
        )

    def adjoint(g: Array) -> Array:
        x: Array = np.zeros(shape, g.dtype)
        if axis is None:
            np.add.at(x.reshape(-1), places, g)
            return x
        first = axis % len(shape)
        rows = np.moveaxis(
            g, range(first, first + places.ndim), range(places.ndim)
        )
        np.add.at(np.moveaxis(x, axis, 0), places, rows)
        return x

    return operator_of(
        "gathering", shape, lambda x: x.take(places, axis), adjoint
    )


def operator_of(
    name: str, in_shape: Shape, forward: Map, adjoint: Map
) -> LinearOperator:
    """An operator whose output shape its forward map knows."""
    return LinearOperator(
        in_shape,
        forward(np.zeros(in_shape)).shape,
        forward,
        adjoint,
        name,
    )


def shape_of(given: InShape) -> Shape:
    """A shape; one number is the shape of a signal."""
    lengths = tuple(given) if isinstance(given, Sequence) else (given,)
    return tuple(int(n) for n in lengths)
