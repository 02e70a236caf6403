"""Steps downhill: from the gradients, where the parameters go next."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.autodiff import Tensor
from course.nn.module import check_state

Array = NDArray[Any]


class Optimiser:
    """w ← w − move(w, ∂L/∂w), for each parameter; what it remembers has a place for each.

    >>> class Halving(Optimiser):
    ...     def move(self, w, g):
    ...         return w / 2
    >>> w = Tensor([4.0], requires_grad=True)
    >>> step = Halving([w], lr=0.0)
    >>> w.sum().backward()
    >>> step.step()
    >>> w.data
    array([2.])
    """

    move: Callable[
        ..., Array
    ]  # (w, g, **memory) -> what is subtracted from w; it updates the memory in place

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float,
        memories: tuple[str, ...] = (),
    ) -> None:
        self.parameters = list(parameters)
        name = type(self).__name__
        if not self.parameters:
            raise ValueError(
                f"{name}: there are no parameters; give it model.parameters()"
            )
        for i, p in enumerate(self.parameters):
            if not isinstance(p, Tensor) or not p.requires_grad:
                raise TypeError(
                    f"{name}: parameter {i} is a {type(p).__name__}; it must be a tensor with requires_grad=True"
                )
        if not lr >= 0:
            raise ValueError(
                f"{name}: lr is {lr}; it must not be negative"
            )
        self.lr, self.steps = lr, 0
        self.memory = {
            m: [np.zeros_like(p.data) for p in self.parameters]
            for m in memories
        }

    def zero_grad(self) -> None:
        """Forget the gradients: backward adds to them."""
        for p in self.parameters:
            p.grad = None

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        self.steps += 1
        for i, p in enumerate(self.parameters):
            if p.grad is not None:
                own = {
                    name: arrays[i]
                    for name, arrays in self.memory.items()
                }
                p.data -= self.move(p.data, p.grad, **own)

    def state(self) -> dict[str, Array]:
        """Copies of all that it remembers, by name."""
        arrays = {
            f"{name}.{i}": a.copy()
            for name, own in self.memory.items()
            for i, a in enumerate(own)
        }
        return {"steps": np.array(self.steps), **arrays}

    def load_state(self, state: Mapping[str, ArrayLike]) -> None:
        """Remember what another one did, and go on from there."""
        check_state(
            "load_state",
            {name: a.shape for name, a in self.state().items()},
            state,
        )
        self.steps = int(np.asarray(state["steps"]))
        for name, own in self.memory.items():
            for i, a in enumerate(own):
                a[...] = state[f"{name}.{i}"]


# --8<-- [start:SGD]
class SGD(Optimiser):
    """w ← w − lr v, with v ← momentum · v + ĝ: down the slope.

    ĝ is the gradient of L + ½ weight_decay ‖w‖². With `nesterov`
    it goes by the slope that one more step of v would find: ĝ +
    momentum · v. As in torch.

    >>> w = Tensor([3.0], requires_grad=True)
    >>> step = SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> step.step()
    >>> w.data
    array([2.4])
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        if nesterov and not momentum > 0:
            raise ValueError(
                f"SGD: momentum is {momentum}; nesterov=True "
                "needs one above 0"
            )
        memories = ("velocity",) if momentum else ()
        super().__init__(parameters, lr, memories)
        self.momentum, self.nesterov = momentum, nesterov
        self.weight_decay = weight_decay

    def move(
        self, w: Array, g: Array, velocity: Array | None = None
    ) -> Array:
        """lr v, or lr (ĝ + momentum · v)."""
        if self.weight_decay:
            g = g + self.weight_decay * w
        if velocity is None:
            return self.lr * g
        velocity *= self.momentum
        velocity += g
        if self.nesterov:
            return self.lr * (g + self.momentum * velocity)
        return self.lr * velocity


# --8<-- [end:SGD]


# --8<-- [start:Adam]
class Adam(Optimiser):
    """w ← w − lr m / (√v + eps), with m ≈ mean ĝ, v ≈ mean ĝ².

    m ← β₁ m + (1 − β₁) ĝ and v ← β₂ v + (1 − β₂) ĝ², from zeros;
    so after n steps they are too small by 1 − β₁ⁿ and 1 − β₂ⁿ,
    which is corrected. ĝ is as in SGD. As in torch.

    >>> w = Tensor([3.0], requires_grad=True)
    >>> step = Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> step.step()
    >>> w.data.round(6)
    array([2.9])
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        if not (0 <= betas[0] < 1 and 0 <= betas[1] < 1):
            raise ValueError(
                f"Adam: betas are {betas}; they must be from 0 "
                "to below 1"
            )
        super().__init__(parameters, lr, ("mean", "square"))
        self.betas, self.eps = betas, eps
        self.weight_decay = weight_decay

    def move(
        self, w: Array, g: Array, mean: Array, square: Array
    ) -> Array:
        """lr m / (√v + eps), with both corrected."""
        if self.weight_decay:
            g = g + self.weight_decay * w
        a, b = self.betas
        mean *= a
        mean += (1 - a) * g
        square *= b
        square += (1 - b) * np.square(g)
        size = np.sqrt(square / (1 - b**self.steps))
        size += self.eps
        return self.lr / (1 - a**self.steps) * mean / size


# --8<-- [end:Adam]
