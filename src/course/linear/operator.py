"""A linear map as two pure functions and two shapes, and the algebra of such maps."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]
Map = Callable[[Array], Array]
Scalar = complex | np.number[Any]


# --8<-- [start:LinearOperator]
@dataclass(frozen=True, repr=False)
class LinearOperator:
    """y = A x and h = A* g: two functions, two shapes and a name.

    The adjoint A* is the one map with ⟨A x, g⟩ = ⟨x, A* g⟩ for all x
    and g; `dot_test` asks whether it is. Products, sums and multiples
    of operators are operators, and bring their adjoints along.

    >>> double = LinearOperator(
    ...     (3,), (3,), lambda x: 2 * x, lambda g: 2 * g, "double"
    ... )
    >>> double([1, 2, 3])
    array([2, 4, 6])
    >>> double @ (double - 1j * double)
    <double @ (double - 1j * double): (3,) -> (3,)>
    """

    in_shape: Shape
    out_shape: Shape
    forward: Map
    adjoint: Map
    name: str = "A"

    __array_ufunc__ = None  # arrays leave `x * A` and `x @ A` to A

    def __call__(self, x: ArrayLike) -> Array:
        """A x."""
        x = np.asarray(x)
        if x.shape != self.in_shape:
            raise ValueError(
                f"{self} cannot take an array of shape {x.shape}"
            )
        return self.forward(x)

    @property
    def H(self) -> "LinearOperator":
        """The adjoint as an operator; that of the adjoint is A."""
        if self.name.endswith(".H"):
            name = self.name[:-2]
            name = name[1:-1] if name.startswith("(") else name
        else:
            name = _factor(self.name, "+-@*") + ".H"
        return LinearOperator(
            self.out_shape,
            self.in_shape,
            self.adjoint,
            self.forward,
            name,
        )

    @overload
    def __matmul__(
        self, other: "LinearOperator"
    ) -> "LinearOperator": ...
    @overload
    def __matmul__(self, other: ArrayLike) -> Array: ...
    def __matmul__(
        self, other: "LinearOperator | ArrayLike"
    ) -> "LinearOperator | Array":
        """A B: first B, then A, with the adjoint B* A*; or A x."""
        if not isinstance(other, LinearOperator):
            return self(other)
        if other.out_shape != self.in_shape:
            raise ValueError(
                f"cannot compose {self} @ {other}: the second gives "
                f"{other.out_shape}, the first takes {self.in_shape}"
            )
        return LinearOperator(
            other.in_shape,
            self.out_shape,
            lambda x: self.forward(other.forward(x)),
            lambda g: other.adjoint(self.adjoint(g)),
            f"{_factor(self.name)} @ {_factor(other.name)}",
        )

    def __add__(self, other: "LinearOperator") -> "LinearOperator":
        """A + B, with the adjoint A* + B*."""
        if not isinstance(other, LinearOperator):
            return NotImplemented
        shapes = self.in_shape, self.out_shape
        if (other.in_shape, other.out_shape) != shapes:
            raise ValueError(
                f"cannot add {self} + {other}: their shapes differ"
            )
        return LinearOperator(
            *shapes,
            lambda x: self.forward(x) + other.forward(x),
            lambda g: self.adjoint(g) + other.adjoint(g),
            f"{self.name} + {other.name}",
        )

    def __mul__(self, c: Scalar) -> "LinearOperator":
        """c A for a number c, with the adjoint c̄ A*."""
        if not np.isscalar(c) or isinstance(c, str | bytes):
            return NotImplemented
        return LinearOperator(
            self.in_shape,
            self.out_shape,
            lambda x: c * self.forward(x),
            lambda g: c.conjugate() * self.adjoint(g),
            f"{c} * {_factor(self.name)}",
        )

    __rmul__ = __mul__

    def __truediv__(self, c: Scalar) -> "LinearOperator":
        """A / c for a number c."""
        return self * (1 / c)

    def __neg__(self) -> "LinearOperator":
        """−A."""
        return self * -1

    def __sub__(self, other: "LinearOperator") -> "LinearOperator":
        """A − B, with the adjoint A* − B*."""
        if not isinstance(other, LinearOperator):
            return NotImplemented
        try:
            difference = self + -other
        except ValueError:
            raise ValueError(
                f"cannot subtract {self} - {other}: their shapes differ"
            ) from None
        name = f"{self.name} - {_factor(other.name)}"
        return LinearOperator(
            self.in_shape,
            self.out_shape,
            difference.forward,
            difference.adjoint,
            name,
        )

    def to_matrix(self, dtype: DTypeLike = float) -> Array:
        """The matrix of A: column j is A applied to unit vector j."""
        size, rows = prod(self.in_shape), prod(self.out_shape)
        if not size:
            return np.zeros((rows, 0), dtype)
        units = np.eye(size, dtype=dtype).reshape(size, *self.in_shape)
        columns = [self.forward(unit).reshape(rows) for unit in units]
        return np.stack(columns, axis=1)

    def __repr__(self) -> str:
        return f"<{self.name}: {self.in_shape} -> {self.out_shape}>"


# --8<-- [end:LinearOperator]


def _factor(name: str, spaced: str = "+-") -> str:
    """The name as a factor of a product: what has one of these signs, outside parentheses, gets parentheses."""
    depth = 0
    for i, letter in enumerate(name):
        depth += (letter == "(") - (letter == ")")
        if (
            not depth
            and letter in spaced
            and name[i - 1 : i + 2] == f" {letter} "
        ):
            return f"({name})"
    return name


def identity(shape: int | tuple[int, ...]) -> LinearOperator:
    """I x = x, which is its own adjoint.

    >>> identity((2, 3))
    <identity: (2, 3) -> (2, 3)>
    """
    size = (shape,) if isinstance(shape, int) else tuple(shape)
    return LinearOperator(size, size, np.array, np.array, "identity")
