"""Containers of parameters: what a layer is, and layers one after the other."""

from collections.abc import Iterator, Mapping
from typing import Any, Self, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from course.autodiff import Tensor

Array = NDArray[Any]
Seed = np.random.Generator | int | None


# --8<-- [start:Module]
class Module:
    """y = forward(x), with parameters: tensors that are trained.

    A layer keeps its parameters, its other arrays and its own
    layers as attributes; they are found there, and named as in
    torch: the parameters of layer 0 are 0.weight and 0.bias.

    >>> class Scale(Module):
    ...     def __init__(self) -> None:
    ...         self.factor = Tensor(2.0, requires_grad=True)
    ...
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> scale = Scale()
    >>> float(scale(3.0)), list(scale.state())
    (6.0, ['factor'])
    """

    training = True

    def forward(self, x: Any) -> Tensor:
        """y, of this layer."""
        raise NotImplementedError(
            f"{type(self).__name__}: write its forward(self, x)"
        )

    def __call__(self, x: Any) -> Tensor:  # noqa: D102
        return self.forward(x)

    def modules(self) -> Iterator[tuple[str, "Module"]]:
        """This layer and those within it, with their names."""
        yield "", self
        for name, value in vars(self).items():
            several = isinstance(value, list | tuple)
            for i, part in enumerate(
                value if several else [value]
            ):
                if isinstance(part, Module):
                    own = f"{name}.{i}" if several else name
                    for inner, module in part.modules():
                        yield f"{own}.{inner}".rstrip("."), module

    def named(self, kind: type) -> Iterator[tuple[str, Any]]:
        """Every attribute of a kind, of this layer and within."""
        for name, module in self.modules():
            for own, value in vars(module).items():
                if isinstance(value, kind):
                    yield f"{name}.{own}".lstrip("."), value

    def parameters(self) -> list[Tensor]:
        """All that is trained, each once."""
        found = {id(p): p for _, p in self.named(Tensor)}
        return [p for p in found.values() if p.requires_grad]

    def train(self, on: bool = True) -> Self:
        """From now on as in training: dropout drops entries."""
        for _, module in self.modules():
            module.training = on
        return self

    def eval(self) -> Self:
        """From now on as in use."""
        return self.train(False)

    # --8<-- [end:Module]

    def state(self) -> dict[str, Array]:
        """Copies of all parameters and other arrays, by name."""
        tensors = (
            (name, p.data) for name, p in self.named(Tensor)
        )
        return {
            name: np.array(a)
            for name, a in (*tensors, *self.named(np.ndarray))
        }

    def load_state(self, state: Mapping[str, ArrayLike]) -> None:
        """Take all parameters and other arrays from `state`: the same names and shapes, and none left over."""
        own = dict(self.named(Tensor)) | dict(
            self.named(np.ndarray)
        )
        check_state(
            "load_state",
            {n: a.shape for n, a in own.items()},
            state,
        )
        for name, target in own.items():
            new = np.asarray(state[name])
            if isinstance(target, Tensor):
                target.data = new.astype(target.dtype)
            else:
                target[...] = new

    def to(self, dtype: DTypeLike) -> Self:
        """In another precision, in place: the parameters remain those that an optimiser knows.

        >>> from course.nn import Linear
        >>> Linear(3, 2).to(np.float32).parameters()[0].dtype
        dtype('float32')
        """
        if np.dtype(dtype).kind != "f":
            raise TypeError(
                f"to: dtype is {np.dtype(dtype)}; it must be floating point"
            )
        for _, module in self.modules():
            for name, value in vars(module).items():
                if (
                    isinstance(value, Tensor)
                    and value.dtype.kind == "f"
                ):
                    # the same object, which an optimiser may know
                    new, value.grad = (
                        value.data.astype(dtype),
                        None,
                    )
                    Tensor.__init__(
                        value, new, value.requires_grad
                    )
                elif (
                    isinstance(value, np.ndarray)
                    and value.dtype.kind == "f"
                ):
                    setattr(module, name, value.astype(dtype))
        return self


class Sequential(Module):
    """y = (layerₙ ∘ … ∘ layer₁)(x).

    >>> from course.nn import Linear, ReLU
    >>> net = Sequential(Linear(3, 4), ReLU(), Linear(4, 2))
    >>> net(np.ones((5, 3))).shape, len(net), net[1]
    ((5, 2), 3, ReLU())
    >>> list(net.state())
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """

    def __init__(self, *layers: Module) -> None:
        for i, layer in enumerate(layers):
            if not isinstance(layer, Module):
                raise TypeError(
                    f"Sequential: layer {i} is {layer!r}; it must be a Module, such as ReLU() with its brackets"
                )
            vars(self)[str(i)] = layer

    def layers(self) -> list[Module]:
        """The layers in their order."""
        return [
            layer
            for layer in vars(self).values()
            if isinstance(layer, Module)
        ]

    def forward(self, x: Any) -> Tensor:
        """y, of the last layer."""
        for layer in self.layers():
            x = layer(x)
        return x  # type: ignore[no-any-return]

    @overload
    def __getitem__(self, i: int) -> Module: ...
    @overload
    def __getitem__(self, i: slice) -> "Sequential": ...
    def __getitem__(self, i: int | slice) -> Module:
        layers = self.layers()
        return (
            Sequential(*layers[i])
            if isinstance(i, slice)
            else layers[i]
        )

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers())

    def __len__(self) -> int:
        return len(self.layers())

    def __repr__(self) -> str:
        lines = "".join(
            f"  {layer!r},\n" for layer in self.layers()
        )
        return f"Sequential(\n{lines})"


def check_state(
    name: str,
    shapes: Mapping[str, tuple[int, ...]],
    state: Mapping[str, ArrayLike],
) -> None:
    """Whether a state has the names and the shapes that are asked for; or the first that it lacks."""
    missing = [n for n in shapes if n not in state]
    extra = [n for n in state if n not in shapes]
    if missing or extra:
        raise ValueError(
            f"{name}: the state lacks {', '.join(missing) or 'nothing'} and has {', '.join(extra) or 'nothing'} "
            "too many; it must have the names of the model"
        )
    for n, shape in shapes.items():
        if np.shape(state[n]) != shape:
            raise ValueError(
                f"{name}: {n} has shape {np.shape(state[n])}, but the model's has {shape}"
            )


def generator(rng: Seed) -> np.random.Generator:
    """The generator itself, or one from a seed; without either, from seed 0."""
    if isinstance(rng, np.random.Generator):
        return rng
    return np.random.default_rng(0 if rng is None else rng)
