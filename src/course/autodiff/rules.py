"""The table of rules, first part: arithmetic, and arranging arrays. Every linear map's rule is its adjoint.

A hat marks a cotangent: a rule is called with g = ŷ, with y, and with the arguments by name, and returns x̂, what comes
back to one of them. For complex numbers that is ∂L/∂Re x + i ∂L/∂Im x, of a real L, as in torch: the adjoint's own
conjugate.
"""

# mypy: disable-error-code="has-type"
# (a rule may call what is defined further down)

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from course.autodiff.operators import TABLE, Array, Axis, values
from course.autodiff.table import array_of, elementwise, primitive
from course.autodiff.tensor import Tensor, record
from course.ops.arguments import Shape


# --8<-- [start:broadcasting]
@primitive(x=lambda g, y, x, shape: sum_to(g, x.shape))
def broadcast_to(x: ArrayLike, shape: Shape) -> Array:
    """y = x, repeated along new axes and those of length 1."""
    return np.broadcast_to(x, shape)


@primitive(x=lambda g, y, x, shape: broadcast_to(g, x.shape))
def sum_to(x: ArrayLike, shape: Shape) -> Array:
    """y = Σ x, over what broadcast_to repeats: its adjoint."""
    x = np.asarray(x)
    if x.shape == shape:
        return x
    new = x.ndim - len(shape)
    one = (i + new for i, n in enumerate(shape) if n == 1)
    axes = (*range(new), *one)
    return np.reshape(x.sum(axes), shape)


# --8<-- [end:broadcasting]


# --8<-- [start:arithmetic]
@primitive(
    a=lambda g, y, a, b: sum_to(g, a.shape),
    b=lambda g, y, a, b: sum_to(g, b.shape),
)
def add(a: ArrayLike, b: ArrayLike) -> Array:
    """y = a + b, so â = ŷ and b̂ = ŷ."""
    return np.asarray(np.add(a, b))


@primitive(
    a=lambda g, y, a, b: sum_to(g, a.shape),
    b=lambda g, y, a, b: sum_to(-g, b.shape),
)
def subtract(a: ArrayLike, b: ArrayLike) -> Array:
    """y = a − b, so â = ŷ and b̂ = −ŷ."""
    return np.asarray(np.subtract(a, b))


@primitive(
    a=lambda g, y, a, b: sum_to(g * conj(b), a.shape),
    b=lambda g, y, a, b: sum_to(g * conj(a), b.shape),
)
def multiply(a: ArrayLike, b: ArrayLike) -> Array:
    """y = a b, so â = ŷ b and b̂ = ŷ a."""
    return np.asarray(np.multiply(a, b))


@primitive(
    a=lambda g, y, a, b: sum_to(g / conj(b), a.shape),
    b=lambda g, y, a, b: sum_to(-g * conj(y / b), b.shape),
)
def divide(a: ArrayLike, b: ArrayLike) -> Array:
    """y = a / b, so â = ŷ / b and b̂ = −ŷ y / b."""
    return np.asarray(np.divide(a, b))


@primitive(
    a=lambda g, y, a, b: sum_to(
        g * conj(b * a ** _one_less(b)), a.shape
    ),
    b=lambda g, y, a, b: sum_to(g * conj(y * _log(a)), b.shape),
)
def power(a: ArrayLike, b: ArrayLike) -> Array:
    """y = aᵇ, so â = ŷ b aᵇ⁻¹ and b̂ = ŷ y log a."""
    return np.asarray(np.power(a, b))


@primitive(x=lambda g, y, x: -g)
def negative(x: ArrayLike) -> Array:
    """y = −x, so x̂ = −ŷ."""
    return np.asarray(np.negative(x))


# --8<-- [end:arithmetic]


def _one_less(b: Any) -> Any:
    """b − 1, and 0 for b = 0: the slope of a⁰ is 0 · a⁰."""
    if np.ndim(values(b)) == 0:
        return b - 1 if values(b) else b * 1
    return b - (values(b) != 0)


def _log(a: Any) -> Any:
    """log a, and 0 where a = 0: there the slope of 0ᵇ is 0."""
    return log(where(values(a) == 0, 1, a))


