"""What is measured of `course.autodiff` and `course.nn`, against torch."""

from collections.abc import Callable, Iterator

import numpy as np
import torch

from benchmarks.cases import Case
from course import nn
from course.autodiff import Tensor, grad
from course.autodiff import functional as F

TN, TF = torch.nn, torch.nn.functional
Step = Callable[[], object]


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def steps(ours: nn.Module, theirs: TN.Module, x: np.ndarray, target: np.ndarray, loss: str) -> tuple[Step, Step]:
    """One step of training of each: forward, back and down, from equal weights; they return the loss.

    The learning rate is so small that the loss stays what it is however often a step is taken.
    """
    theirs.load_state_dict({name: torch.tensor(a) for name, a in ours.state().items()})
    tx, ty = torch.tensor(x), torch.tensor(target)
    step = nn.SGD(ours.parameters(), lr=1e-9, momentum=0.9)
    torchs = torch.optim.SGD(theirs.parameters(), lr=1e-9, momentum=0.9)
    our_loss, their_loss = getattr(nn, loss), getattr(TF, loss)

    def our_step() -> object:
        step.zero_grad()
        error = our_loss(ours(x), target)
        error.backward()
        step.step()
        return error.data

    def their_step() -> object:
        torchs.zero_grad()
        error = their_loss(theirs(tx), ty)
        error.backward()
        torchs.step()
        return error.detach()

    return our_step, their_step


def lenet() -> Case:
    """The digits' network, a batch of 64."""
    theirs = TN.Sequential(
        TN.Conv2d(1, 6, 5, padding=2), TN.ReLU(), TN.MaxPool2d(2), TN.Conv2d(6, 16, 5), TN.ReLU(), TN.MaxPool2d(2),
        TN.Flatten(), TN.Linear(400, 120), TN.ReLU(), TN.Linear(120, 84), TN.ReLU(), TN.Linear(84, 10),
    )  # fmt: skip
    x = rng().random((64, 1, 28, 28), np.float32)
    labels = rng().integers(0, 10, 64)
    ours, peers = steps(nn.lenet(rng=0).to(np.float32), theirs, x, labels, "cross_entropy")
    return Case("a training step of lenet, batch 64, float32", "torch", 3.0, 30, ours, peers)


def mlp() -> Case:
    """A perceptron of several layers, a batch of 64."""
    theirs = TN.Sequential(TN.Linear(784, 256), TN.ReLU(), TN.Linear(256, 128), TN.ReLU(), TN.Linear(128, 10))
    x = rng().random((64, 784), np.float32)
    labels = rng().integers(0, 10, 64)
    ours, peers = steps(nn.mlp((784, 256, 128, 10), rng=0).to(np.float32), theirs, x, labels, "cross_entropy")
    return Case("a training step of mlp 784-256-128-10, batch 64, float32", "torch", 3.0, 5, ours, peers)


def encoder() -> Case:
    """The blocks of a U-Net: 3×3 convolutions, pooling, and back up by a transposed convolution."""
    theirs = TN.Sequential(
        TN.Conv2d(1, 8, 3, padding=1), TN.ReLU(), TN.MaxPool2d(2), TN.Conv2d(8, 16, 3, padding=1), TN.ReLU(),
        TN.ConvTranspose2d(16, 8, 2, stride=2), TN.ReLU(), TN.Conv2d(8, 1, 1),
    )  # fmt: skip
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(),
        nn.ConvTranspose2d(16, 8, 2, stride=2), nn.ReLU(), nn.Conv2d(8, 1, 1),
    ).to(np.float32)  # fmt: skip
    x = rng().random((8, 1, 64, 64), np.float32)
    ours, peers = steps(model, theirs, x, x, "mse_loss")
    return Case("a training step of an encoder and decoder, 8×64², float32", "torch", 3.0, 30, ours, peers)


def batch_norm() -> Case:
    """Batch normalisation, forward and back."""
    x, g = rng().standard_normal((2, 16, 16, 32, 32)).astype(np.float32)
    ours, theirs = nn.BatchNorm2d(16).to(np.float32), TN.BatchNorm2d(16)
    tx, tg = torch.tensor(x, requires_grad=True), torch.tensor(g)

    def forward_and_back() -> object:
        a = Tensor(x, requires_grad=True)
        ours(a).backward(g)
        return a.grad

    return Case(
        "BatchNorm2d forward and back, 16×16×32², float32",
        "torch",
        8.0,
        20,
        forward_and_back,
        lambda: torch.autograd.grad(theirs(tx), tx, tg)[0],
    )


def chain() -> Case:
    """What a step of the engine costs by itself: 1,000 sums of single numbers, and back."""
    x, tx = Tensor(1.0, requires_grad=True), torch.tensor(1.0, dtype=torch.float64, requires_grad=True)

    def ours() -> object:
        x.grad, y = None, x
        for _ in range(1000):
            y = y + x
        y.backward()
        return x.grad

    def theirs() -> object:
        y = tx
        for _ in range(1000):
            y = y + tx
        return torch.autograd.grad(y, tx)[0]

    return Case("1,000 sums of two numbers, forward and back", "torch", 5.0, 3, ours, theirs)


def second_derivative() -> Case:
    """A product of the Hessian with a vector, through two convolutions."""
    x = rng().standard_normal((4, 4, 24, 24))
    w, v = rng().standard_normal((2, 4, 4, 3, 3)) / 6
    tx, tv = torch.tensor(x), torch.tensor(v)

    def ours() -> object:
        f = lambda w: F.square(F.tanh(F.conv2d(F.tanh(F.conv2d(x, w)), w))).sum()
        return grad(lambda w: (grad(f)(w) * v).sum())(w)

    def theirs() -> object:
        tw = torch.tensor(w, requires_grad=True)
        y = TF.conv2d(TF.conv2d(tx, tw).tanh(), tw).tanh().square().sum()
        (g,) = torch.autograd.grad(y, tw, create_graph=True)
        return torch.autograd.grad((g * tv).sum(), tw)[0]

    return Case("a Hessian times a vector, two convolutions, float64", "torch", 3.0, 30, ours, theirs)


def all_cases() -> Iterator[Case]:
    for case in (lenet, mlp, encoder, batch_norm, chain, second_derivative):
        yield case()
