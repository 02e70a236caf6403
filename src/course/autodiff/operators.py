"""What can be written with tensors: each operator and method is a row of the table of rules, looked up by its name."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course.autodiff.recording import RECORDING

if TYPE_CHECKING:
    from course.autodiff.tensor import Tensor

Array = NDArray[Any]
Axis = int | tuple[int, ...] | None
Binary = Callable[[Any, Any], "Tensor"]

# Every primitive, by the name of the function that it computes:
TABLE: dict[str, Callable[..., Any]] = {}


def values(x: Any) -> Any:
    """The array of a tensor; anything else as it is."""
    return x.data if isinstance(x, Operators) else x


def _both(name: str) -> tuple[Binary, Binary]:
    """The operator, and the one for when the tensor stands on the right."""
    return (
        lambda a, b: TABLE[name](a, b),
        lambda b, a: TABLE[name](a, b),
    )


def _compare(ufunc: np.ufunc) -> Callable[[Any, Any], Any]:
    """Comparing values: an array of truth values, which has no gradient."""
    return lambda a, b: ufunc(a.data, values(b))


class Operators:
    """+ − × ÷ ** @, comparisons, indexing, and the methods that arrays have too."""

    __array_ufunc__ = None  # arrays leave `a * x` to the tensor
    _data: Array
    step: Any
    version: int
    requires_grad: bool

    __add__, __radd__ = _both("add")
    __sub__, __rsub__ = _both("subtract")
    __mul__, __rmul__ = _both("multiply")
    __truediv__, __rtruediv__ = _both("divide")
    __pow__, __rpow__ = _both("power")
    __matmul__, __rmatmul__ = _both("matmul")
    __gt__, __lt__ = _compare(np.greater), _compare(np.less)
    __ge__ = _compare(np.greater_equal)
    __le__ = _compare(np.less_equal)
    __eq__, __ne__ = _compare(np.equal), _compare(np.not_equal)
    __hash__ = object.__hash__

    def __neg__(self) -> "Tensor":
        return TABLE["negative"](self)  # type: ignore[no-any-return]

    def __getitem__(self, key: Any) -> "Tensor":
        return TABLE["index"](self, key)  # type: ignore[no-any-return]

    @property
    def data(self) -> Array:
        """The array. What is written into its entries goes unseen; x[key] = value is seen."""
        return self._data

    @data.setter
    def data(self, new: Any) -> None:
        if self.step or np.shape(new) != self.shape:
            by = f" by {self.step.name}" if self.step else ""
            raise ValueError(
                f"Tensor: data of shape {np.shape(new)} cannot "
                f"stand for {self.shape}{by}; only a given tensor "
                "takes other data, of its own shape"
            )
        if new is not self._data:  # unlike in x.data -= step
            self._data = np.array(new, self.dtype)
        self.version += 1

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.step or (self.requires_grad and RECORDING.get()):
            raise RuntimeError(
                "Tensor: x[key] = value would overwrite what the "
                "way back reads; write x = where(mask, value, x)"
            )
        self.data[values(key)] = values(value)
        self.version += 1

    def __repr__(self) -> str:
        entries = np.array2string(
            self.data, separator=", ", prefix="Tensor("
        )
        how = ", requires_grad=True" if self.requires_grad else ""
        how = f", by {self.step.name}" if self.step else how
        return f"Tensor({entries}{how})"

    def __reduce__(self) -> tuple[Any, ...]:
        # a copy is a given tensor, of its own
        return type(self), (self.data, self.requires_grad)

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError(
                "len: the tensor is a single number; it has no length"
            )
        return len(self.data)

    def __iter__(self) -> Iterator["Tensor"]:
        return (self[i] for i in range(len(self)))

    def __float__(self) -> float:
        return float(self.item())

    def __bool__(self) -> bool:
        return bool(self.data)

    def __array__(
        self, dtype: Any = None, copy: Any = None
    ) -> Array:
        raise TypeError(
            "Tensor: NumPy's functions keep no record; call those of course.autodiff.functional, or take x.data"
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self.data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the array."""
        return self.data.dtype

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self.data.size

    def item(self) -> Any:
        """The one entry, as a Python number."""
        return self.data.item()

    @property
    def T(self) -> "Tensor":
        """The axes in reverse order."""
        return self.transpose()

    def transpose(self, *axes: int) -> "Tensor":
        """The axes in the given order, or in reverse."""
        return TABLE["transpose"](self, axes or None)  # type: ignore[no-any-return]

    def swapaxes(self, axis1: int, axis2: int) -> "Tensor":
        """The axes with two of them exchanged."""
        return TABLE["swapaxes"](self, axis1, axis2)  # type: ignore[no-any-return]

    def reshape(self, *shape: Any) -> "Tensor":
        """The entries in another shape; one length may be −1."""
        to = shape[0] if len(shape) == 1 else shape
        return TABLE["reshape"](self, to)  # type: ignore[no-any-return]

    def astype(self, dtype: Any) -> "Tensor":
        """The entries in another precision."""
        return TABLE["astype"](self, dtype)  # type: ignore[no-any-return]

    def sum(
        self, axis: Axis = None, keepdims: bool = False
    ) -> "Tensor":
        """Σ x, over the axes given or all of them."""
        return TABLE["sum"](self, axis, keepdims)  # type: ignore[no-any-return]

    def mean(
        self, axis: Axis = None, keepdims: bool = False
    ) -> "Tensor":
        """(1/n) Σ x, over the axes given or all of them."""
        return TABLE["mean"](self, axis, keepdims)  # type: ignore[no-any-return]

    def max(
        self, axis: Axis = None, keepdims: bool = False
    ) -> "Tensor":
        """The largest entry, over the axes given or all of them."""
        return TABLE["max"](self, axis, keepdims)  # type: ignore[no-any-return]

    def min(
        self, axis: Axis = None, keepdims: bool = False
    ) -> "Tensor":
        """The smallest entry, over the axes given or all of them."""
        return TABLE["min"](self, axis, keepdims)  # type: ignore[no-any-return]


def cotangent(y: Operators, g: Any) -> Any:
    """What the walk begins with: what was given, or 1 for a single real number."""
    if not y.requires_grad:
        raise ValueError(
            "backward: nothing that the result depends on has requires_grad=True"
        )
    if g is None and (y.size != 1 or y.dtype.kind == "c"):
        raise ValueError(
            f"backward: the result has shape {y.shape} and dtype {y.dtype}; give a cotangent g, or make it one number"
        )
    if g is not None and np.shape(values(g)) != y.shape:
        raise ValueError(
            f"backward: g has shape {np.shape(values(g))}, but the result {y.shape}"
        )
    if isinstance(g, Operators):
        return g.astype(y.dtype)
    one = np.ones(y.shape, y.dtype)
    return one if g is None else np.asarray(g, y.dtype)