# --8<-- [start:elementwise]
exp = elementwise(np.exp, lambda x, y: y)
expm1 = elementwise(np.expm1, lambda x, y: y + 1)
log = elementwise(np.log, lambda x, y: 1 / x)
log1p = elementwise(np.log1p, lambda x, y: 1 / (1 + x))
sqrt = elementwise(np.sqrt, lambda x, y: 0.5 / y)
sin = elementwise(np.sin, lambda x, y: cos(x))
cos = elementwise(np.cos, lambda x, y: -sin(x))
square = elementwise(np.square, lambda x, y: 2 * x)
# --8<-- [end:elementwise]


# --8<-- [start:complex]
@primitive(x=lambda g, y, x: conj(g))
def conj(x: ArrayLike) -> Any:
    """y = x̄, which a real x is itself."""
    return np.conjugate(x) if np.iscomplexobj(x) else x


@primitive(x=lambda g, y, x: g)
def real(x: ArrayLike) -> Array:
    """y = Re x, so Re x̂ = ŷ."""
    return np.real(np.asarray(x))


@primitive(x=lambda g, y, x: 1j * g)
def imag(x: ArrayLike) -> Array:
    """y = Im x, so Im x̂ = ŷ."""
    return np.imag(np.asarray(x))


@primitive(x=lambda g, y, x: g * _direction(x, y))
def abs(x: ArrayLike) -> Array:
    """y = |x|, so x̂ = ŷ x / |x|, and 0 where x is 0."""
    return np.asarray(np.abs(x))


@primitive(x=lambda g, y, x, dtype: g)
def astype(x: ArrayLike, dtype: DTypeLike) -> Array:
    """y = x in another precision; of complex, the real part."""
    x, to = np.asarray(x), np.dtype(dtype)
    x = x.real if to.kind != "c" else x
    return x.astype(to, copy=False)


# --8<-- [end:complex]


def _direction(x: Any, y: Any) -> Any:
    """x / |x|, which is the sign of a real x, and 0 for 0."""
    if values(x).dtype.kind != "c":
        return np.sign(values(x))
    return x / where(y == 0, 1, y)


# --8<-- [start:choices]
@primitive(
    a=lambda g, y, mask, a, b: sum_to(where(mask, g, 0), a.shape),
    b=lambda g, y, mask, a, b: sum_to(where(mask, 0, g), b.shape),
)
def where(mask: ArrayLike, a: ArrayLike, b: ArrayLike) -> Array:
    """y = a where the mask holds, and b elsewhere."""
    return np.where(mask, a, b)


@primitive(
    a=lambda g, y, a, b: sum_to(
        _winner(g, a > b, a < b), a.shape
    ),
    b=lambda g, y, a, b: sum_to(
        _winner(g, b > a, b < a), b.shape
    ),
)
def maximum(a: ArrayLike, b: ArrayLike) -> Array:
    """y = the larger of a and b, who gets ŷ; equals share."""
    return np.asarray(np.maximum(a, b))


@primitive(
    a=lambda g, y, a, b: sum_to(
        _winner(g, a < b, a > b), a.shape
    ),
    b=lambda g, y, a, b: sum_to(
        _winner(g, b < a, b > a), b.shape
    ),
)
def minimum(a: ArrayLike, b: ArrayLike) -> Array:
    """y = the smaller of a and b, who gets ŷ; equals share."""
    return np.asarray(np.minimum(a, b))


@primitive(
    x=lambda g, y, x, low, high: where(
        (x >= low) & (x <= high), g, 0
    )
)
def clip(x: ArrayLike, low: Any, high: Any) -> Array:
    """y = x between low and high, and the nearer of them else."""
    return np.asarray(np.clip(x, low, high))


def _winner(g: Any, wins: Any, loses: Any) -> Any:
    return where(wins, g, where(loses, 0, g / 2))


# --8<-- [end:choices]


# --8<-- [start:reductions]
@primitive(
    x=lambda g, y, x, axis, keepdims: broadcast_to(
        _kept(g, x.shape, axis), x.shape
    )
)
def sum(
    x: ArrayLike, axis: Axis = None, keepdims: bool = False
) -> Array:
    """y = Σ x, so x̂ = ŷ for every entry of the sum."""
    return np.asarray(np.sum(x, axis, keepdims=keepdims))


@primitive(
    x=lambda g, y, x, axis, keepdims: _share(g, y, x, axis)
)
def max(
    x: ArrayLike, axis: Axis = None, keepdims: bool = False
) -> Array:
    """y = the largest x, who gets ŷ; equal ones share it."""
    return np.asarray(np.max(x, axis, keepdims=keepdims))


