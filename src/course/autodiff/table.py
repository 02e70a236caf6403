"""How a row of the table of rules is written: a function of arrays, and for each argument the rule back to it."""

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec

import numpy as np
from numpy.typing import ArrayLike

from course.autodiff.operators import (
    TABLE,
    Array,
    Operators,
    values,
)
from course.autodiff.tensor import Tensor, record

P = ParamSpec("P")
# (g, y, **the arguments of the function) -> the cotangent of one of them
Rule = Callable[..., Any]

# Of each primitive its rules, by the argument that they lead back to.
RULES: dict[str, dict[str, Rule]] = {}


# --8<-- [start:primitive]
def primitive(
    **rules: Rule,
) -> Callable[[Callable[P, Any]], Callable[P, Tensor]]:
    """y = forward(x, …) with x̂ = rules[x](ŷ, y, x, …).

    Rules call primitives, and so work twice: on arrays for the
    numbers, on tensors for a graph of the way back. A primitive
    that is given no tensor is the function of arrays itself.

    >>> rule = primitive(x=lambda g, y, x: 2 * g)
    >>> double = rule(lambda x: 2 * x)
    >>> x = Tensor(3.0, requires_grad=True)
    >>> double(x).backward()
    >>> x.grad
    array(2.)
    """

    def of(forward: Callable[P, Any]) -> Callable[P, Tensor]:
        names, defaults = arguments_of(forward)
        title = forward.__name__

        @wraps(forward)
        def call(*args: P.args, **options: P.kwargs) -> Any:
            several = (*args, *options.values())
            if not any(isinstance(a, Operators) for a in several):
                return forward(*args, **options)
            found = dict(zip(names, args, strict=False)) | options
            plain = {x: values(a) for x, a in found.items()}
            y = forward(
                *map(values, args),
                **{x: plain[x] for x in options},
            )
            given = defaults | plain
            given |= {x: found[x] for x in rules if x in found}
            return record(title, y, given, rules)

        TABLE[title], RULES[title] = call, rules
        return call

    return of


# --8<-- [end:primitive]


# --8<-- [start:elementwise]
def elementwise(
    f: np.ufunc, slope: Callable[[Any, Any], Any]
) -> Callable[[ArrayLike], Tensor]:
    """y[i] = f(x[i]), so x̂[i] = ŷ[i] f′(x[i]); f′ of x and y.

    >>> tan = elementwise(np.tan, lambda x, y: 1 + y * y)
    >>> x = Tensor([0.0, np.pi / 4], requires_grad=True)
    >>> tan(x).sum().backward()
    >>> x.grad.round(9)
    array([1., 2.])
    """
    rule = lambda g, y, x: g * TABLE["conj"](slope(x, y))

    def function(x: ArrayLike) -> Any:
        return f(x)

    function.__name__ = function.__qualname__ = f.__name__
    function.__doc__ = f"y = {f.__name__}(x), entry by entry."
    return primitive(x=rule)(function)


# --8<-- [end:elementwise]


def arguments_of(
    forward: Callable[..., Any],
) -> tuple[list[str], dict[str, Any]]:
    """The names of the arguments in their order, and the values of those that may be left out."""
    parameters = signature(forward).parameters.values()
    defaults = {
        p.name: p.default
        for p in parameters
        if p.default is not Parameter.empty
    }
    return [
        p.name
        for p in parameters
        if p.kind != Parameter.KEYWORD_ONLY
    ], defaults


def array_of(x: Any) -> Array:
    """The values as an array, whatever holds them."""
    return np.asarray(values(x))
