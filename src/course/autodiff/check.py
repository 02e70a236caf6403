"""Is it the derivative? Every argument, along random directions, against what the function itself does."""

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np

from course.autodiff.derivative import vjp
from course.autodiff.operators import Array, values
from course.autodiff.recording import no_grad
from course.autodiff.tensor import Tensor

TINY = 1e-30  # a complex step subtracts nothing, so it may be as small as one likes
DIRECTIONS = 3


# --8<-- [start:grad_check]
def grad_check(
    f: Callable[..., Any],
    *args: Any,
    rng: np.random.Generator | None = None,
) -> float:
    """|⟨J u, v⟩ − ⟨u, J* v⟩|, to the size of both; random u, v.

    J is the derivative of f at args, and J* v what the way back
    returns. J u comes from values of f alone: by a complex step
    where f takes complex numbers, else by central differences.
    Past what those are good for, an AssertionError names the
    argument, an index, and the two entries of J* v there. (The
    size is ‖u‖ ‖J* v‖, and ‖f‖ ‖v‖ / 100 for the digits that a
    difference of values loses.)

    >>> x, w = np.arange(3.0), np.ones(3)
    >>> grad_check(lambda x, w: x * w, x, w) < 1e-9
    True
    >>> wrong = lambda x: x * x.detach()
    >>> grad_check(wrong, x)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    AssertionError: grad_check: argument 0 (x) at (2,): ...
    """
    rng = np.random.default_rng(0) if rng is None else rng
    arrays = [np.asarray(values(a)) for a in args]
    y, back = vjp(f, *arrays)
    v = _random(rng, y)
    size = float(np.linalg.norm(y) * np.linalg.norm(v)) / 100
    gaps = [0.0]
    for i, received in enumerate(back(v)):
        at = _Argument(f, arrays, i, v, size)
        if received.shape != arrays[i].shape:
            raise AssertionError(
                f"grad_check: {at} has shape {arrays[i].shape}, "
                f"but its gradient {received.shape}"
            )
        for _ in range(DIRECTIONS):
            u = _random(rng, arrays[i])
            gap, allowed = at.gap(u, received)
            if not gap <= allowed:
                raise AssertionError(at.first_fault(u, received))
            gaps.append(gap)
    return max(gaps)


# --8<-- [end:grad_check]


class _Argument:
    """One argument of f at a point, and slopes of ⟨f, v⟩ as it moves."""

    def __init__(
        self,
        f: Callable[..., Any],
        arrays: list[Array],
        i: int,
        v: Array,
        size: float,
    ) -> None:
        self.f, self.arrays, self.i, self.v = f, arrays, i, v
        self.dtype, self.size = arrays[i].dtype, size

    def __str__(self) -> str:
        try:
            names = list(signature(self.f).parameters)
            return f"argument {self.i} ({names[self.i]})"
        except (TypeError, ValueError, IndexError):
            return f"argument {self.i}"

    def gap(
        self, u: Array, received: Array
    ) -> tuple[float, float]:
        """How far ⟨u, J* v⟩ is from ⟨J u, v⟩, and how far it may be."""
        expected, allowed = self.slope(u)
        size = self.size + float(
            np.linalg.norm(u) * np.linalg.norm(received)
        )
        difference = abs(expected - _inner(received, u))
        return difference / (size or 1.0), allowed

    def slope(self, u: Array) -> tuple[float, float]:
        """⟨J u, v⟩ from values of f, and to what part of the norms it is good."""
        wide = np.result_type(self.dtype, np.float64)
        try:
            central, good = self.central(u, wide), 1e-6
        except TypeError:  # f holds arrays of its precision
            central, good = self.central(u, self.dtype), 1e-2
        single = np.finfo(self.dtype).eps > 1e-10
        complex_step = self.complex_step(u)
        if complex_step is not None and abs(
            complex_step - central
        ) <= 1e-5 * (1 + abs(central)):
            central, good = complex_step, 1e-11
        return central, max(good, 1e-4) if single else good

    def central(self, u: Array, dtype: Any) -> float:
        """(L(x + h u) − L(x − h u)) / 2h, of L = ⟨f, v⟩."""
        x = self.arrays[self.i]
        size = max(1.0, float(np.max(np.abs(x), initial=0)))
        h = float(np.finfo(dtype).eps ** (1 / 3)) * size
        ahead, behind = (
            _inner(self.at(x + t * u, dtype), self.v)
            for t in (h, -h)
        )
        return (ahead - behind) / (2 * h)

    def complex_step(self, u: Array) -> float | None:
        """Im L(x + i h u) / h; None where f has no complex values."""
        if self.dtype.kind == "c" or self.v.dtype.kind == "c":
            return None
        try:
            y = self.at(
                self.arrays[self.i] + 1j * TINY * u, np.complex128
            )
        except (TypeError, ValueError):
            return None
        return _inner(np.imag(y), self.v) / TINY

    def at(self, x: Array, dtype: Any) -> Array:
        """The value of f with x in the place of the argument."""
        moved = [
            x if i == self.i else a
            for i, a in enumerate(self.arrays)
        ]
        with no_grad():
            return np.asarray(
                values(
                    self.f(
                        *(Tensor(a.astype(dtype)) for a in moved)
                    )
                )
            )

    def first_fault(self, u: Array, received: Array) -> str:
        """Halve the entries that move, and keep the half with the larger gap, until one is left."""
        places = np.arange(u.size)
        while len(places) > 1:
            halves = np.array_split(places, 2)
            places = max(
                halves,
                key=lambda half: self._gap_of(half, u, received),
            )
        unit = np.zeros(u.size, u.dtype)
        unit[places] = 1
        expected = self.slope(unit.reshape(u.shape))[0]
        where = tuple(
            map(int, np.unravel_index(int(places[0]), u.shape))
        )
        found = _inner(received, unit.reshape(u.shape))
        return f"grad_check: {self} at {where}: expected {expected:.9g}, received {found:.9g}"

    def _gap_of(
        self, places: Array, u: Array, received: Array
    ) -> float:
        some = np.zeros(u.size, u.dtype)
        some[places] = u.ravel()[places]
        direction = some.reshape(u.shape)
        return abs(
            self.slope(direction)[0] - _inner(received, direction)
        )


def _random(rng: np.random.Generator, like: Array) -> Array:
    a = rng.standard_normal(like.shape)
    return np.asarray(
        a + 1j * rng.standard_normal(like.shape)
        if like.dtype.kind == "c"
        else a
    )


def _inner(a: Array, b: Array) -> float:
    """Re Σ a b̄, in double precision."""
    return float(np.real(np.vdot(b, a)))