@primitive(
    x=lambda g, y, x, axis, keepdims: _share(g, y, x, axis)
)
def min(
    x: ArrayLike, axis: Axis = None, keepdims: bool = False
) -> Array:
    """y = the smallest x, who gets ŷ; equal ones share it."""
    return np.asarray(np.min(x, axis, keepdims=keepdims))


@primitive(
    x=lambda g, y, x, axis: flip(
        cumsum(flip(g, axis), axis), axis
    )
)
def cumsum(x: ArrayLike, axis: int) -> Array:
    """y[i] = Σ_{j≤i} x[j], so x̂[j] = Σ_{i≥j} ŷ[i]."""
    return np.cumsum(x, axis)


def _kept(y: Any, shape: Shape, axis: Axis) -> Any:
    """A reduction with its axes back, of length 1."""
    axes = range(len(shape)) if axis is None else axis
    gone = np.zeros(len(shape), bool)
    gone[list(axes) if np.iterable(axes) else axes] = True
    kept = [
        1 if out else n
        for n, out in zip(shape, gone, strict=True)
    ]
    return reshape(y, tuple(kept))


def _share(g: Any, y: Any, x: Any, axis: Axis) -> Any:
    """ŷ, divided among the entries that equal y."""
    most = values(x) == _kept(values(y), x.shape, axis)
    count = most.sum(axis, keepdims=True).astype(y.dtype)
    return where(most, _kept(g, x.shape, axis) / count, 0)


# --8<-- [end:reductions]


