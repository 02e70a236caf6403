"""How wrong a prediction is, as one number."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.autodiff import Tensor
from course.autodiff import functional as F

Array = NDArray[Any]
Reduction = Literal["mean", "sum", "none"]


# --8<-- [start:cross_entropy]
def cross_entropy(
    x: Any, labels: ArrayLike, reduction: Reduction = "mean"
) -> Tensor:
    """L = −log softmax(x)[label], of each prediction.

    x is (N, classes), or (N, classes, …) with a label for every
    place. Its gradient is softmax(x) − 1 at the label, over N.

    >>> x = Tensor(np.zeros((1, 4)), requires_grad=True)
    >>> cross_entropy(x, [2]).backward()
    >>> x.grad
    array([[ 0.25,  0.25, -0.75,  0.25]])
    """
    labels = np.asarray(labels)
    _check_labels("cross_entropy", x.shape, labels)
    last = F.log_softmax(F.moveaxis(x, 1, -1), -1)
    rows = F.reshape(last, (-1, x.shape[1]))
    picked = rows[np.arange(labels.size), labels.reshape(-1)]
    return _reduced(F.reshape(-picked, labels.shape), reduction)


# --8<-- [end:cross_entropy]


# --8<-- [start:mse_loss]
def mse_loss(
    x: Any, target: ArrayLike, reduction: Reduction = "mean"
) -> Tensor:
    """L = (x − target)², of each entry.

    >>> x = Tensor([1.0, 5.0], requires_grad=True)
    >>> mse_loss(x, [1.0, 2.0]).backward()
    >>> x.grad
    array([0., 3.])
    """
    _check_target("mse_loss", x.shape, target)
    return _reduced(F.square(x - target), reduction)


# --8<-- [end:mse_loss]


# --8<-- [start:binary_cross_entropy_with_logits]
def binary_cross_entropy_with_logits(
    x: Any, target: ArrayLike, reduction: Reduction = "mean"
) -> Tensor:
    """L = −t log s(x) − (1 − t) log(1 − s(x)), s the sigmoid.

    As log(1 + exp x) − t x, and its gradient is s(x) − t.

    >>> x = Tensor([0.0, 0.0], requires_grad=True)
    >>> loss = binary_cross_entropy_with_logits(x, [1.0, 0.0])
    >>> loss.backward()
    >>> x.grad
    array([-0.25,  0.25])
    """
    name = "binary_cross_entropy_with_logits"
    _check_target(name, x.shape, target)
    return _reduced(F.softplus(x) - x * target, reduction)


# --8<-- [end:binary_cross_entropy_with_logits]


def accuracy(x: ArrayLike, labels: ArrayLike) -> float:
    """(1/N) Σ [argmax x = label]: the share of predictions that are right.

    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    """
    scores = x.data if isinstance(x, Tensor) else np.asarray(x)
    _check_labels("accuracy", scores.shape, np.asarray(labels))
    return float(np.mean(scores.argmax(1) == labels))


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(
            f"reduction is {reduction!r}; it must be 'mean', 'sum' or 'none'"
        )
    return (
        losses
        if reduction == "none"
        else F.mean(losses)
        if reduction == "mean"
        else F.sum(losses)
    )


def _check_labels(
    name: str, shape: tuple[int, ...], labels: Array
) -> None:
    if labels.dtype.kind not in "iu":
        raise TypeError(
            f"{name}: labels are {labels.dtype}; they must be whole numbers"
        )
    if len(shape) < 2 or labels.shape != (shape[0], *shape[2:]):
        raise ValueError(
            f"{name}: x has shape {shape} and the labels {labels.shape}; they must be (N, classes, …) and (N, …)"
        )
    if (
        labels.size
        and not 0 <= labels.min() <= labels.max() < shape[1]
    ):
        raise ValueError(
            f"{name}: labels go from {labels.min()} to {labels.max()}, but there are {shape[1]} classes"
        )


def _check_target(
    name: str, shape: tuple[int, ...], target: ArrayLike
) -> None:
    if shape != np.shape(
        target.data if isinstance(target, Tensor) else target
    ):
        raise ValueError(
            f"{name}: x has shape {shape} and the target {np.shape(target)}; they must be equal"
        )
