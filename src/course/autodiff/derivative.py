"""Derivatives of functions: from a function of arrays to the function that returns its gradient."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from course.autodiff.operators import cotangent, values
from course.autodiff.recording import recording
from course.autodiff.tensor import (
    Tensor,
    plain,
    record,
    walk_back,
)

Function = Callable[..., Any]
Pullback = Callable[..., tuple[Any, ...]]

# Is a function being differentiated?
_within = ContextVar("within", default=False)


# --8<-- [start:vjp]
def vjp(f: Function, *xs: Any) -> tuple[Any, Pullback]:
    """y = f(x₁, …), and back: g ↦ ((∂y/∂x₁)* g, …).

    Both are arrays; but tensors, whose derivatives can be taken
    in turn, if an x is one or another function that is being
    differentiated calls this.

    >>> y, back = vjp(lambda x: x * x, np.array([3.0, 4.0]))
    >>> back(np.array([1.0, 10.0]))
    (array([ 6., 80.]),)
    """
    graph = _within.get() or any(
        isinstance(x, Tensor) and x.requires_grad for x in xs
    )
    token = _within.set(True)
    try:
        with recording(True):
            inputs = [_input(i, x) for i, x in enumerate(xs)]
            y = f(*inputs)
    finally:
        _within.reset(token)
    y = y if isinstance(y, Tensor) else plain(np.asarray(y))

    def back(g: Any = None) -> tuple[Any, ...]:
        found: dict[int, Any] = {
            x.number: np.zeros_like(x.data) for x in inputs
        }
        if y.requires_grad:
            g, since = cotangent(y, g), inputs[0].number
            g = _tensor(g) if graph else values(g)
            for x, total in walk_back(y, g, since, graph):
                if x.number in found:
                    found[x.number] = total
        kind: Any = _tensor if graph else np.array
        return tuple(map(kind, found.values()))

    return (y if graph else y.data), back


# --8<-- [end:vjp]


def _tensor(x: Any) -> Tensor:
    return x if isinstance(x, Tensor) else plain(np.asarray(x))


def _input(position: int, x: Any) -> Tensor:
    """A tensor of its own for an argument; of a recorded tensor it is a step, so that outer derivatives go on."""
    if isinstance(x, Tensor) and x.requires_grad:
        return record(
            "input", x.data, {"x": x}, {"x": lambda g, y, x: g}
        )
    array = np.asarray(values(x))
    if array.dtype.kind not in "fc":
        raise TypeError(
            f"vjp: argument {position} is {array.dtype}; only floating point has a derivative, so write 3.0 for 3"
        )
    return Tensor(array, requires_grad=True)


# --8<-- [start:grad]
def value_and_grad(
    f: Function, argnums: int | Sequence[int] = 0
) -> Function:
    """x ↦ (f(x), ∇f(x)) of a function whose value is a number.

    `argnums` says which arguments, one or several.

    >>> f = lambda x, y: x**2 * y + y + 2
    >>> value_and_grad(f, (0, 1))(3.0, 4.0)
    (array(42.), (array(24.), array(10.)))
    """
    one = isinstance(argnums, int)
    which = (argnums,) if isinstance(argnums, int) else argnums

    def of(*xs: Any, **options: Any) -> tuple[Any, Any]:
        def some(*moving: Any) -> Any:
            now = dict(zip(which, moving, strict=True))
            all_of_them = [
                now.get(i, x) for i, x in enumerate(xs)
            ]
            return f(*all_of_them, **options)

        y, back = vjp(some, *(xs[i] for i in which))
        if (
            np.shape(values(y)) != ()
            or values(y).dtype.kind == "c"
        ):
            raise ValueError(
                f"grad: f returns {values(y).dtype} of shape "
                f"{np.shape(values(y))}; only one real number "
                "has a gradient, so return a sum, or use vjp"
            )
        found = back()
        return y, (found[0] if one else found)

    return of


def grad(
    f: Function, argnums: int | Sequence[int] = 0
) -> Function:
    """x ↦ ∇f(x), of a function whose value is a single number.

    The gradient is a function too, and has one:

    >>> cube = lambda x: x**3
    >>> grad(cube)(2.0), grad(grad(cube))(2.0)
    (array(12.), array(12.))
    """
    both = value_and_grad(f, argnums)
    return lambda *xs, **options: both(*xs, **options)[1]


# --8<-- [end:grad]
