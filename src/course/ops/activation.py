"""The functions that stand between linear layers, entry by entry, and softmax."""

import operator
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


# --8<-- [start:relu]
def relu(x: ArrayLike) -> Array:
    """y = max(x, 0).

    >>> relu([-1.0, 0.0, 2.0])
    array([0., 0., 2.])
    """
    x = np.asarray(x)
    if x.dtype.kind not in "iuf":
        raise TypeError(
            f"relu: x is {x.dtype}; it must be real numbers"
        )
    return np.asarray(np.maximum(x, x.dtype.type(0)))


# --8<-- [end:relu]


# --8<-- [start:leaky_relu]
def leaky_relu(
    x: ArrayLike, negative_slope: float = 0.01
) -> Array:
    """y = x where x > 0, and negative_slope · x elsewhere.

    >>> leaky_relu([-1.0, 0.0, 2.0])
    array([-0.01,  0.  ,  2.  ])
    """
    x = _floats("leaky_relu", x)
    return np.where(x > 0, x, x * x.dtype.type(negative_slope))


# --8<-- [end:leaky_relu]


# --8<-- [start:elu]
def elu(x: ArrayLike, alpha: float = 1.0) -> Array:
    """y = x where x > 0, and alpha · (exp x − 1) elsewhere.

    >>> elu([-1.0, 0.0, 2.0]).round(4)
    array([-0.6321,  0.    ,  2.    ])
    """
    x = _floats("elu", x)
    below = x.dtype.type(alpha) * np.expm1(np.minimum(x, 0))
    return np.where(x > 0, x, below)


# --8<-- [end:elu]


# --8<-- [start:sigmoid]
def sigmoid(x: ArrayLike) -> Array:
    """y = 1 / (1 + exp(−x)) = (1 + tanh(x / 2)) / 2.

    The second form never overflows, and is computed where it
    keeps the digits; far below 0 the first does: y = exp x / (1 +
    exp x).

    >>> sigmoid([-1000.0, 0.0, 2.0]).round(4)
    array([0.    , 0.5   , 0.8808])
    """
    x = _floats("sigmoid", x, also="biuc")
    if x.dtype.kind == "c":
        return np.asarray((1 + np.tanh(x / 2)) / 2)
    small = np.exp(-np.abs(x))  # in (0, 1], whatever x is
    top = np.where(x < 0, small, x.dtype.type(1))
    return np.asarray(top / (1 + small))


# --8<-- [end:sigmoid]


# --8<-- [start:silu]
def silu(x: ArrayLike) -> Array:
    """y = x · sigmoid(x).

    >>> silu([-1.0, 0.0, 2.0]).round(4)
    array([-0.2689,  0.    ,  1.7616])
    """
    x = _floats("silu", x, also="c")
    return np.asarray(x * sigmoid(x))


# --8<-- [end:silu]


# --8<-- [start:tanh]
def tanh(x: ArrayLike) -> Array:
    """y = (exp x − exp(−x)) / (exp x + exp(−x)).

    >>> tanh([-1.0, 0.0, 2.0]).round(4)
    array([-0.7616,  0.    ,  0.964 ])
    """
    return np.asarray(np.tanh(_floats("tanh", x, also="biuc")))


# --8<-- [end:tanh]


# --8<-- [start:softmax]
def softmax(
    x: ArrayLike, dim: SupportsIndex | None = None
) -> Array:
    """y[i] = exp x[i] / Σ_j exp x[j], along one axis.

    Subtracting the largest entry first changes nothing but the
    size of the numbers. Without `dim`, the axis is 0 for 1 or 3
    axes and 1 for 2 or 4, as in torch.

    >>> softmax([1000.0, 1000.0, 0.0])
    array([0.5, 0.5, 0. ])
    """
    x, axis = _along("softmax", x, dim)
    y = np.exp(_below_the_largest(x, axis))
    return np.asarray(y / y.sum(axis, keepdims=True))


# --8<-- [end:softmax]


# --8<-- [start:log_softmax]
def log_softmax(
    x: ArrayLike, dim: SupportsIndex | None = None
) -> Array:
    """y[i] = x[i] − log Σ_j exp x[j], along one axis.

    >>> log_softmax([1.0, 1.0, -8.0]).round(3)
    array([-0.693, -0.693, -9.693])
    """
    x, axis = _along("log_softmax", x, dim)
    y = _below_the_largest(x, axis)
    total = np.exp(y).sum(axis, keepdims=True)
    return np.asarray(y - np.log(total))


# --8<-- [end:log_softmax]


def _below_the_largest(x: Array, axis: int | None) -> Array:
    if x.size == 0:
        return x
    with np.errstate(
        invalid="ignore"
    ):  # inf − inf is nan, as in torch
        return np.asarray(x - x.max(axis, keepdims=True))


def _floats(name: str, x: ArrayLike, also: str = "") -> Array:
    """The array in floating point; whole numbers and truth values only where torch takes them."""
    x = np.asarray(x)
    if x.dtype.kind not in "f" + also:
        raise TypeError(
            f"{name}: x is {x.dtype}; it must be floating point"
        )
    return x.astype(np.float64) if x.dtype.kind in "biu" else x


def _along(
    name: str, x: ArrayLike, dim: SupportsIndex | None
) -> tuple[Array, int | None]:
    """The array, and the axis; a single number has none."""
    x = _floats(name, x)
    if dim is None:
        axis = 0 if x.ndim in (0, 1, 3) else 1
    else:
        axis = operator.index(dim)
    if not -max(x.ndim, 1) <= axis < max(x.ndim, 1):
        raise ValueError(
            f"{name}: dim is {dim}, but x has {x.ndim} axes"
        )
    return x, (axis if x.ndim else None)