def mean(
    x: Any, axis: Axis = None, keepdims: bool = False
) -> Tensor:
    """y = (1/n) Σ x, over the axes given or all of them.

    >>> float(mean(Tensor([1.0, 4.0])))
    2.5
    """
    total = sum(x, axis, keepdims)
    return divide(total, x.size // builtins.max(total.size, 1))


# --8<-- [start:matmul]
@primitive(
    a=lambda g, y, a, b: _matmul_adjoint_a(g, a, b),
    b=lambda g, y, a, b: _matmul_adjoint_b(g, a, b),
)
def matmul(a: ArrayLike, b: ArrayLike) -> Array:
    """y = a b, so â = ŷ bᵀ and b̂ = aᵀ ŷ."""
    return np.asarray(np.matmul(a, b))


def _matmul_adjoint_a(g: Any, a: Any, b: Any) -> Any:
    g, a_rows, b_columns = _matrices(g, a, b)
    given = g @ conj(b_columns).swapaxes(-1, -2)
    return reshape(sum_to(given, a_rows.shape), a.shape)


def _matmul_adjoint_b(g: Any, a: Any, b: Any) -> Any:
    g, a_rows, b_columns = _matrices(g, a, b)
    given = conj(a_rows).swapaxes(-1, -2) @ g
    return reshape(sum_to(given, b_columns.shape), b.shape)


def _matrices(g: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
    """Vectors as matrices: a row on the left, a column right."""
    g = g[..., None] if b.ndim == 1 else g
    g = g[..., None, :] if a.ndim == 1 else g
    a = a[None] if a.ndim == 1 else a
    return g, a, b[:, None] if b.ndim == 1 else b


# --8<-- [end:matmul]


# --8<-- [start:arranging]
@primitive(x=lambda g, y, x, shape: reshape(g, x.shape))
def reshape(x: ArrayLike, shape: Any) -> Array:
    """y = the entries of x in another shape; x̂ has x's."""
    return np.reshape(x, shape)


@primitive(x=lambda g, y, x, axes: transpose(g, _back(axes)))
def transpose(
    x: ArrayLike, axes: Sequence[int] | None = None
) -> Array:
    """y[i, j, …] = x[…, j, i], or with the axes as listed."""
    return np.transpose(x, axes)


@primitive(x=lambda g, y, x, axis: flip(g, axis))
def flip(x: ArrayLike, axis: Axis = None) -> Array:
    """y[i] = x[n − 1 − i], its own adjoint."""
    return np.flip(np.asarray(x), axis)


@primitive(x=lambda g, y, x, key: index_adjoint(g, key, x.shape))
def index(x: ArrayLike, key: Any) -> Array:
    """y = x[key]: some entries of x, in some order."""
    return np.asarray(np.asarray(x)[_plain(key)])


@primitive(g=lambda h, y, g, key, x_shape: index(h, key))
def index_adjoint(
    g: ArrayLike, key: Any, x_shape: Shape
) -> Array:
    """x̂[key] += g, from zeros: the adjoint of index.

    An entry that was taken twice gets the sum of both.
    """
    g, key = np.asarray(g), _plain(key)
    x = np.zeros(x_shape, g.dtype)
    if _takes_each_once(key):
        x[key] = g
    else:
        np.add.at(x, key, g)
    return x


# --8<-- [end:arranging]


def _back(axes: Sequence[int] | None) -> Any:
    return (
        None
        if axes is None
        else np.argsort(np.asarray(axes) % len(axes))
    )


def _plain(key: Any) -> Any:
    """The key of an indexing with arrays in the place of tensors and lists."""
    if isinstance(key, tuple):
        return tuple(_plain(part) for part in key)
    return (
        np.asarray(key) if isinstance(key, list) else values(key)
    )


def _takes_each_once(key: Any) -> bool:
    """Whether no entry can be taken twice: slices, whole numbers, and at most one mask."""
    parts = key if isinstance(key, tuple) else (key,)
    arrays = [
        part
        for part in parts
        if isinstance(part, np.ndarray) and part.ndim
    ]
    return not arrays or (
        len(arrays) == 1 and arrays[0].dtype == bool
    )


# --8<-- [start:concatenate]
def concatenate(parts: Sequence[Any], axis: int = 0) -> Tensor:
    """y = part, part, …; each gets back its own of ŷ.

    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> concatenate([x, x * x]).sum().backward()
    >>> x.grad
    array([3., 5.])
    """
    arrays = [array_of(part) for part in parts]
    y: Any = np.concatenate(arrays, axis)
    lead, stop, rules = (slice(None),) * (axis % y.ndim), 0, {}
    for number, array in enumerate(arrays):
        start, stop = stop, stop + array.shape[axis]
        at = *lead, slice(start, stop)
        rules[f"x{number}"] = lambda g, y, at=at, **_: g[at]
    given = dict(zip(rules, parts, strict=True))
    if not any(isinstance(part, Tensor) for part in parts):
        return y  # type: ignore[no-any-return]
    return record("concatenate", y, given, rules)


# --8<-- [end:concatenate]


def stack(parts: Sequence[Any], axis: int = 0) -> Tensor:
    """y[…, i, …] = parts[i]: equal shapes along a new axis.

    >>> stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])], axis=1).data
    array([[1., 3.],
           [2., 4.]])
    """
    shapes = {np.shape(values(part)) for part in parts}
    if len(shapes) != 1:
        raise ValueError(
            f"stack: the parts have shapes {sorted(shapes)}; they must have one and the same"
        )
    (shape,) = shapes
    at = axis % (len(shape) + 1)
    wide = *shape[:at], 1, *shape[at:]
    return concatenate(
        [reshape(part, wide) for part in parts], at
    )


def swapaxes(x: Any, axis1: int, axis2: int) -> Tensor:
    """y = x with two axes exchanged.

    >>> swapaxes(Tensor([[1.0, 2.0]]), 0, 1).shape
    (2, 1)
    """
    order = list(range(x.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return transpose(x, order)


def moveaxis(x: Any, source: int, destination: int) -> Tensor:
    """y = x with one axis at another place, the others in order.

    >>> moveaxis(Tensor([[[1.0, 2.0]]]), -1, 0).shape
    (2, 1, 1)
    """
    order = list(range(x.ndim))
    order.insert(destination % x.ndim, order.pop(source))
    return transpose(x, order)


def var(
    x: Any,
    axis: Axis = None,
    ddof: int = 0,
    keepdims: bool = False,
) -> Tensor:
    """y = Σ (x − mean x)² / (n − ddof), as numpy.var.

    >>> float(var(Tensor([1.0, 3.0]), ddof=1))
    2.0
    """
    total = sum(square(x - mean(x, axis, True)), axis, keepdims)
    return divide(
        total, x.size // builtins.max(total.size, 1) - ddof
    )


def logsumexp(
    x: Any, axis: Axis = None, keepdims: bool = False
) -> Tensor:
    """y = log Σ exp x, without overflow; the gradient is softmax.

    >>> float(logsumexp(Tensor([1000.0, 1000.0])).data.round(4))
    1000.6931
    """
    top = np.max(values(x), axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    y = log(sum(exp(x - top), axis, True)) + top
    return y if keepdims else reshape(y, sum(top, axis).shape)


TABLE |= {"mean": mean, "swapaxes": swapaxes}
