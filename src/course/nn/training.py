"""Training: batch after batch, epoch after epoch, with a history of how it went."""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.autodiff import Tensor, no_grad
from course.nn.losses import accuracy
from course.nn.module import Module, Seed, generator
from course.nn.optimisers import Optimiser

Array = NDArray[Any]
Data = tuple[ArrayLike, ArrayLike]
Pair = tuple[Array, Array]
Loss = Callable[[Tensor, Array], Tensor]
History = dict[str, list[float]]


# --8<-- [start:fit]
def fit(
    model: Module,
    data: Data,
    *,
    loss: Loss,
    optimiser: Optimiser,
    epochs: int,
    batch_size: int,
    rng: Seed = None,
    validation: Data | None = None,
    quiet: bool = False,
) -> History:
    """w ← w − step(∂L/∂w), over all batches, `epochs` times.

    `data` is (x, target), and each epoch takes it in an order of
    its own, drawn from rng. The history has one number an epoch:
    "loss" and, for targets that are labels, "accuracy", both
    while training; and of `validation` the same, after the epoch.
    The model is left as for use: see `Module.eval`.

    >>> from course.nn import SGD, Linear, mse_loss
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> line = Linear(1, 1)
    >>> history = fit(
    ...     line, (x, 3 * x + 2), loss=mse_loss, quiet=True,
    ...     optimiser=SGD(line.parameters(), lr=0.3),
    ...     epochs=50, batch_size=5,
    ... )
    >>> history["loss"][-1] < 1e-6 < history["loss"][0]
    True
    """
    _check_numbers("fit", epochs, batch_size)
    train = _arrays("fit", model, "data", data)
    test = validation and _arrays(
        "fit", model, "validation", validation
    )
    rng, history = generator(rng), History()
    for epoch in range(epochs):
        bar = _Bar(epoch, epochs, len(train[0]), quiet)
        model.train()
        sums = _Sums()
        for x, target in _batches(train, batch_size, rng):
            optimiser.zero_grad()
            y = model(x)
            error = loss(y, target)
            _check_finite(error, epoch, optimiser.lr)
            error.backward()
            optimiser.step()
            sums.add(y, target, error)
            bar.show(sums)
        _append(history, sums.means())
        model.eval()
        if test:
            found = evaluate(
                model, test, loss=loss, batch_size=batch_size
            )
            _append(history, found, "validation_")
        bar.end(history)
    return history


# --8<-- [end:fit]


def evaluate(
    model: Module,
    data: Data,
    *,
    loss: Loss,
    batch_size: int = 256,
) -> dict[str, float]:
    """L = (1/N) Σ loss(model(x), target), in use: "loss" and, for labels, "accuracy"; nothing is trained.

    >>> from course.nn import Linear, mse_loss
    >>> found = evaluate(Linear(1, 1), (np.zeros((3, 1)), np.ones((3, 1))), loss=mse_loss)
    >>> list(found)
    ['loss']
    """
    _check_numbers("evaluate", 1, batch_size)
    pair, was = (
        _arrays("evaluate", model, "data", data),
        model.training,
    )
    model.eval()
    sums = _Sums()
    with no_grad():
        for x, target in _batches(pair, batch_size, None):
            y = model(x)
            sums.add(y, target, loss(y, target))
    model.train(was)
    return sums.means()


class _Sums:
    """Sums over the batches, from which means over all examples follow."""

    def __init__(self) -> None:
        self.count, self.totals = 0, dict[str, float]()

    def add(
        self, y: Tensor, target: Array, error: Tensor
    ) -> None:
        found = {"loss": float(error)}
        if target.dtype.kind in "iu" and target.shape == (
            len(y),
            *y.shape[2:],
        ):
            found["accuracy"] = accuracy(y, target)
        self.count += len(target)
        for name, value in found.items():
            self.totals[name] = self.totals.get(
                name, 0.0
            ) + value * len(target)

    def means(self) -> dict[str, float]:
        return {
            name: total / self.count
            for name, total in self.totals.items()
        }


def _append(
    history: History, found: dict[str, float], prefix: str = ""
) -> None:
    for name, value in found.items():
        history.setdefault(prefix + name, []).append(value)


def _batches(
    pair: Pair, size: int, rng: np.random.Generator | None
) -> Iterator[Pair]:
    """Some examples at a time, in an order drawn from rng, or as they come."""
    x, target = pair
    order = (
        np.arange(len(x))
        if rng is None
        else rng.permutation(len(x))
    )
    for start in range(0, len(x), size):
        some = order[start : start + size]
        yield x[some], target[some]


def _arrays(
    name: str, model: Module, what: str, data: Data
) -> Pair:
    """x and the target as arrays, floating point in the precision of the model."""
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise TypeError(
            f"{name}: {what} is a {type(data).__name__}; it must be a pair of arrays, (x, target)"
        )
    x, target = (
        np.asarray(a.data if isinstance(a, Tensor) else a)
        for a in data
    )
    if (
        not x.ndim
        or not target.ndim
        or len(x) != len(target)
        or not len(x)
    ):
        raise ValueError(
            f"{name}: {what} has x of shape {x.shape} and a target of shape {target.shape}; they must have equally "
            "many examples, and at least one"
        )
    parameters = model.parameters()
    dtype = parameters[0].dtype if parameters else x.dtype
    pair = (
        a.astype(dtype, copy=False) if a.dtype.kind == "f" else a
        for a in (x, target)
    )
    x, target = pair
    return x, target


def _check_numbers(
    name: str, epochs: int, batch_size: int
) -> None:
    if epochs < 0 or batch_size < 1:
        raise ValueError(
            f"{name}: epochs is {epochs} and batch_size {batch_size}; they must be at least 0, and at least 1"
        )


def _check_finite(error: Tensor, epoch: int, lr: float) -> None:
    if not isinstance(error, Tensor):
        raise TypeError(
            f"fit: the loss is a {type(error).__name__}; it must be a tensor, or there is no way back"
        )
    if error.size != 1:
        raise ValueError(
            f"fit: the loss has shape {error.shape}; it must be a single number, so take its mean"
        )
    if not np.isfinite(error.item()):
        raise FloatingPointError(
            f"fit: the loss is {error.item()} in epoch {epoch + 1}; lower the learning rate, which is {lr}, or look "
            "for such numbers in the data"
        )


class _Bar:
    """How far an epoch has come, on the error stream: redrawn on a terminal, else a line an epoch."""

    def __init__(
        self, epoch: int, epochs: int, total: int, quiet: bool
    ) -> None:
        self.title = (
            f"epoch {epoch + 1:{len(str(epochs))}}/{epochs}"
        )
        self.total, self.quiet, self.drawn = total, quiet, 0.0
        self.terminal = sys.stderr.isatty()

    def show(self, sums: _Sums) -> None:
        now = time.monotonic()
        if (
            self.quiet
            or not self.terminal
            or now - self.drawn < 0.1
        ):
            return
        self.drawn = now
        done = 20 * sums.count // self.total
        sys.stderr.write(
            f"\r{self.title} {'█' * done}{'·' * (20 - done)} {_words(sums.means())}\033[K"
        )
        sys.stderr.flush()

    def end(self, history: History) -> None:
        if not self.quiet:
            last = {
                name: values[-1]
                for name, values in history.items()
            }
            start, end = (
                ("\r", "\033[K\n")
                if self.terminal
                else ("", "\n")
            )
            sys.stderr.write(
                f"{start}{self.title}  {_words(last)}{end}"
            )
            sys.stderr.flush()


def _words(numbers: dict[str, float]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value:.4g}"
        for name, value in numbers.items()
    )
