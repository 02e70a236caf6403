"""The engine: a tensor remembers the step that computed it, and the walk back composes the adjoints of the steps."""

import itertools
from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np

from course.autodiff.operators import (
    TABLE,
    Array,
    Operators,
    cotangent,
    values,
)
from course.autodiff.recording import RECORDING

_numbers = itertools.count()


# --8<-- [start:Tensor]
class Tensor(Operators):
    """y = f(x): an array, and the step that computed it.

    >>> x = Tensor([3.0, 4.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    array([6., 8.])
    """

    grad: Array | None = None
    step: "Step | None" = None
    requires_grad = False
    version = 0

    def __init__(self, data: Any, requires_grad: bool = False):
        self._data = np.array(values(data))
        self.number = next(_numbers)
        self.requires_grad = requires_grad
        if requires_grad and self.dtype.kind not in "fc":
            raise TypeError(
                f"Tensor: data is {self.dtype}; only floating "
                "point can have requires_grad=True"
            )

    def detach(self) -> "Tensor":
        """y = x, without the history; the array is shared."""
        return plain(self._data)

    def backward(self, g: Any = None) -> None:
        """x.grad += (∂y/∂x)* g, for every given x behind y."""
        g = values(cotangent(self, g))
        for x, total in walk_back(self, g):
            if x.step is None:
                before = 0 if x.grad is None else x.grad
                x.grad = np.asarray(before + total)


# --8<-- [end:Tensor]


# --8<-- [start:tape]
class Step(NamedTuple):
    """y = name(given), and x̂ = rules[x](ŷ, y, given).

    `versions` counts how often each x had been overwritten then.
    """

    name: str
    given: dict[str, Any]
    rules: Mapping[str, Any]
    versions: list[int]


def record(
    name: str,
    y: Any,
    given: dict[str, Any],
    rules: Mapping[str, Any],
) -> Tensor:
    """y as a tensor, with its step if there is a way back."""
    result = plain(np.asarray(y))
    xs = [given[x] for x in rules if isinstance(given[x], Tensor)]
    if RECORDING.get() and any(x.requires_grad for x in xs):
        versions = [x.version for x in xs]
        result.step = Step(name, given, rules, versions)
        result.requires_grad = True
    return result


# --8<-- [end:tape]


# --8<-- [start:walk_back]
def walk_back(
    y: Tensor, g: Any, since: int = 0, graph: bool = False
) -> Iterator[tuple[Tensor, Any]]:
    """x̂ = Σ A* ŷ over all steps y = A(x), for each x behind y.

    From the last number to the first: whatever read x has a
    larger one, so the sum is complete when the turn comes to x.
    With `graph`, cotangents are tensors, and steps themselves.
    """
    sums, waiting = {y.number: g}, [(-y.number, y)]
    while waiting:
        x = heappop(waiting)[1]
        total = sums.pop(x.number)
        yield x, total
        for earlier, share in shares(x, total, since, graph):
            if earlier.number in sums:
                share = sums[earlier.number] + share
            else:
                heappush(waiting, (-earlier.number, earlier))
            sums[earlier.number] = share


def shares(
    y: Tensor, g: Any, since: int, graph: bool
) -> Iterator[tuple[Tensor, Any]]:
    """A* ŷ for each x of the step y = A(x), by its rule."""
    if y.step is None:
        return
    name, given, rules, versions = y.step
    xs = [x for x in rules if isinstance(given[x], Tensor)]
    if versions != [given[x].version for x in xs]:
        raise RuntimeError(
            f"backward: an argument of {name} was overwritten "
            "since it was read; compute the result again"
        )
    known = {} if graph else {x: given[x].data for x in xs}
    for x in xs:
        to = given[x]
        if to.requires_grad and to.number >= since:
            result = y if graph else y.data
            share = rules[x](g, result, **(given | known))
            if share.dtype != to.dtype:
                share = TABLE["astype"](share, to.dtype)
            yield to, share


# --8<-- [end:walk_back]


def plain(array: Array) -> Tensor:
    """A tensor around the array itself, without a history."""
    tensor = Tensor.__new__(Tensor)
    tensor._data, tensor.number = array, next(_numbers)
    return tensor
